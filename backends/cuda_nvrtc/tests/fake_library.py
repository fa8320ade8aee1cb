"""A library in the place of the driver's, made of ``fake_driver.cpp``."""

from __future__ import annotations

import contextlib
import ctypes
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import emulation
from fuser_cuda_nvrtc.driver import launching


@contextlib.contextmanager
def fake(monkeypatch: Any, folder: Path) -> Iterator[ctypes.CDLL]:
    """Make the library, and have it loaded for the driver's inside a block."""
    target = folder / "libfake.so"
    source = emulation.HEADER.with_name("fake_driver.cpp")
    subprocess.run([emulation.COMPILER, "-shared", "-fPIC", "-o", target, source], check=True)  # noqa: S603
    monkeypatch.setattr(launching, "LIBRARY", str(target))
    launching._api.cache_clear()
    yield ctypes.CDLL(str(target))
    launching._api.cache_clear()


def value(library: ctypes.CDLL, name: str) -> int:
    """Return a number that the library keeps."""
    return ctypes.c_int.in_dll(library, name).value


def put(library: ctypes.CDLL, name: str, number: int) -> None:
    """Change a number that the library keeps."""
    ctypes.c_int.in_dll(library, name).value = number
