"""Functions along one axis in terms of others: differences and trapezoids are slices, and NaN counts as nothing."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.library import call
from fuser_core.tracing.functions.operands import as_array, normal_axes
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("diff")
def _diff(trace: Trace, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    times = operator.index(n)
    if times == 0:
        return a
    if times < 0:
        raise ValueError(f"order must be non-negative but got {times}")
    array = as_array(trace, a)
    if array.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    (along,) = normal_axes(operator.index(axis), array.ndim)
    before, behind = (_end(trace, end, array, along) for end in (prepend, append))
    if before or behind:
        array = np.concatenate([*before, array, *behind], along)
    subtract = np.not_equal if array.dtype == np.bool_ else np.subtract
    full = (slice(None),) * along
    for _ in range(times):
        array = subtract(array[(*full, slice(1, None))], array[(*full, slice(None, -1))])
    return array


def _end(trace: Trace, end: Any, array: Any, axis: int) -> list[Any]:
    """Return what is put before or behind an array, if anything: a number is repeated across it."""
    if end is None:
        return []
    operand = as_array(trace, end)
    if operand.ndim:
        return [operand]
    return [np.broadcast_to(operand, tuple(1 if each == axis else size for each, size in enumerate(array.shape)))]


@implements("trapezoid")
def _trapezoid(trace: Trace, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    array = as_array(trace, y)
    (along,) = normal_axes(operator.index(axis), array.ndim)
    if x is not None:
        places = as_array(trace, x)
        dx = np.diff(places, axis=0 if places.ndim == 1 else axis)
        if places.ndim == 1:
            dx = dx[tuple(slice(None) if each == along else None for each in range(array.ndim))]
    full = (slice(None),) * along
    parts = dx * (array[(*full, slice(1, None))] + array[(*full, slice(None, -1))]) / 2.0
    return parts.sum(axis)


@implements("nancumsum")
def _nancumsum(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(_filled(trace, a, 0), axis, dtype, out)


@implements("nancumprod")
def _nancumprod(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(_filled(trace, a, 1), axis, dtype, out)


def _filled(trace: Trace, a: Any, number: int) -> Any:
    """Return an array with a number in the place of each NaN."""
    array = as_array(trace, a)
    return array if array.dtype.kind not in "fc" else np.where(np.isnan(array), array.dtype.type(number), array)


@implements("lexsort")
def _lexsort(trace: Trace, keys: Any, axis: Any = -1) -> Any:
    return call(trace, "lexsort", keys=keys, axis=axis)
