"""Arrays put together, and what is made of parts that are."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, flat, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("concatenate", "concat")
def _concatenate(
    trace: Trace,
    arrays: Sequence[Any],
    axis: Any = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Any:
    parts = _typed(trace, [as_array(trace, array) for array in arrays], dtype, casting)
    if axis is None:
        parts, axis = [flat(part) for part in parts], 0
    return write(trace.apply("np::concatenate", parts, axis=operator.index(axis))[0], out)


@implements("stack")
def _stack(
    trace: Trace,
    arrays: Sequence[Any],
    axis: Any = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Any:
    parts = _typed(trace, [as_array(trace, array) for array in arrays], dtype, casting)
    if any(part.ndim != parts[0].ndim for part in parts):
        raise ValueError("all input arrays must have the same shape")
    return write(trace.apply("np::stack", parts, axis=operator.index(axis))[0], out)


def _typed(trace: Trace, parts: list[Any], dtype: Any, casting: Any) -> list[Any]:
    """Return the parts in the dtype that is asked for, if one is."""
    if dtype is None:
        return parts
    target = np.dtype(dtype)
    for part in parts:
        if not np.can_cast(part.dtype, target, casting):
            raise TypeError(
                f"Cannot cast array data from {part.dtype!r} to {target!r} according to the rule {casting!r}"
            )
    return [part.astype(target) for part in parts]


@implements("hstack")
def _hstack(trace: Trace, tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    parts = [np.atleast_1d(as_array(trace, array)) for array in tup]
    axis = 0 if parts and parts[0].ndim == 1 else 1
    return np.concatenate(parts, axis, dtype=dtype, casting=casting)


@implements("vstack")
def _vstack(trace: Trace, tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    parts = [np.atleast_2d(as_array(trace, array)) for array in tup]
    return np.concatenate(parts, 0, dtype=dtype, casting=casting)


@implements("dstack")
def _dstack(trace: Trace, tup: Sequence[Any]) -> Any:
    return np.concatenate([np.atleast_3d(as_array(trace, array)) for array in tup], 2)


@implements("column_stack")
def _column_stack(trace: Trace, tup: Sequence[Any]) -> Any:
    parts = [as_array(trace, array) for array in tup]
    return np.concatenate([np.atleast_2d(part).T if part.ndim < 2 else part for part in parts], 1)


@implements("append")
def _append(trace: Trace, arr: Any, values: Any, axis: Any = None) -> Any:
    parts = [as_array(trace, array) for array in (arr, values)]
    if axis is None:
        parts, axis = [flat(part) for part in parts], 0
    return np.concatenate(parts, axis)


@implements("roll")
def _roll(trace: Trace, a: Any, shift: Any, axis: Any = None) -> Any:
    array = as_array(trace, a)
    if axis is None:
        return np.reshape(np.roll(flat(array), shift, 0), array.shape)
    turns: Any = np.broadcast(np.asarray(static_axis(shift)), np.asarray(static_axis(axis)))
    rolled = array
    for turn, each in turns:
        rolled = _rolled(rolled, int(turn), normal_axes(int(each), array.ndim)[0])
    return array.copy() if rolled is array else rolled


def _rolled(array: Any, turn: int, axis: int) -> Any:
    size = array.shape[axis]
    if not abs(turn) < size:  # else the place to cut depends on the size
        turn = turn % (int(size) or 1)
    if turn == 0:
        return array
    full = (slice(None),) * axis
    return np.concatenate([array[(*full, slice(-turn, None))], array[(*full, slice(None, -turn))]], axis)


@implements("gradient")
def _gradient(trace: Trace, f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    array = as_array(trace, f)
    axes = normal_axes(static_axis(axis), array.ndim)
    steps = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(steps) != len(axes):
        raise TypeError("invalid number of arguments")
    if edge_order != 1 or any(np.ndim(step) for step in steps):
        raise untraceable("numpy.gradient with edge_order= or uneven steps")
    if array.dtype.kind not in "fc":
        array = array.astype(np.float64)
    slopes = tuple(_slope(array, step, each) for step, each in zip(steps, axes, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(array: Any, step: Any, axis: int) -> Any:
    """Return central differences, and one-sided ones at both ends."""
    if array.shape[axis] < 2:
        raise ValueError("Shape of array too small to calculate a numerical gradient: two elements are required")

    def part(start: int | None, stop: int | None) -> Any:
        return array[(*(slice(None),) * axis, slice(start, stop))]

    inner = (part(2, None) - part(None, -2)) / (2.0 * step)
    ends = [(part(1, 2) - part(0, 1)) / step, (part(-1, None) - part(-2, -1)) / step]
    return np.concatenate([ends[0], inner, ends[1]], axis).astype(array.dtype, copy=False)
