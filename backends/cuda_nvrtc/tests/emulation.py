"""Kernels on the CPU: the text that NVRTC would get, compiled as C++ behind `emulation.hpp`, and a driver to run it."""

from __future__ import annotations

import ctypes
import functools
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fuser_core.backend import CompileOptions, Group
from fuser_cuda_nvrtc.driver.interface import Facts
from fuser_cuda_nvrtc.kernel import Kernel

HEADER = Path(__file__).with_name("emulation.hpp")
COMPILER = next((found for name in ("c++", "g++", "clang++") if (found := shutil.which(name))), None)
_ENTRY = re.compile(r"__global__ void __launch_bounds__\([A-Z, ]+\) (\w+)\(const __grid_constant__ (\w+) p\)")
_PROCESSORS = 2
_STRICT = CompileOptions()


@functools.cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuser-cuda-emulation-"))


@functools.cache
def library(text: str, sm: int, options: CompileOptions) -> tuple[bytes, bool]:
    """Compile a module to a shared library, and return its path."""
    calls = [
        f'extern "C" void run_{name}(const void *words, unsigned gx, unsigned gy, unsigned bx, unsigned by, '
        f"unsigned shared) {{\n"
        f"    run_grid([](const void *p) {{ {name}(*(const {kind} *)p); }}, words, gx, gy, bx, by);\n}}"
        for name, kind in _ENTRY.findall(text)
    ]
    number = len(list(_folder().glob("*.cpp")))
    source = _folder() / f"{number}.cpp"
    source.write_text("\n".join([f'#include "{HEADER}"', text, *calls]))
    target = source.with_suffix(".so")
    command = [COMPILER, "-std=c++17", "-O0", "-w", "-ffp-contract=off", "-shared", "-fPIC", "-o", target, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[:3000]
    return str(target).encode(), False


class Emulator:
    """A driver whose device is this process's memory."""

    def __init__(self) -> None:
        self.launched: list[str] = []
        self.streams: list[int] = []
        self.ordered: list[tuple[int, int]] = []

    def facts(self, index: int) -> Facts:
        return Facts(90, _PROCESSORS, "an emulation")

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, _Function]:
        module = ctypes.CDLL(image.decode())
        return {name: _Function(self, module, name) for name in names}

    def allocate(self, index: int, size: int, stream: int) -> _Memory:
        return _Memory(size)

    def order(self, index: int, stream: int, other: int) -> None:
        self.ordered.append((stream, other))


class _Memory:
    def __init__(self, size: int) -> None:
        self._array = np.full(size + 16, 0xA5, np.uint8)
        self.pointer = int(self._array.ctypes.data) + 15 & ~15


class _Function:
    def __init__(self, driver: Emulator, module: ctypes.CDLL, name: str) -> None:
        self._driver, self._name = driver, name
        self._function = getattr(module, f"run_{name}")

    def bind(
        self, grid: tuple[int, int], block: tuple[int, int], head: str, words: Sequence[int]
    ) -> Callable[[Sequence[Any], int], None]:
        assert grid[0] > 0
        assert 0 < grid[1] < 65536
        assert block[0] * block[1] <= 1024

        def launch(first: Sequence[Any], stream: int) -> None:
            argument = struct.pack(f"<{head}", *first) + struct.pack(f"<{len(words)}Q", *words)
            self._driver.launched.append(self._name)
            self._driver.streams.append(stream)
            self._function(argument, *grid, *block)

        return launch


EMULATOR = Emulator()


def emulated(group: Group, options: CompileOptions = _STRICT) -> Kernel:
    """Compile a group for the emulator."""
    return Kernel(group, options, EMULATOR, library)
