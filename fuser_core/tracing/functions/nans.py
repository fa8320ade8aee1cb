"""Reductions that leave out what is not a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, refuse_complex
from fuser_core.tracing.functions.reductions import reduce
from fuser_core.tracing.functions.statistics import divided, variance
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.writing import as_item, write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


def _without_nans(trace: Trace, a: Any, instead: float) -> tuple[Any, Any]:
    """Return an array with a number in the place of each NaN, and where it has none; ``None`` if it cannot have any."""
    array = as_array(trace, a)
    if array.dtype.kind not in "fc":
        return array, None
    present = ~np.isnan(array)
    return np.where(present, array, as_item(trace, instead, array.dtype)), present


@implements("nansum")
def _nansum(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "sum", _without_nans(trace, a, 0.0)[0], axis, dtype, out, keepdims, initial, where)


@implements("nanprod")
def _nanprod(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "prod", _without_nans(trace, a, 1.0)[0], axis, dtype, out, keepdims, initial, where)


@implements("nanmin")
def _nanmin(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return write(_extremum(trace, "min", a, np.inf, axis, keepdims), out)


@implements("nanmax")
def _nanmax(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return write(_extremum(trace, "max", a, -np.inf, axis, keepdims), out)


def _extremum(trace: Trace, name: str, a: Any, last: float, axis: Any, keepdims: Any) -> Any:
    """Reduce with the number that loses against all others in the place of NaN; where there is no other, it is NaN."""
    refuse_complex([as_array(trace, a)], f"numpy.nan{name}")
    array, present = _without_nans(trace, a, last)
    found = reduce(trace, name, array, axis, keepdims=keepdims)
    if present is None:
        return found
    some = reduce(trace, "any", present, axis, keepdims=keepdims)
    chosen = np.where(some, found, as_item(trace, np.nan, found.dtype))
    return chosen[()] if found.is_scalar else chosen


@implements("nanmean")
def _nanmean(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Any:
    array, present = _without_nans(trace, a, 0.0)
    if present is None:
        return np.mean(array, axis, dtype, out, keepdims=keepdims, where=where)
    _require_inexact(dtype)
    number = np.sum(present, axis, np.intp, keepdims=keepdims, where=where)
    total = reduce(trace, "sum", array, axis, dtype, None, keepdims, None, where)
    return write(divided(total, number), out)


@implements("nanvar")
def _nanvar(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
) -> Any:
    return write(_spread(trace, a, axis, dtype, ddof, keepdims), out)


@implements("nanstd")
def _nanstd(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
) -> Any:
    spread = _spread(trace, a, axis, dtype, ddof, keepdims)
    return write(np.sqrt(spread).astype(spread.dtype, copy=False), out)


def _spread(trace: Trace, a: Any, axis: Any, dtype: Any, ddof: Any, keepdims: Any) -> Any:
    """Return the variance of what is a number; NaN where that is not more than ``ddof``."""
    array, present = _without_nans(trace, a, 0.0)
    if present is None:
        return variance(trace, array, axis, dtype, ddof, keepdims)
    _require_inexact(dtype)
    spread = variance(trace, array, axis, dtype, ddof, keepdims, where=present)
    number = np.sum(present, axis, np.intp, keepdims=keepdims)
    result = np.where(number - ddof > 0, spread, as_item(trace, np.nan, spread.dtype))
    return result[()] if spread.is_scalar else result


def _require_inexact(dtype: Any) -> None:
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError("If a is inexact, then dtype must be inexact")
