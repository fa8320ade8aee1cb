"""Which elements are close, infinite or not a number, and numbers in the place of those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, is_number, refuse_complex
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("isposinf")
def _isposinf(trace: Trace, x: Any, out: Any = None) -> Any:
    return write(np.logical_and(np.isinf(x), ~np.signbit(x)), out)


@implements("isneginf")
def _isneginf(trace: Trace, x: Any, out: Any = None) -> Any:
    return write(np.logical_and(np.isinf(x), np.signbit(x)), out)


@implements("isclose")
def _isclose(trace: Trace, a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Any:
    x, y, margin, factor = (item if is_number(item) else as_array(trace, item) for item in (a, b, atol, rtol))
    if not is_number(y):
        y = y.astype(np.result_type(y.dtype, 1.0), copy=False)
    elif y.__class__ in (bool, int):
        y = y * 1.0
    result = np.less_equal(abs(x - y), margin + factor * abs(y)) & np.isfinite(y) | (x == y)
    return result | (np.isnan(x) & np.isnan(y)) if equal_nan else result


@implements("nan_to_num")
def _nan_to_num(trace: Trace, x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    array = as_array(trace, x)
    refuse_complex([array], "numpy.nan_to_num")
    if not copy and not isinstance(x, np.ndarray):
        np.nan_to_num(1.0, copy=False)  # raises what NumPy raises
    if array.dtype.kind != "f":
        result = array.copy() if copy else array
        return result[()] if array.ndim == 0 else result
    limits = np.finfo(array.dtype)
    result = array
    for mask, value, usual in (
        (np.isnan(array), nan, 0.0),
        (np.isposinf(array), posinf, limits.max),
        (np.isneginf(array), neginf, limits.min),
    ):
        result = np.where(mask, _replacement(value, usual, array.dtype), result)
    if not copy:
        return write(result, x)
    result = result.astype(array.dtype, copy=False)  # in its byte order
    return result[()] if array.ndim == 0 else result


def _replacement(value: Any, usual: Any, dtype: np.dtype[Any]) -> Any:
    """Return what takes the place of some elements: a number, in their dtype."""
    number = usual if value is None else value
    if np.ndim(number) != 0 or not np.can_cast(np.result_type(number, dtype), dtype, "same_kind"):
        raise untraceable("numpy.nan_to_num with values that are no real numbers")
    return number if is_number(number) else number.astype(dtype)
