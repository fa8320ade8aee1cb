"""Places: where the parts of a chain's values lie, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.backend import View
from fuser_core.chain_layouts import look_at
from fuser_core.plan import DType
from fuser_core.records import frozen

__all__ = ["Place", "in_order", "is_dense", "place_of_view", "rows_and_items"]


@frozen
class Place:
    """Where a part of a value lies.

    Attributes:
        base: The launch's array that it lies in; ``-1`` for scratch.
        steps: Bytes from one part to the next, along each axis by which parts are numbered; none where all lie there.
        behind: Bytes from the beginning of the array to the first part.
        shape: Of the part.
        strides: Of the part, in bytes.
    """

    base: int
    steps: tuple[int, ...]
    behind: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def place_of_view(view: View, place: Place) -> Place:
    """Place what a view shows of a part."""
    laid, offset = look_at(view, place)
    return Place(place.base, place.steps, place.behind + offset, laid.shape, laid.strides)


def in_order(place: Place, order: Sequence[int]) -> Place:
    """Return a place with its axes in another order."""
    shape, strides = (tuple(own[axis] for axis in order) for own in (place.shape, place.strides))
    return Place(place.base, place.steps, place.behind, shape, strides)


def _walked(place: Place) -> list[tuple[int, int]]:
    """Return sizes and strides of a place, outermost first, with neighbours put together where they are one run."""
    walked: list[tuple[int, int]] = []
    for size, stride in zip(place.shape, place.strides, strict=True):
        if size == 1:
            continue
        if walked and walked[-1][1] == size * stride:
            walked[-1] = (walked[-1][0] * size, stride)
        else:
            walked.append((size, stride))
    return walked


def is_dense(place: Place, dtype: DType) -> bool:
    walked = _walked(place)
    return not walked or (len(walked) == 1 and walked[0][1] == dtype.itemsize)


def rows_and_items(place: Place) -> tuple[int, int, int, int] | None:
    """Return a place as rows and items with the bytes between them; ``None`` where it has more axes than two."""
    walked = [(1, 0), (1, 0), *_walked(place)]
    if len(walked) > 4:
        return None
    (rows, row_stride), (items, stride) = walked[-2:]
    return rows, items, row_stride, stride
