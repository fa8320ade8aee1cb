"""Views that turn an array: its axes in another order or direction."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("transpose", "permute_dims")
def _transpose(trace: Trace, a: Any, axes: Any = None) -> Any:
    order = None if axes is None else tuple(map(operator.index, axes))
    array = as_array(trace, a)
    return array.share(trace.apply("np::transpose", [array], axes=order)[0])


@implements("matrix_transpose", "linalg.matrix_transpose")
def _matrix_transpose(trace: Trace, x: Any) -> Any:
    if x.ndim < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {x.ndim}")
    return _swapaxes(trace, x, -1, -2)


@implements("swapaxes")
def _swapaxes(trace: Trace, a: Any, axis1: Any, axis2: Any) -> Any:
    array = as_array(trace, a)
    order = list(range(array.ndim))
    first, second = (normal_axes(operator.index(axis), array.ndim)[0] for axis in (axis1, axis2))
    order[first], order[second] = order[second], order[first]
    return _transpose(trace, array, order)


@implements("moveaxis")
def _moveaxis(trace: Trace, a: Any, source: Any, destination: Any) -> Any:
    array = as_array(trace, a)
    sources, destinations = (normal_axes(static_axis(axes), array.ndim) for axes in (source, destination))
    if len(sources) != len(destinations):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [axis for axis in range(array.ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return _transpose(trace, array, order)


@implements("rollaxis")
def _rollaxis(trace: Trace, a: Any, axis: Any, start: Any = 0) -> Any:
    array = as_array(trace, a)
    (moved,) = normal_axes(operator.index(axis), array.ndim)
    before = operator.index(start)
    before += array.ndim if before < 0 else 0
    if not 0 <= before <= array.ndim:
        raise np.exceptions.AxisError(
            f"'start' arg requires {-array.ndim} <= start < {array.ndim + 1}, but {before} was passed in"
        )
    return _moveaxis(trace, array, moved, before - (moved < before))


@implements("flip")
def _flip(trace: Trace, m: Any, axis: Any = None) -> Any:
    array = as_array(trace, m)
    axes = normal_axes(static_axis(axis), array.ndim)
    return array[tuple(slice(None, None, -1 if each in axes else None) for each in range(array.ndim))]


@implements("fliplr")
def _fliplr(trace: Trace, m: Any) -> Any:
    _require_rank(m, 2)
    return m[:, ::-1]


@implements("flipud")
def _flipud(trace: Trace, m: Any) -> Any:
    _require_rank(m, 1)
    return m[::-1, ...]


@implements("rot90")
def _rot90(trace: Trace, m: Any, k: Any = 1, axes: Sequence[Any] = (0, 1)) -> Any:
    array = as_array(trace, m)
    plane = tuple(map(operator.index, axes))
    if len(plane) != 2:
        raise ValueError("len(axes) must be 2.")
    if plane[0] == plane[1] or abs(plane[0] - plane[1]) == array.ndim:
        raise ValueError("Axes must be different.")
    if any(not -array.ndim <= axis < array.ndim for axis in plane):
        raise ValueError(f"Axes={plane} out of range for array of ndim={array.ndim}.")
    match operator.index(k) % 4:
        case 0:
            return array[:]
        case 1:
            return _swapaxes(trace, _flip(trace, array, plane[1]), *plane)
        case 2:
            return _flip(trace, array, plane)
        case _:
            return _flip(trace, _swapaxes(trace, array, *plane), plane[1])


def _require_rank(array: Any, rank: int) -> None:
    if np.ndim(array) < rank:
        raise ValueError(f"Input must be >= {rank}-d.")
