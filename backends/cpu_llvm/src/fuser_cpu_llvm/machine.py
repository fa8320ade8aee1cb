"""Machine code by what it is made from: out of the disk cache, or assembled now and put there."""

from __future__ import annotations

import functools
import itertools
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fuser_core.disk_cache import digest, disk_cache
from fuser_cpu_llvm.image import Image
from fuser_cpu_llvm.objects import UnmappableError

if TYPE_CHECKING:
    from fuser_cpu_llvm.jit import Linked

__all__ = ["Machine", "processor"]


class Machine:
    """The functions of one module. While one of them may run, keep the object.

    Attributes:
        from_disk: Whether the code was in the cache.
    """

    def __init__(self, source: str, text: Callable[[], str], names: Sequence[str]) -> None:
        """Find the code or make it.

        Args:
            source: Says all that the module depends on, but for the processor and for versions.
            text: Writes the module's IR.
            names: The functions whose addresses will be asked for.
        """
        cache = disk_cache()
        name = "" if cache is None else digest(_makers(), processor(), source)
        code = None if cache is None else cache.load(name)
        self.from_disk = code is not None
        if code is None:
            from fuser_cpu_llvm.jit import assemble  # and LLVM with it

            code = assemble(text())
            if cache is not None:
                cache.store(name, code)
        self._loaded = _load(code, names)

    def address(self, name: str) -> int:
        """Return the address of a function."""
        return self._loaded.address(name)


def _load(code: bytes, names: Sequence[str]) -> Image | Linked:
    try:
        return Image(code)
    except UnmappableError:
        from fuser_cpu_llvm.jit import Linked

        return Linked(code, names)


@functools.cache
def _makers() -> str:
    """Return a digest of what decides what code a source becomes: this package, LLVM, and NumPy, which is asked."""
    import llvmlite  # without its bindings

    files = sorted(_files(Path(__file__).parent))
    return digest(llvmlite.__version__, np.__version__, *[Path(path).read_bytes() for path in files])


def _files(folder: Path | str) -> Iterator[str]:
    """Yield the package's files of text; plainly, since every process comes here."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".ll")):
                yield entry.path
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files(entry.path)


@functools.cache
def processor() -> str:
    """Return what tells this processor from others for which code would be assembled differently."""
    facts = [platform.system(), platform.machine()]
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            lines = list(itertools.takewhile(str.strip, file))  # the first of many alike, each of which takes a while
    except OSError:
        return " ".join([*facts, platform.processor()])
    wanted = ("vendor_id", "cpu family", "model", "model name", "flags", "CPU implementer", "CPU part", "Features")
    found = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines if ":" in line}
    return " ".join([*facts, *[found.get(key, "") for key in wanted]])
