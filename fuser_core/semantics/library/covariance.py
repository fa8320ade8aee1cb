"""Covariances and correlations of variables, one for each row, or for each column."""

from __future__ import annotations

from typing import Any

from fuser_core.semantics.builder import PlanBuilder
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Dim, Shape, total

__all__: list[str] = []


def _between_variables(builder: PlanBuilder, shape: Shape, y: Shape | None, rowvar: Any) -> Shape:
    """A single variable has a variance, and no matrix; whoever traces makes sure of their number."""
    count = total([_variables(each, rowvar) for each in (shape, y) if each is not None])
    return () if builder.size(count) == 1 else (count, count)


def _variables(shape: Shape, rowvar: Any) -> Dim:
    return 1 if len(shape) < 2 else shape[0] if rowvar else shape[1]


called("cov", "m y fweights aweights", _between_variables, sample=(2, 1), by_hand=True)
called("corrcoef", "x y", _between_variables, sample=(2, 1), by_hand=True)
