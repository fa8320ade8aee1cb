"""Axes of a view: how an index maps the axes of an array to those of what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fuser_core.shapes import Dim, Shape, SliceLength

__all__ = ["Axis", "NewAxis", "SourceAxis", "format_axes", "viewed_shape"]


@dataclass(frozen=True, slots=True)
class SourceAxis:
    """An axis of a view that walks an axis of its input, from ``start`` to ``stop`` by ``step``."""

    axis: int
    start: int | None = None
    stop: int | None = None
    step: int | None = None

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop, self.step)


@dataclass(frozen=True, slots=True)
class NewAxis:
    """An axis of size 1 that the input does not have."""


Axis = SourceAxis | NewAxis


def viewed_shape(shape: Shape, axes: Sequence[Axis]) -> Shape:
    """Return the shape of a view with these axes onto an array of a shape."""
    return tuple(1 if isinstance(axis, NewAxis) else _length(shape[axis.axis], axis) for axis in axes)


def _length(dim: Dim, axis: SourceAxis) -> Dim:
    if axis.slice == slice(None):
        return dim
    if isinstance(dim, int):
        return len(range(*axis.slice.indices(dim)))
    return SliceLength(dim, axis.start, axis.stop, axis.step)


def format_axes(indices: Sequence[int | None], axes: Sequence[Axis]) -> str:
    """Render the index of a view: what it does along each axis of its input."""
    parts = []
    for axis in axes:
        if isinstance(axis, NewAxis):
            parts.append("None")
        else:
            bounds = ":".join("" if part is None else str(part) for part in (axis.start, axis.stop, axis.step))
            parts.append(f"axis {axis.axis}" + (f" {bounds}" if bounds != "::" else ""))
    parts += [f"axis {axis} at {index}" for axis, index in enumerate(indices) if index is not None]
    return f"[{', '.join(parts)}]"
