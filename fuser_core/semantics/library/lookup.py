"""Looking values up in tables."""

from __future__ import annotations

from typing import Any

from fuser_core.semantics.builder import PlanBuilder
from fuser_core.semantics.library.extents import normal, require_equal, same
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Shape

__all__: list[str] = []


def _taken(a: Shape, indices: Shape, axis: Any) -> Shape:
    if axis is None:
        return indices
    (along,) = normal(axis, a)
    return (*a[:along], *indices, *a[along + 1 :])


def _between_points(builder: PlanBuilder, x: Shape, xp: Shape, fp: Shape) -> Shape:
    require_equal(builder, xp[0], fp[0])
    return x


def _chosen(builder: PlanBuilder, a: Shape, choices: list[Shape]) -> Shape:
    return builder.broadcast([a, *choices], "numpy.choose")


called("take", "a indices", _taken, sample=(1, 0))
called("choose", "a *choices", _chosen, sample=(1, 0))
called("interp", "x xp fp", _between_points)
called("searchsorted", "a v sorter", lambda v: v)
called("digitize", "x bins", same)
