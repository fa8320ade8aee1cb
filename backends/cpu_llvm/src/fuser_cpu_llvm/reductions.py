"""Where a reduction's partial results go, and how they become its result."""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core.plan import Reduce
from fuser_core.records import frozen
from fuser_cpu_llvm.geometry import Space
from fuser_cpu_llvm.nest import Target
from fuser_cpu_llvm.reducers import Reducer, reducer
from fuser_cpu_llvm.tiling import Tiling

__all__ = ["Piece", "Reduction", "column_strides", "column_target", "cut_into_pieces", "row_target"]

Array = np.ndarray[Any, np.dtype[Any]]

_PIECE_ELEMENTS = 1 << 17
"""A space below twice this is not cut: one thread is as quick."""

_MOST_PIECES = 64

_ENOUGH_PIECES = 8
"""With so many along a kept axis, no reduced one need be cut."""

_LEAST_COLUMNS = 4096
"""Fewer elements of the innermost axis make a piece slow: its rows are short runs of memory."""

_MOST_ACCUMULATED = 1 / 16
"""Accumulators of all pieces together, as a share of the elements."""

_JOIN = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)
_COMBINE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


@frozen
class Piece:
    """Part of a space that one thread reduces into accumulators of its own.

    Attributes:
        axis: The axis that was cut.
        start: First index along it.
        size: Indices along it.
        set: Number of its set of accumulators; pieces along a kept axis share one.
    """

    axis: int
    start: int
    size: int
    set: int


class Reduction:
    """One reduction of a kernel.

    Attributes:
        step: What to reduce.
        values: The body's operand that holds the values.
        output: Its place among the launch's outputs.
        accumulates: Whether a body may add up the values of a row instead of storing them.
    """

    def __init__(self, step: Reduce, values: int, output: int, *, accumulates: bool = False) -> None:
        self.step, self.values, self.output, self.accumulates = step, values, output, accumulates
        self.reducer: Reducer = reducer(step.op, step.input.dtype)
        self._combine = _COMBINE(self.reducer.combine)

    @property
    def is_finished(self) -> bool:
        """Whether one partial result is a result."""
        return self.reducer.planes == 1

    def finish(self, partials: Array, results: int, count: int) -> Array:
        """Join ``count`` partial results of each result, pairwise by their place.

        Args:
            partials: Dense planes of ``results * count`` elements of the accumulator's dtype.
            results: Number of results.
            count: Partial results of each.
        """
        if count == 1 and self.is_finished:
            return partials
        joined = np.empty(results, partials.dtype)
        self._combine(partials.ctypes.data, results, count, joined.ctypes.data)
        return joined

    def join_sets(self, sets: Array) -> Array:
        """Join whole sets of accumulators, one per row with its planes, pairwise; overwrites them."""
        count, numbers = sets.shape
        results = numbers // self.reducer.planes
        first, size = sets.ctypes.data, numbers * sets.itemsize
        step = 1
        while step < count:
            for left in range(0, count - step, 2 * step):
                self._join(first + (left + step) * size, 1, results, first + left * size, 0, 0)
            step *= 2
        joined: Array = sets[0]
        return joined

    @functools.cached_property
    def _join(self) -> Callable[..., None]:
        return _JOIN(self.reducer.join)


def row_target(space: Space, tiling: Tiling, reduction: Reduction, *, accumulates: bool) -> tuple[Target, int]:
    """Place partial results where the innermost axis is reduced: one per row of a tile, dense per result.

    Args:
        space: What is reduced.
        tiling: How it is cut.
        reduction: Whose partial results they are.
        accumulates: The body is to add up what it can.

    Returns:
        The target, and the number of partial results of each result.
    """
    outer = len(space.sizes) - 2
    rows_vanish = outer < 0 or space.reduced[-2]
    step = reduction.reducer.accumulator.itemsize
    column_step, step = step, step * tiling.column_tiles
    row_step = row_stride = 0
    if rows_vanish:
        row_step, step = step, step * tiling.row_tiles
    strides = [0] * max(outer, 0)
    for axis in reversed(range(outer)):
        if space.reduced[axis]:
            strides[axis], step = step, step * space.sizes[axis]
    count = step // reduction.reducer.accumulator.itemsize
    if not rows_vanish:
        row_stride, row_step, step = step, step * tiling.rows, step * space.sizes[-2]
    for axis in reversed(range(outer)):
        if not space.reduced[axis]:
            strides[axis], step = step, step * space.sizes[axis]
    plane = step if reduction.reducer.planes > 1 else 0
    steps = (row_step, column_step, row_stride, plane)
    by_rows = tiling.rows == 1 or tiling.flat == rows_vanish
    accumulates = accumulates and reduction.accumulates and by_rows
    target = Target(reduction.values, reduction.reducer.rows, rows_vanish, *steps, tuple(strides), accumulates)
    return target, count


def column_strides(space: Space, itemsize: int) -> tuple[int, ...]:
    """Bytes per step of dense accumulators over the kept axes; 0 along the reduced ones."""
    strides, step = [0] * len(space.sizes), itemsize
    for axis in reversed(range(len(space.sizes))):
        if not space.reduced[axis]:
            strides[axis], step = step, step * space.sizes[axis]
    return tuple(strides)


def column_target(strides: Sequence[int], plane: int, tiling: Tiling, reduction: Reduction) -> Target:
    """Place accumulators where the innermost axis is kept.

    Args:
        strides: What `column_strides` returns.
        plane: Bytes from one plane of them to the next.
        tiling: How the space is cut.
        reduction: Whose they are.
    """
    row_stride, column_stride = (0, 0, *strides)[-2:]
    row_step, column_step = tiling.rows * row_stride, tiling.columns * column_stride
    function, outer = reduction.reducer.columns, tuple(strides[:-2])
    return Target(reduction.values, function, False, row_step, column_step, row_stride, plane, outer)


def cut_into_pieces(space: Space) -> list[Piece]:
    """Cut a space whose innermost axis is kept, for threads; by its sizes only, so that results do not vary.

    A kept axis is cut where one is long enough, because then accumulators are shared by no two pieces; else a reduced
    one, with as many sets of accumulators as pieces.
    """
    wanted = min(_MOST_PIECES, space.elements // _PIECE_ELEMENTS)
    last = len(space.sizes) - 1

    def pieces_along(axis: int) -> int:
        return space.sizes[axis] // (_LEAST_COLUMNS if axis == last else 1)

    kept = max((axis for axis in range(last + 1) if not space.reduced[axis]), key=pieces_along)
    gone = max((axis for axis in range(last + 1) if space.reduced[axis]), key=pieces_along, default=None)
    axis, count = kept, min(wanted, pieces_along(kept))
    if gone is not None:
        affordable = math.floor(space.elements * _MOST_ACCUMULATED / space.results)
        along_gone = min(wanted, pieces_along(gone), affordable)
        if count < min(along_gone, _ENOUGH_PIECES):
            axis, count = gone, along_gone
    count = max(count, 1)
    size = -(-space.sizes[axis] // count)
    starts = range(0, space.sizes[axis], size)
    return [
        Piece(axis, start, min(size, space.sizes[axis] - start), number if axis == gone else 0)
        for number, start in enumerate(starts)
    ]
