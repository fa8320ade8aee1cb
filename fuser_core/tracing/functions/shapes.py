"""Other shapes for the elements of an array: axes of size 1 that come or go, and axes joined or split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.axes import NewAxis
from fuser_core.plan import Concat, Elementwise, Reduce, View
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.functions.operands import as_array, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.indices import is_whole
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("expand_dims")
def _expand_dims(trace: Trace, a: Any, axis: Any) -> Any:
    array = as_array(trace, a)
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    rank = array.ndim + len(axes)
    new = normal_axes(static_axis(axes), rank)
    return array[(*[None if position in new else slice(None) for position in range(rank)], ...)]


@implements("squeeze")
def _squeeze(trace: Trace, a: Any, axis: Any = None) -> Any:
    array = as_array(trace, a)
    asked = normal_axes(static_axis(axis), array.ndim)
    dropped = [each for each in asked if trace.is_one(array, each)]
    if axis is not None and len(dropped) < len(asked):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    if not dropped:
        return array
    return array[(*[0 if each in dropped else slice(None) for each in range(array.ndim)], ...)]


@implements("reshape")
def _reshape(
    trace: Trace, a: Any, shape: Any = None, order: Any = "C", *, newshape: Any = None, copy: Any = None
) -> Any:
    array = as_array(trace, a)
    wanted = newshape if shape is None else shape
    several = isinstance(wanted, tuple | list) or type(wanted) is np.ndarray
    sizes = [trace.as_size(size) for size in (wanted if several else (wanted,))]
    if not sizes and isinstance(array, np.generic):
        return array  # as it is a scalar
    if _is_by_columns("reshape", order):
        return _reshaped(trace, array.T, sizes[::-1], copy).T
    return _reshaped(trace, array, sizes, copy)


def _reshaped(trace: Trace, array: Any, sizes: Sequence[Any], copy: Any = None) -> Any:
    """Return an array in another shape, its elements in C order, and note with whom it may share memory."""
    if copy:
        array = _reshaped(trace, array, [-1]).copy()
    (result,) = trace.apply("np::reshape", [array, *sizes])
    made_by = trace.maker(result)
    index = _index_of(made_by) if isinstance(made_by, View) else None
    if index is None and copy is not None and not copy:
        raise untraceable("numpy.reshape with copy=False", "whether it needs a copy depends on memory; leave it out")
    if not isinstance(array, ArrayTracer):
        return result
    if index is None or None in index:
        return array.alias(result)
    return array if array.writeable and is_whole(index, array.ndim) else array.share(result, index)


def _index_of(view: View) -> tuple[Any, ...]:
    """Return the index of a view that drops and inserts axes of size 1."""
    index: list[Any] = []
    reached = 0
    for axis in view.axes:
        if isinstance(axis, NewAxis):
            index.append(None)
        else:
            index += [*[0] * (axis.axis - reached), slice(None)]
            reached = axis.axis + 1
    return (*index, *[0] * (len(view.indices) - reached), Ellipsis)


def _is_by_columns(name: str, order: Any) -> bool:
    """Say whether elements are taken in Fortran's order; C's is the only other one that does not depend on memory."""
    if order not in ("C", "F"):
        raise untraceable(
            f"the option order={order!r} of numpy.{name}", "what it does depends on memory; use 'C' or 'F'"
        )
    return bool(order == "F")


@implements("ravel")
def _ravel(trace: Trace, a: Any, order: Any = "C") -> Any:
    array = as_array(trace, a)
    if _is_by_columns("ravel", order):
        array = array.T
    if array.ndim == 0 or isinstance(trace.maker(array), Elementwise | Reduce | Concat):
        return _reshaped(trace, array, [-1])  # in memory of its own, without gaps
    return array.alias(trace.apply("np::ravel", [array])[0])


@implements("atleast_1d")
def _atleast_1d(trace: Trace, *arys: Any) -> Any:
    return _each(trace, arys, {0: (None,)})


@implements("atleast_2d")
def _atleast_2d(trace: Trace, *arys: Any) -> Any:
    return _each(trace, arys, {0: (None, None), 1: (None, slice(None))})


@implements("atleast_3d")
def _atleast_3d(trace: Trace, *arys: Any) -> Any:
    full = slice(None)
    return _each(trace, arys, {0: (None,) * 3, 1: (None, full, None), 2: (full, full, None)})


def _each(trace: Trace, arrays: Sequence[Any], indices: dict[int, tuple[Any, ...]]) -> Any:
    """Return every array with the index that its rank needs, or as it is."""
    results = [as_array(trace, array) for array in arrays]
    results = [array[indices[array.ndim]] if array.ndim in indices else array for array in results]
    return results[0] if len(results) == 1 else tuple(results)
