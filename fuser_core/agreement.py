"""Agreement: whether a result is what it must be, to the bit, or as near as disturbed evaluations say it can be.

Elements on which all evaluations agree must be equal to the bit (NaN equals NaN, 0.0 and -0.0 differ). Where they
spread, a result may lie 4 times as far from the expected one as any of them, since few signs of many errors were
tried. Where they differ in kind (a NaN, an infinity, a truth value), any result will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["MARGIN", "differences"]

MARGIN = 4
"""How much farther than the spread of the disturbed evaluations a result may lie."""

Array = np.ndarray[Any, np.dtype[Any]]


def differences(found: Array, wanted: Array, others: Sequence[Array] = ()) -> Array:
    """Return, per element, whether a result is not what it must be.

    Args:
        found: The result.
        wanted: What it should be, of the same dtype and shape.
        others: What disturbed evaluations gave; none where every operation is exact.
    """
    wrong = ~_same(found, wanted)
    return wrong & ~_tolerated(found, wanted, others) if others and wrong.any() else wrong


def _tolerated(found: Array, wanted: Array, others: Sequence[Array]) -> Array:
    spread = ~np.logical_and.reduce([_same(other, wanted) for other in others])
    if wanted.dtype.kind not in "fc":
        return np.asarray(spread)
    with np.errstate(all="ignore"):
        finite = np.logical_and.reduce([np.isfinite(other) for other in (*others, wanted)])
        distance = np.maximum.reduce([_distance(other, wanted) for other in others])
        near = _distance(found, wanted) <= MARGIN * distance
    return np.asarray(spread & (~finite | near))


def _same(left: Array, right: Array) -> Array:
    """Say, per element, whether two arrays are equal to the bit; all NaNs are equal."""
    if left.dtype.kind == "c":
        return _same(left.real, right.real) & _same(left.imag, right.imag)
    if left.dtype.kind != "f":
        return np.asarray(left == right)
    signs = np.signbit(left) == np.signbit(right)
    return np.asarray(((left == right) & signs) | (np.isnan(left) & np.isnan(right)))


def _distance(left: Array, right: Array) -> Any:
    wide = np.clongdouble if left.dtype.kind == "c" else np.longdouble
    return np.abs(left.astype(wide) - right.astype(wide))
