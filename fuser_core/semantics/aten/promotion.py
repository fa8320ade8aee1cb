"""PyTorch's promotion of dtypes, as pure functions of NumPy dtypes.

Kinds are ordered bool < integer < float < complex. Among operands of one kind, arrays with dimensions outrank 0-d
arrays, which outrank Python numbers: a lower rank decides the result only when its kind is higher.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any

import numpy as np

from fuser_core.arrays.dtypes import is_bfloat16
from fuser_core.errors import DTypeError

__all__ = ["DEFAULT_COMPLEX", "DEFAULT_FLOAT", "Rank", "floating", "kind_of", "promote_types", "result_type"]

DType = np.dtype[Any]

DEFAULT_FLOAT = np.dtype(np.float32)
DEFAULT_COMPLEX = np.dtype(np.complex64)

_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
_COMPLEX_OF: dict[int, DType] = {2: np.dtype(np.complex64), 4: np.dtype(np.complex64), 8: np.dtype(np.complex128)}


def kind_of(dtype: DType) -> str:
    """Return the kind of a dtype as NumPy has it; bfloat16 is a float too."""
    return "f" if is_bfloat16(dtype) else dtype.kind


class Rank(enum.IntEnum):
    """How strongly an operand speaks among those of its kind."""

    NUMBER = 0
    SCALAR_ARRAY = 1
    ARRAY = 2


def result_type(operands: Iterable[tuple[DType, Rank]]) -> DType:
    """Return the dtype in which PyTorch computes.

    Args:
        operands: Per operand its dtype and rank; a Python number comes with the dtype of its type (bool, int64,
            float64 or complex128).

    Raises:
        DTypeError: PyTorch has no common dtype for these.
    """
    of_rank: dict[Rank, DType] = {}
    for dtype, rank in operands:
        own = _of_number(dtype) if rank is Rank.NUMBER else dtype
        of_rank[rank] = promote_types(of_rank[rank], own) if rank in of_rank else own
    first, *lower = (of_rank[rank] for rank in sorted(of_rank, reverse=True))
    for dtype in lower:
        first = _combine(first, dtype)
    return first


def promote_types(left: DType, right: DType) -> DType:
    """Return the common dtype of two arrays of the same rank.

    Raises:
        DTypeError: PyTorch has no common dtype for these.
    """
    left, right = left.newbyteorder("="), right.newbyteorder("=")
    if left == right:
        return left
    high, low = (left, right) if _kind(left) >= _kind(right) else (right, left)
    wide_unsigned = any(kind_of(dtype) == "u" and dtype.itemsize > 1 for dtype in (left, right))
    if wide_unsigned and kind_of(high) != "f":
        raise DTypeError(f"PyTorch does not promote {left} and {right} to a common dtype; cast one of them")
    if _kind(low) == 0 or (_kind(high) >= 2 and _kind(low) == 1):
        return high
    return np.promote_types(high, low)


def floating(dtype: DType) -> DType:
    """Return the dtype in which a function of floats is computed: integers become the default float."""
    return dtype if _kind(dtype) >= 2 else DEFAULT_FLOAT


def _combine(higher: DType, lower: DType) -> DType:
    """Let operands of a lower rank raise the kind of those of a higher one, and nothing else."""
    if _kind(higher) >= _kind(lower):
        return higher.newbyteorder("=")
    if kind_of(higher) == "f":
        return _COMPLEX_OF[higher.itemsize]
    return lower if kind_of(lower) == "c" else promote_types(higher, lower)


def _of_number(dtype: DType) -> DType:
    if kind_of(dtype) == "f":
        return DEFAULT_FLOAT
    return DEFAULT_COMPLEX if kind_of(dtype) == "c" else dtype


def _kind(dtype: DType) -> int:
    try:
        return _KINDS[kind_of(dtype)]
    except KeyError:
        raise DTypeError(f"{dtype} has no counterpart in PyTorch's promotion rules; cast it first") from None
