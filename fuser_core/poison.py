"""Poison: what results hold before a kernel writes them, where backends are tested.

Memory that is handed out again may hold the very result that is expected, which hides that nobody wrote it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import NumPyArrays

__all__ = ["poisoned_results", "spoil"]

Array = np.ndarray[Any, np.dtype[Any]]

_PATTERN = b"\xa5"
"""In every byte: an odd negative integer, a tiny negative float, true."""


def spoil(array: Array) -> None:
    """Fill an array with a pattern that no result is likely to be."""
    array[...] = np.frombuffer(_PATTERN * array.dtype.itemsize, array.dtype)[0]


@contextlib.contextmanager
def poisoned_results() -> Iterator[None]:
    """Have all results and intermediates that are NumPy's hold the pattern before they are written."""
    allocate = NumPyArrays.allocate

    def allocate_poisoned(
        self: NumPyArrays, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None
    ) -> Array:
        array = allocate(self, shape, dtype, order)
        spoil(array)
        return array

    NumPyArrays.allocate = allocate_poisoned  # type: ignore[method-assign]
    try:
        yield
    finally:
        NumPyArrays.allocate = allocate  # type: ignore[method-assign]
