"""Axes of a view: how an index maps the axes of an array to those of what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuser_core.records import frozen
from fuser_core.shapes import Dim, Shape, SliceLength

__all__ = ["Axis", "NewAxis", "SourceAxis", "composed", "format_axes", "look", "matching_view", "viewed_shape"]


@frozen
class SourceAxis:
    """An axis of a view that walks an axis of its input, from ``start`` to ``stop`` by ``step``."""

    axis: int
    start: int | None = None
    stop: int | None = None
    step: int | None = None

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop, self.step)


@frozen
class NewAxis:
    """An axis of size 1 that the input does not have."""


Axis = SourceAxis | NewAxis


def look(array: Any, indices: Sequence[int | None], axes: Sequence[Axis]) -> Any:
    """Return a view with these axes onto an array.

    Args:
        array: Of NumPy, or one that takes its indices and has its ``transpose``.
        indices: Per axis of the array, the integer index that removes it, or ``None``.
        axes: Per axis of the view, the array's axis it walks or a new one.
    """
    slices: list[Any] = list(indices)
    kept = [axis for axis, index in enumerate(slices) if index is None]
    for axis in axes:
        if not isinstance(axis, NewAxis):
            slices[axis.axis] = axis.slice
    array = array[(*slices, ...)]
    sources = [kept.index(axis.axis) for axis in axes if not isinstance(axis, NewAxis)]
    if sources != sorted(sources):
        array = array.transpose(sources)
    new = tuple(None if isinstance(axis, NewAxis) else slice(None) for axis in axes)
    return array[(*new, ...)] if None in new else array


def viewed_shape(shape: Shape, axes: Sequence[Axis]) -> Shape:
    """Return the shape of a view with these axes onto an array of a shape."""
    return tuple(1 if isinstance(axis, NewAxis) else _length(shape[axis.axis], axis) for axis in axes)


def composed(
    first: tuple[Sequence[int | None], Sequence[Axis]], second: tuple[Sequence[int | None], Sequence[Axis]]
) -> tuple[tuple[int | None, ...], tuple[Axis, ...]] | None:
    """Return the indices and axes of a view of a view; see `look`.

    ``None`` where they depend on the size of the array, as those of ``[:3][:-1]`` do.
    """
    indices = list(first[0])
    for axis, index in zip(first[1], second[0], strict=True):
        if index is not None and isinstance(axis, SourceAxis):
            place = _sliced(axis, slice(index, None) if index >= 0 else slice(None, index))
            if not isinstance(place, SourceAxis):
                return None
            indices[axis.axis] = place.start or 0 if index >= 0 else place.stop
    axes: list[Axis] = []
    for axis in second[1]:
        under = _sliced(first[1][axis.axis], axis.slice) if isinstance(axis, SourceAxis) else axis
        if under is None:
            return None
        axes.append(under)
    return tuple(indices), tuple(axes)


def _sliced(axis: Axis, own: slice) -> Axis | None:
    """Return a slice of an axis, if it is one for every size."""
    if own == slice(None):
        return axis
    if isinstance(axis, NewAxis):
        return None
    if axis.slice == slice(None):
        return SourceAxis(axis.axis, own.start, own.stop, own.step)
    begins, ends = (axis.start or 0, own.start or 0), (axis.stop, own.stop)
    if (
        (axis.step or 1, own.step or 1) != (1, 1)
        or min(begins) < 0
        or any(end is not None and end >= 0 for end in ends)
    ):
        return None
    return SourceAxis(axis.axis, sum(begins) or None, sum(end or 0 for end in ends) or None)


def matching_view(
    source: Sequence[Dim], target: Sequence[Dim]
) -> tuple[tuple[int | None, ...], tuple[Axis, ...]] | None:
    """Return the indices and axes of a view of another shape; see `look`.

    ``None`` unless axes of size 1 are all that comes or goes, in any call.
    """
    if [*source] == [*target]:
        return (None,) * len(source), tuple(map(SourceAxis, range(len(source))))
    kept = [axis for axis, dim in enumerate(source) if dim != 1]
    if [source[axis] for axis in kept] != [dim for dim in target if dim != 1]:
        return None
    walked = iter(kept)
    axes = tuple(NewAxis() if dim == 1 else SourceAxis(next(walked)) for dim in target)
    return tuple(0 if dim == 1 else None for dim in source), axes


def _length(dim: Dim, axis: SourceAxis) -> Dim:
    if axis.slice in (slice(None), slice(None, None, -1)):
        return dim
    if isinstance(dim, int):
        return len(range(*axis.slice.indices(dim)))
    start, stop, step = axis.start, axis.stop, axis.step
    if isinstance(dim, SliceLength) and (step, dim.step) == (None, None):
        # Slices at the same end are one slice, so that a loop of them does not pile up.
        if stop is None and dim.stop is None and (start or 0) >= 0 and (dim.start or 0) >= 0:
            return SliceLength(dim.dim, (start or 0) + (dim.start or 0), None, None)
        if start is None and dim.start is None and (stop or 0) < 0 and (dim.stop or 0) < 0:
            return SliceLength(dim.dim, None, (stop or 0) + (dim.stop or 0), None)
    return SliceLength(dim, start, stop, step)


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
