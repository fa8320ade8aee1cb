"""Shapes of results from shapes of operands: what the rules of the families have in common."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.semantics.builder import PlanBuilder
from fuser_core.shapes import Computed, Dim, Shape, product, quotient, total

__all__ = ["changed", "flat", "half", "larger", "lessened", "normal", "reduced", "require_equal", "same", "smaller"]


def same(shape: Shape) -> Shape:
    """Return the shape of the first operand."""
    return shape


def flat(shape: Shape) -> Shape:
    """Return the shape of all elements in a row."""
    return (product(shape),)


def normal(axis: Any, shape: Shape) -> tuple[int, ...]:
    """Return one axis or several, counted from the front; all of them for ``None``."""
    if axis is None:
        return tuple(range(len(shape)))
    axes: tuple[int, ...] = np.lib.array_utils.normalize_axis_tuple(axis, len(shape))
    return axes


def changed(shape: Shape, axis: Any, dim: Dim) -> Shape:
    """Return a shape with another size along an axis."""
    (place,) = normal(operator.index(axis), shape)
    return (*shape[:place], dim, *shape[place + 1 :])


def reduced(shape: Shape, axis: Any, keepdims: Any = False) -> Shape:
    """Return a shape without one axis, several or all; ``keepdims`` leaves the size 1 in their place."""
    gone = normal(axis, shape)
    kept = [1 if place in gone else dim for place, dim in enumerate(shape) if keepdims or place not in gone]
    return tuple(kept)


def half(dim: Dim) -> Dim:
    """Return the number of frequencies of so many real numbers."""
    return total([quotient(dim, 2), 1])


def lessened(dim: Dim, by: Dim) -> Dim:
    """Return a difference of two sizes."""
    return total([dim, -by]) if isinstance(by, int) else Computed("sub", (dim, by))


def smaller(*dims: Dim) -> Dim:
    """Return the smallest of some sizes."""
    return _chosen("min", dims)


def larger(*dims: Dim) -> Dim:
    """Return the largest of some sizes."""
    return _chosen("max", dims)


def _chosen(op: str, dims: tuple[Dim, ...]) -> Dim:
    parts = tuple(dict.fromkeys(dims))
    if len(parts) == 1:
        return parts[0]
    fixed = [part for part in parts if isinstance(part, int)]
    if len(fixed) == len(parts):
        return min(fixed) if op == "min" else max(fixed)
    return Computed(op, parts)


def require_equal(builder: PlanBuilder, left: Dim, right: Dim) -> Dim:
    """Record that two sizes are equal.

    Raises:
        ShapeError: They are not, in this call.
    """
    if builder.size(left) != builder.size(right):
        raise ShapeError(f"sizes {builder.size(left)} and {builder.size(right)} should be equal; pass matching arrays")
    return builder.equate(left, right)
