"""Views that give or take axes of size 1: the only changes of shape that move no data in any memory layout."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.plan import View
from fuser_core.tracing.functions.operands import as_array, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []

_JOINING = "it would join or split axes; keep the axes, or reshape outside of the fused function"


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
    """Match the axes of both shapes that are not 1; all others are dropped and inserted."""
    array = as_array(trace, a)
    wanted = newshape if shape is None else shape
    target = list(wanted) if isinstance(wanted, tuple | list) else [wanted]
    kept = [axis for axis in range(array.ndim) if not trace.is_one(array, axis)]
    index: list[Any] = []
    axis = 0
    for source in _matched(array, target, kept):
        if source is None:
            index.append(None)
        else:
            index += [*[0] * (source - axis), slice(None)]
            axis = source + 1
    if not target and isinstance(array, np.generic):
        return array  # as it is a scalar
    view = array[(*index, *[0] * (array.ndim - axis), ...)]
    return view.copy() if copy else view


def _matched(array: Any, target: Sequence[Any], kept: Sequence[int]) -> list[int | None]:
    """Return, for each axis of a new shape, the axis of the array that it is; ``None`` for a new one.

    Raises:
        UntraceableError: The shapes do not match axis by axis.
    """
    large = [
        place for place, size in enumerate(target) if not (isinstance(size, int) and type(size) is int and size == 1)
    ]
    free = [place for place in large if type(target[place]) is int and target[place] == -1]
    if free and len(large) == len(kept) + 1:
        large.remove(free[0])  # what is left for it is 1
    if len(large) != len(kept) or len(free) > 1:
        raise untraceable("numpy.reshape to another number of axes", _JOINING)
    sources: list[int | None] = [None] * len(target)
    for place, axis in zip(large, kept, strict=True):
        if place not in free and not _same(target[place], array.shape[axis]):
            raise untraceable("numpy.reshape to other sizes", _JOINING)
        sources[place] = axis
    return sources


def _same(size: Any, own: Any) -> bool:
    """Say whether two sizes are equal; one and the same needs no look at its value."""
    return getattr(size, "term", size) == getattr(own, "term", own) or bool(operator.eq(size, own))


@implements("ravel")
def _ravel(trace: Trace, a: Any, order: Any = "C") -> Any:
    array = as_array(trace, a)
    if array.ndim > 1:
        raise untraceable("numpy.ravel of more than one dimension", _JOINING)
    if array.ndim == 0:
        return array[None]
    made_by = trace.maker(array)
    if made_by is not None and not isinstance(made_by, View):
        return array[:]  # in memory of its own, without gaps
    if trace.owner(array) is not None:
        raise untraceable("numpy.ravel of a part of an array", "whether it copies depends on memory; leave it out")
    return array.share(trace.apply("np::ravel", [array])[0])


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
