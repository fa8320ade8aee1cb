"""Placing: an array of which a part has been replaced, as what lies before it, the new part and what lies behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.semantics.views import Index
from fuser_core.tracing.indices import spelled_out
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.array_tracer import ArrayTracer

__all__ = ["placed"]


def placed(array: ArrayTracer, index: Sequence[Index], part: Any) -> Any:
    """Return an array like another one, but for a part.

    Args:
        array: The other one.
        index: Of the part.
        part: What takes its place, in the shape and dtype of ``array[index]``.

    Raises:
        UntraceableError: The index has steps or new axes.
        IndexError: An integer is out of bounds.
    """
    items = spelled_out(index, array.ndim)
    if items is None:
        raise untraceable("assigning to a part of a traced array with steps or new axes", "use numpy.where")
    for axis, item in enumerate(items):
        if isinstance(item, int) and not array.shape[axis] > (item if item >= 0 else -item - 1):
            raise IndexError(
                f"index {item} is out of bounds for axis {axis} with size {int(array.shape[axis])}; check the size"
            )
    kept = part[tuple(None if isinstance(item, int) else slice(None) for item in items)]
    slices = [slice(item, item + 1 or None) if isinstance(item, int) else item for item in items]
    return _place(array, slices, kept, 0)


def _place(array: ArrayTracer, slices: Sequence[slice], part: Any, axis: int) -> Any:
    """Replace what slices from an axis on take of an array."""
    if axis == len(slices):
        return part
    item = slices[axis]
    if item.start is item.stop is None or _takes_one(item, array.shape[axis]):
        return _place(array, slices, part, axis + 1)
    _require_order(item, array.shape[axis])
    pieces = [_piece(array, axis, item), *_outside(array, axis, item)]
    inner = _place(pieces[0], slices, part, axis + 1)
    before, behind = pieces[1], pieces[2]
    return np.concatenate([piece for piece in (before, inner, behind) if piece is not None], axis)


def _takes_one(item: slice, size: Any) -> bool:
    """Say whether a slice takes all of an axis that is certain to have one element."""
    return isinstance(size, int) and size == 1 and item.start in (None, 0, -1) and item.stop in (None, 1)


def _outside(array: ArrayTracer, axis: int, item: slice) -> tuple[Any, Any]:
    """Return what lies before and behind a slice, if the slice leaves anything there."""
    before = None if item.start in (None, 0) else _piece(array, axis, slice(None, item.start))
    return before, None if item.stop is None else _piece(array, axis, slice(item.stop, None))


def _piece(array: ArrayTracer, axis: int, item: slice) -> Any:
    """Return a slice along an axis, which nobody else sees."""
    return array.record.apply("np::getitem", [array], index=(*[slice(None)] * axis, item))[0]


def _require_order(item: slice, size: Any) -> None:
    """Refuse a slice that ends before it begins, so that it takes nothing and yet cuts."""
    if item.start is None or item.stop is None:
        return
    if (item.start < 0) == (item.stop < 0):
        ordered = item.start <= item.stop
    elif item.stop < 0:
        ordered = bool(size >= item.start - item.stop)
    else:
        ordered = bool(size <= item.stop - item.start)
    if not ordered:
        raise untraceable("assigning to an empty part of a traced array", "leave it out")
