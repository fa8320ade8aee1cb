"""Sample arrays: every dtype's awkward values, and every memory layout that an array can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["DTYPES", "FAMILIES", "LAYOUTS", "arrange", "mixture", "specials"]

Array = np.ndarray[Any, np.dtype[Any]]
DType = np.dtype[Any]

DTYPES: tuple[DType, ...] = tuple(map(np.dtype, "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()))
"""Every dtype of the contract: what every part of the kit tries."""
FAMILIES: tuple[tuple[DType, ...], ...] = (
    tuple(dtype for dtype in DTYPES if dtype.kind != "c" and dtype != np.float16),
    tuple(map(np.dtype, "f2 f4 ? i1 u1 i8".split())),
    tuple(map(np.dtype, "c16 f8 i8 u1 c8 f4 ?".split())),
)
"""Dtypes that meet in one program, the commonest first: of all together, most results would be complex128."""


def specials(dtype: DType) -> Array:
    """Return the values of a dtype at which functions go wrong, as a 1-d array."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        near = [0, 1, 2, 3, 7, 8, info.bits - 1, info.bits, info.max // 2, info.max - 1, info.max]
        return np.array([*near, *([info.min, info.min + 1, -1, -2, -3, -7] if dtype.kind == "i" else [])], dtype)
    if dtype.kind == "c":
        limits = np.finfo(dtype)
        edges = [limits.smallest_subnormal, limits.max, np.inf, -np.inf, np.nan]
        parts = [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -100.0, 1e-10, *map(float, edges)]
        return np.array([complex(real, imag) for real in parts for imag in parts], dtype)
    limits = np.finfo(dtype)
    positive = [0.0, 0.1, 1 / 3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, np.pi, 10.0, 127.0, 128.0, 255.5]
    if dtype.itemsize > 2:
        positive += [65536.0, 2.0**24 + 1, 2.0**31, 2.0**32, 2.0**63, 2.0**64, 1e30]
    # Bounds of exp in float32 and float64 lie between the next ones.
    positive += [16.6, 88.0, 89.0, 104.0, 709.0, 710.0, 746.0]
    edges = [limits.eps, 1 + limits.eps, 1 - limits.epsneg, limits.tiny, limits.smallest_subnormal, limits.max, np.inf]
    magnitudes = np.array([*positive, *map(float, edges)], dtype)
    return np.concatenate([magnitudes, -magnitudes, np.array([np.nan], dtype)])


def mixture(dtype: DType, shape: tuple[int, ...], seed: int, special: float = 0.2) -> Array:
    """Return an array of ordinary values with special ones strewn in.

    Args:
        dtype: Of the elements.
        shape: Of the array.
        seed: Equal seeds give equal arrays.
        special: How many of the values are special ones, from 0 to 1.
    """
    rng = np.random.default_rng(seed)
    odd = rng.choice(specials(dtype), shape)
    match dtype.kind:
        case "b":
            return np.asarray(odd)
        case "i" | "u":
            plain = rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype)
        case "c":
            plain = (rng.normal(0, 4, shape) + 1j * rng.normal(0, 4, shape)).astype(dtype)
        case _:
            plain = rng.normal(0, 4, shape).astype(dtype)
    return np.where(rng.random(shape) < special, odd, plain)


def _strided(array: Array) -> Array:
    wide = np.zeros([2 * size for size in array.shape], array.dtype)
    view = _index(wide, slice(1, None, 2))
    view[...] = array
    return view


def _reversed(array: Array) -> Array:
    return _index(_index(array, slice(None, None, -1)).copy(), slice(None, None, -1))


def _index(array: Array, part: slice) -> Array:
    """Return the part along every axis; of a 0-d array a view."""
    index: tuple[Any, ...] = (*[part] * array.ndim, ...)
    view: Array = array[index]
    return view


def _transposed(array: Array) -> Array:
    order = np.roll(np.arange(array.ndim), 1)
    return array.transpose(order).copy().transpose(np.argsort(order))


def _repeated(array: Array) -> Array:
    """Return an array that repeats its first element along the first axis: its stride is 0."""
    return np.broadcast_to(array[:1], array.shape) if array.ndim and array.size else array


def _unaligned(array: Array) -> Array:
    room = np.zeros(array.nbytes + 1, np.uint8)
    view = room[1:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def _readonly(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _swapped(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder())


LAYOUTS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "C": lambda array: np.array(array, order="C"),
        "F": lambda array: np.array(array, order="F"),
        "transposed": _transposed,
        "strided": _strided,
        "reversed": _reversed,
        "repeated": _repeated,
        "unaligned": _unaligned,
        "readonly": _readonly,
        "byteswapped": _swapped,
    }
)
"""How an array can lie in memory: functions that return an equal array, ``repeated`` one of the same shape, so laid."""


def arrange(array: Array, layout: str) -> Array:
    """Return the array in one of the `LAYOUTS`."""
    return LAYOUTS[layout](array)
