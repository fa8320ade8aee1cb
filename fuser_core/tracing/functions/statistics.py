"""Means and spreads, as NumPy defines them: a variance is the mean of the squared distance from the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, is_number, normal_axes, static_axis
from fuser_core.tracing.functions.reductions import count
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["divided", "variance"]


@implements("mean")
def _mean(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Any:
    if where is True and (dtype is None or np.dtype(dtype).kind in "fc"):
        attributes: dict[str, Any] = {} if dtype is None else {"dtype": np.dtype(dtype)}
        attributes |= {"axis": static_axis(axis), "keepdims": bool(keepdims)}
        return write(trace.apply("np::mean", [a], **attributes)[0], out)
    array = as_array(trace, a)
    accumulator = dtype or _accumulator(array.dtype, half=np.float32)
    total = np.sum(array, axis, accumulator, keepdims=keepdims, where=where)
    mean = divided(total, _taking_part(array, axis, keepdims, where))
    return write(mean.astype(array.dtype) if dtype is None and array.dtype == np.float16 else mean, out)


@implements("var")
def _var(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    return write(variance(trace, a, axis, dtype, _degrees(ddof, correction), keepdims, where, mean), out)


@implements("std")
def _std(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    squared = variance(trace, a, axis, dtype, _degrees(ddof, correction), keepdims, where, mean)
    return write(np.sqrt(squared).astype(squared.dtype, copy=False), out)


def _degrees(ddof: Any, correction: Any) -> Any:
    if correction is None:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


def variance(
    trace: Trace, a: Any, axis: Any, dtype: Any, ddof: Any, keepdims: Any, where: Any = True, mean: Any = None
) -> Any:
    """Return the mean squared distance from the mean; options as those of `numpy.var`."""
    array = as_array(trace, a)
    ddof = ddof.item() if isinstance(ddof, np.generic) else ddof
    whole = where is True and mean is None and is_number(ddof) and isinstance(ddof, int | float)
    if whole and (dtype is None or (np.dtype(dtype).kind == "f" and array.dtype.kind != "c")):
        attributes: dict[str, Any] = {} if dtype is None else {"dtype": np.dtype(dtype)}
        attributes |= {"axis": static_axis(axis), "keepdims": bool(keepdims)}
        return trace.apply("np::var", [array, ddof], **attributes)[0]
    accumulator = dtype or _accumulator(array.dtype, half=None)
    number = _taking_part(array, axis, keepdims=True, where=where)
    if mean is None:
        mean = divided(np.sum(array, axis, accumulator, keepdims=True, where=where), number)
    distance = array - mean
    squares = np.square(distance) if distance.dtype.kind != "c" else np.square(distance.real) + np.square(distance.imag)
    total = np.sum(squares, axis, _real(accumulator), keepdims=keepdims, where=where)
    rest = _taking_part(array, axis, keepdims, where) - ddof
    if is_number(rest):
        return divided(total, max(0, rest))
    return divided(total, np.maximum(rest, 0))


def _real(dtype: Any) -> Any:
    """Return the dtype in which real numbers are summed where complex ones are in ``dtype``."""
    if dtype is not None and np.dtype(dtype).kind == "c":
        raise untraceable("a variance with a complex dtype=")
    return dtype


def _accumulator(dtype: np.dtype[Any], half: Any) -> Any:
    """Return the dtype in which NumPy sums, where it is not the array's own."""
    if dtype.kind in "biu":
        return np.float64
    return half if dtype == np.float16 else None


def _taking_part(array: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Return how many elements take part in each result: a traced integer, or an array of integers."""
    if where is True:
        return count(array, axis)
    return np.sum(np.full_like(array, where, dtype=bool), axis, np.intp, keepdims=keepdims)


def divided(total: Any, number: Any) -> Any:
    """Return a quotient in the dtype of the dividend, whatever that is."""
    return np.true_divide(total, number).astype(total.dtype, copy=False)


@implements("average")
def _average(
    trace: Trace, a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Any:
    array = as_array(trace, a)
    if weights is None:
        mean = np.mean(array, axis, keepdims=keepdims)
        if not mean.size > 0:
            raise ZeroDivisionError("division by zero: numpy.average of an empty array")
        if not returned:
            return mean
        total = np.full_like(mean, count(array, axis))
        return mean, total if mean.ndim else total[()]
    weight = _spread(trace, as_array(trace, weights), array, axis)
    attributes = {"axis": static_axis(axis), "keepdims": bool(keepdims)}
    mean, total = trace.apply("np::average", [array, weight], outputs=2, **attributes)
    return (mean, total) if returned else mean


def _spread(trace: Trace, weights: Any, array: Any, axis: Any) -> Any:
    """Return weights that broadcast to the array: its own shape, or one weight for each index along an axis."""
    if weights.ndim == array.ndim and (not array.ndim or trace.same_shape(weights, array)):
        return weights
    axes = () if axis is None else normal_axes(static_axis(axis), array.ndim)
    if len(axes) != 1 or weights.ndim != 1 or not weights.shape[0] == array.shape[axes[0]]:
        raise untraceable("numpy.average with weights of this shape")
    return weights[tuple(slice(None) if each == axes[0] else None for each in range(array.ndim))]
