"""Addresses: where the elements of a NumPy array begin, read from the array's own head.

``array.ctypes.data`` makes three objects on the way to this number, which takes as long as a small kernel.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["address"]

Array = np.ndarray[Any, np.dtype[Any]]

_HEAD = object.__basicsize__
"""Bytes of what every object begins with; the first field of an array's own is its address (NumPy's C-API)."""


def _asked(array: Array) -> int:
    return int(array.ctypes.data)


def _read(array: Array) -> int:
    return ctypes.c_size_t.from_address(id(array) + _HEAD).value


def _quickest() -> Callable[[Array], int]:
    """Return the reading where it gives what NumPy says, else the asking."""
    probe = np.arange(9.0)
    trusted = sys.implementation.name == "cpython" and all(_read(each) == _asked(each) for each in (probe, probe[3:]))
    return _read if trusted else _asked


address: Callable[[Array], int] = _quickest()
"""Return the address of an array's first element."""
