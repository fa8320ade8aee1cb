"""Rounding to decimals and towards zero."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, refuse_complex
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("round", "around")
def _round(trace: Trace, a: Any, decimals: Any = 0, out: Any = None) -> Any:
    """Round to an integer after shifting the decimal point, and shift it back, as NumPy does."""
    array = as_array(trace, a)
    digits = operator.index(decimals)
    if array.dtype.kind == "b" and digits != 0:
        np.round(np.ones(1, bool), digits)  # raises what NumPy raises
    if array.dtype.kind in "iu" and digits >= 0:
        return write(_unchanged(array), out)
    if digits == 0:
        return write(np.rint(array), out)
    refuse_complex([array], "numpy.round")
    scale = math.prod([10.0] * abs(digits))  # rounded after each factor
    shift, back = (np.multiply, np.true_divide) if digits > 0 else (np.true_divide, np.multiply)
    rounded = back(np.rint(shift(array, scale)), scale)
    return write(rounded.astype(array.dtype), out)


def _unchanged(array: Any) -> Any:
    """Return integers rounded to integers: a copy, or in older versions of NumPy the array itself."""
    integers = np.ones(1, int)
    if array.ndim and np.round(integers) is integers:
        return array
    copied = array.copy()
    return copied[()] if array.ndim == 0 else copied


@implements("fix")
def _fix(trace: Trace, x: Any, out: Any = None) -> Any:
    return write(np.trunc(x), out)
