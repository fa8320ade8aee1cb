"""Reading parts of traced arrays: slices and integers are views, arrays of integers look elements up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.indices import is_full, is_whole, static_index
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.array_tracer import ArrayTracer

__all__ = ["read"]


def read(array: ArrayTracer, index: Any) -> Any:
    """Do what ``array[index]`` does.

    Raises:
        TraceError: How many elements that gives depends on values.
    """
    if array.writeable and is_whole(index, array.ndim):
        return array  # a view of all of it: who writes into one writes into the other
    items = index if isinstance(index, tuple) else (index,)
    axis = _looked_up(items, array.ndim)
    if axis is not None:
        return np.take(array, next(item for item in items if not is_full(item)), axis)
    static = static_index(index)
    if static is None:
        kind = next(item.__class__.__name__ for item in items if static_index((item,)) is None)
        raise untraceable(
            f"indexing with an object of type {kind}",
            "use integers, slices, None, `...` or one array of integers, and choose elements with numpy.where",
        )
    return array.share(array.trace.apply("np::getitem", [array], index=static)[0], static)


def _looked_up(items: tuple[Any, ...], rank: int) -> int | None:
    """Return the axis along which an index looks elements up, if it does nothing else."""
    places = [place for place, item in enumerate(items) if not is_full(item)]
    dots = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(places) != 1 or len(dots) > 1 or len(items) - len(dots) > rank or not _holds_integers(items[places[0]]):
        return None
    return places[0] - len(items) if dots and dots[0] < places[0] else places[0]


def _holds_integers(item: Any) -> bool:
    if isinstance(item, list):
        item = np.asarray(item)
    return isinstance(item, np.ndarray) and item.dtype.kind in "iu" and item.ndim > 0
