"""Scratch memory of the thread that launches."""

from __future__ import annotations

import threading

import numpy as np

__all__ = ["scratch_address"]

_ALIGNMENT = 64


class _Scratch(threading.local):
    """Memory of one thread that grows with the greatest demand."""

    def __init__(self) -> None:
        self.memory = np.empty(0, np.uint8)
        self.address = 0
        self.size = 0

    def grow(self, size: int) -> None:
        self.memory = np.empty(size + _ALIGNMENT, np.uint8)
        self.address = -(-self.memory.ctypes.data // _ALIGNMENT) * _ALIGNMENT
        self.size = size


_scratch = _Scratch()


def scratch_address(size: int) -> int:
    """Address of ``size`` bytes, aligned to 64, that belong to the calling thread until its next call of this."""
    if _scratch.size < size:
        _scratch.grow(size)
    return _scratch.address
