"""Places: where the parts of a chain's values lie, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.backend import NewAxis, SourceAxis
from fuser_core.plan import DType
from fuser_core.records import frozen

__all__ = ["Place", "is_dense", "place_of_view", "rows_and_items"]


@frozen
class Place:
    """Where a part of a value lies: a base (``-1`` for scratch), bytes per part, bytes behind that, and its layout."""

    base: int
    step: int
    behind: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def place_of_view(axes: Sequence[SourceAxis | NewAxis], place: Place) -> Place:
    """Place a view with new axes, or with others in another order."""
    own = [(1, 0) if isinstance(axis, NewAxis) else (place.shape[axis.axis], place.strides[axis.axis]) for axis in axes]
    return Place(place.base, place.step, place.behind, tuple(size for size, _ in own), tuple(step for _, step in own))


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
