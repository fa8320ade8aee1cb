"""Reductions: sums, products, extrema and truth over axes, with all of NumPy's options."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, is_number, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import as_item, write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["count", "masked", "reduce"]

_IDENTITIES = {"sum": 0, "prod": 1, "any": 0, "all": 1}
_JOINING = {"sum": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum}


def reduce(
    trace: Trace,
    name: str,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Record a reduction with the options of ``ufunc.reduce``.

    Args:
        trace: What is recorded.
        name: NumPy's name of the function.
        a: The array.
        axis: One or several, or ``None`` for all.
        dtype: Of the accumulator.
        out: A traced array to write into, or ``None``.
        keepdims: Whether reduced axes stay, with size 1.
        initial: A number that takes part in every result, or ``None``.
        where: Which elements take part: truth values that broadcast to the array.
    """
    if dtype is None and name in ("sum", "prod") and out is not None:
        dtype = out.dtype
    if initial is not None:
        initial = _checked_initial(trace, name, a, axis, dtype, initial)
    if where is not True:
        identity = _IDENTITIES.get(name, initial)
        if identity is None:
            raise untraceable(f"the option where= of numpy.{name} without initial=")
        a = masked(trace, a, where, identity)
    attributes: dict[str, Any] = {"axis": static_axis(axis), "keepdims": bool(keepdims)}
    if dtype is not None:
        attributes["dtype"] = np.dtype(dtype)
    (result,) = trace.apply(f"np::{name}", [a], **attributes)
    if initial is not None:
        result = _JOINING[name](result, as_item(trace, initial, result.dtype))
    return write(result, out)


def _checked_initial(trace: Trace, name: str, a: Any, axis: Any, dtype: Any, initial: Any) -> Any:
    """Return the option ``initial``, if it can be combined with the result of a reduction without it."""
    array = as_array(trace, a)
    target = np.dtype(dtype) if dtype is not None else array.dtype
    if name not in _JOINING or not is_number(initial) or (initial.__class__ is complex and target.kind != "c"):
        raise untraceable(f"the option initial= of numpy.{name} of this kind")
    if name in ("min", "max") and array.ndim and not count(array, axis) > 0:  # else there is nothing to reduce at first
        raise untraceable(f"the option initial= of numpy.{name} for an empty array")
    return initial


def masked(trace: Trace, a: Any, where: Any, identity: Any) -> Any:
    """Return an array with a number in the place of the elements that do not take part."""
    array = as_array(trace, a)
    selected = np.where(where, array, as_item(trace, identity, array.dtype))
    if selected.ndim != array.ndim or (array.ndim and not trace.same_shape(selected, array)):
        raise untraceable("the option where= of another shape than the array")
    return selected


def count(array: Any, axis: Any) -> Any:
    """Return the number of elements that fall to each result, as a traced integer."""
    sizes = [array.shape[each] for each in normal_axes(static_axis(axis), array.ndim)]
    return functools.reduce(operator.mul, sizes) if sizes else 1


@implements("sum")
def _sum(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "sum", a, axis, dtype, out, keepdims, initial, where)


@implements("prod")
def _prod(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "prod", a, axis, dtype, out, keepdims, initial, where)


@implements("min", "amin")
def _min(
    trace: Trace,
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "min", a, axis, None, out, keepdims, initial, where)


@implements("max", "amax")
def _max(
    trace: Trace,
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    return reduce(trace, "max", a, axis, None, out, keepdims, initial, where)


@implements("any")
def _any(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return reduce(trace, "any", a, axis, None, out, keepdims, None, where)


@implements("all")
def _all(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return reduce(trace, "all", a, axis, None, out, keepdims, None, where)


@implements("ptp")
def _ptp(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    high = reduce(trace, "max", a, axis, keepdims=keepdims)
    return write(high - reduce(trace, "min", a, axis, keepdims=keepdims), out)


@implements("count_nonzero")
def _count_nonzero(trace: Trace, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    if axis is None and not keepdims and not isinstance(np.count_nonzero(np.ones(1)), np.generic):
        raise untraceable("numpy.count_nonzero without axis=", "this NumPy gives a Python integer; use (x != 0).sum()")
    return np.sum(as_array(trace, a).astype(bool), axis=axis, dtype=np.intp, keepdims=keepdims)
