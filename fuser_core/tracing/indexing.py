"""Reading parts of traced arrays: slices and integers are views, arrays of integers look elements up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.errors import UntraceableError
from fuser_core.tracing.indices import is_full, is_whole, static_index
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.tracer import Tracer

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
    if any(_holds_integers(item) or _is_computed(array, item) for item in items):
        return _look_up(array, items)
    static = static_index(index)
    if static is None:
        raise _refusal(items)
    return array.share(array.record.apply("np::getitem", [array], index=static)[0], static)


def _look_up(array: ArrayTracer, items: tuple[Any, ...]) -> Any:
    """Read the elements at places that arrays of integers tell, or single integers that are computed."""
    from fuser_core.semantics.library.indexing import ARRAY, SCALAR  # most functions need nothing of the library

    trace = array.record
    index: list[Any] = []
    operands: list[Any] = []
    for item in items:
        if _holds_integers(item) or _is_computed(array, item):
            operands.append(item if isinstance(item, Tracer) else np.asarray(item))
            index.append(SCALAR if _is_computed(array, item) else ARRAY)
        elif (static := static_index((item,))) is not None:
            index += static
        else:
            raise _refusal(items)
    (result,) = trace.apply("np::index", [array, *operands], index=tuple(index))
    return array.share(result) if ARRAY not in index else result


def _refusal(items: tuple[Any, ...]) -> UntraceableError:
    kinds = [item.__class__.__name__ for item in items if not _holds_integers(item) and static_index((item,)) is None]
    return untraceable(
        f"indexing with an object of type {kinds[0]}",
        "use integers, slices, None, `...` or arrays of integers, and choose elements with numpy.where",
    )


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


def _is_computed(array: ArrayTracer, item: Any) -> bool:
    """Say whether an item is an integer that the trace computes, a scalar or an array without dimensions."""
    if type(item) is not type(array):
        return False
    return item.dtype.kind in "iu" and item.ndim == 0 and not item.record.knows_value(item)
