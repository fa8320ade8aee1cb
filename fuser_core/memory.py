"""Recycled memory: large results live where earlier ones, that nobody holds any more, have lived.

The system hands out large memory page by page at the first touch, which takes longer than most kernels; a block that
was written before has its pages. Whoever holds a result, or any view of it, holds its block; a block that only this
module holds is free. Blocks are aligned to cache lines, which lets kernels write past the cache.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.forks import in_child

__all__ = ["LARGE", "empty"]

Array = np.ndarray[Any, np.dtype[Any]]

LARGE = 1 << 20
"""Bytes from which on memory is recycled; for less the system's own allocator does it."""

_ALIGNMENT = 64
_MOST_IDLE = 8
"""A block is given back to the system when so many large results were made without it."""

_MOST_SHARE = 16
"""At most one part in so many of the machine's memory is kept."""


class _Block:
    """Memory for one large result at a time."""

    __slots__ = ("idle", "memory")

    def __init__(self, size: int) -> None:
        self.memory: Array = np.empty(size, np.uint8)
        self.idle = 0

    def holders(self) -> int:
        """Return how many references to the memory there are, those of this very call included."""
        return sys.getrefcount(self.memory)

    def is_free(self) -> bool:
        """Say whether no array looks at the memory."""
        return self.holders() <= _FREE


_FREE = _Block(1).holders()
"""References to a block that nobody uses, counted as `_Block.holders` counts them."""


class _Recycler:
    """The blocks of this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: list[_Block] = []
        self._lock = threading.Lock()

    def take(self, size: int) -> Array:
        """Return memory of at least ``size`` bytes, which stays its holder's until the last array on it is gone."""
        with self._lock:
            found = self._find(size)
            for block in self._blocks:
                block.idle += 1
            self._blocks = [block for block in self._blocks if block.idle <= _MOST_IDLE or not block.is_free()]
            if found is None:
                found = _Block(size)
                if size + sum(block.memory.nbytes for block in self._blocks) <= self._most:
                    self._blocks.append(found)
            found.idle = 0
            return found.memory

    def _find(self, size: int) -> _Block | None:
        for block in self._blocks:
            if size <= block.memory.nbytes <= size + size // 4 and block.is_free():
                return block
        return None


def _limit() -> int:
    """Return how many bytes may be kept; none where counts of references do not tell who holds an array."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)() or not hasattr(os, "sysconf"):
        return 0
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MOST_SHARE
    except (OSError, ValueError):
        return 0


_recycler = _Recycler(_limit())


def empty(shape: Sequence[int], dtype: np.dtype[Any]) -> Array:
    """Return an uninitialised array in C order, as `numpy.empty` does, on recycled memory if it is large."""
    size = math.prod(shape) * dtype.itemsize
    if size < LARGE:
        return np.empty(shape, dtype)
    memory = _recycler.take(size + _ALIGNMENT)
    return np.ndarray(shape, dtype, memory, -memory.ctypes.data % _ALIGNMENT)


@in_child
def _forget() -> None:
    global _recycler  # noqa: PLW0603 - one per process is the point
    _recycler = _Recycler(_limit())
