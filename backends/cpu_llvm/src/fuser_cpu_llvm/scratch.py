"""Aligned memory, and scratch memory of the thread that launches."""

from __future__ import annotations

import threading

import numpy as np

__all__ = ["aligned_memory", "scratch_address"]

_ALIGNMENT = 64


def aligned_memory(size: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint8]], int]:
    """Return memory of zeros, and the address of ``size`` bytes in it, aligned to 64."""
    memory = np.zeros(size + _ALIGNMENT, np.uint8)
    return memory, -(-memory.ctypes.data // _ALIGNMENT) * _ALIGNMENT


class _Scratch(threading.local):
    """Memory of one thread that grows with the greatest demand."""

    def __init__(self) -> None:
        self.grow(0)

    def grow(self, size: int) -> None:
        self.memory, self.address = aligned_memory(size)
        self.size = size


_scratch = _Scratch()


def scratch_address(size: int) -> int:
    """Address of ``size`` bytes, aligned to 64, that belong to the calling thread until its next call of this."""
    if _scratch.size < size:
        _scratch.grow(size)
    return _scratch.address
