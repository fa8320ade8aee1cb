"""Functions along one axis: running totals, sorting, places of extremes, repetition."""

from __future__ import annotations

import operator
from typing import Any

from fuser_core.semantics.builder import PlanBuilder
from fuser_core.semantics.library.extents import changed, flat, normal, reduced
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Shape, product, total

__all__: list[str] = []


def _along(shape: Shape, axis: Any = -1) -> Shape:
    """Leave a shape as it is; no axis means all elements in a row."""
    return flat(shape) if axis is None else changed(shape, axis, shape[operator.index(axis)])


def _running(x: Shape, axis: Any, include_initial: Any) -> Shape:
    along = -1 if axis is None else operator.index(axis)
    return changed(x, along, total([x[along], int(bool(include_initial))]))


called("cumsum cumprod sort argsort partition argpartition", "a", _along)
called("cumulative_sum cumulative_prod", "x", _running)
called("argmax argmin nanargmax nanargmin", "a", reduced)
called("unwrap", "p", _along)
called("lexsort", "*keys", _along, by_hand=True)


def _repeated(a: Shape, repeats: Any, axis: Any) -> Shape:
    a = flat(a) if axis is None else a
    along = 0 if axis is None else operator.index(axis)
    if isinstance(repeats, tuple) and len(repeats) != 1:
        return changed(a, along, sum(repeats))
    return changed(a, along, product([a[along], repeats[0] if isinstance(repeats, tuple) else repeats]))


def _tiled(A: Shape, reps: Any) -> Shape:  # noqa: N803 - NumPy's name
    times = reps if isinstance(reps, tuple) else (reps,)
    rank = max(len(A), len(times))
    pairs = zip((*[1] * (rank - len(A)), *A), (*[1] * (rank - len(times)), *times), strict=True)
    return tuple(map(product, pairs))


called("repeat", "a", _repeated)
called("tile", "A", _tiled)
called("resize", "a", lambda new_shape: new_shape if isinstance(new_shape, tuple) else (new_shape,))


def _taken_along(builder: PlanBuilder, arr: Shape, indices: Shape, axis: Any) -> Shape:
    if axis is None:
        return indices
    (along,) = normal(axis, arr)
    others = [changed(shape, along, 1) for shape in (arr, indices)]
    return changed(builder.broadcast(others, "numpy.take_along_axis"), along, indices[along])


called("take_along_axis", "arr indices", _taken_along, sample=(1, 0))
