"""Indices of traced arrays: which are known without values, and what they mean."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from fuser_core.semantics.views import Index

__all__ = ["is_full", "is_whole", "spelled_out", "static_index"]


def static_index(index: Any) -> tuple[Index, ...] | None:
    """Return an index of integers, slices, ``None`` and ``...`` as a tuple of these; ``None`` if it is another."""
    items = index if isinstance(index, tuple) else (index,)
    return tuple(map(_static, items)) if all(map(_is_static, items)) else None


def _is_static(item: Any) -> bool:
    if item is None or isinstance(item, slice | EllipsisType):
        return True
    return isinstance(item, int | np.integer) and not isinstance(item, bool | np.bool_)


def _static(item: Any) -> Index:
    if item is None or isinstance(item, EllipsisType):
        return item
    if isinstance(item, slice):
        bounds = (item.start, item.stop, item.step)
        return slice(*[None if part is None else operator.index(part) for part in bounds])
    return operator.index(item)


def is_full(item: Any) -> bool:
    """Say whether an item of an index takes all that there is."""
    return item is Ellipsis or (isinstance(item, slice) and item.start is item.stop is item.step is None)


def is_whole(index: Any, rank: int) -> bool:
    """Say whether an index means all elements of an array of some rank, in its own shape."""
    items = index if isinstance(index, tuple) else (index,)
    dots = sum(item is Ellipsis for item in items)
    return all(map(is_full, items)) and dots <= 1 and len(items) - dots <= rank and len(items) > 0


def spelled_out(items: Sequence[Index], rank: int) -> list[int | slice] | None:
    """Return one integer or slice without a step per axis; ``None`` if the index has something else."""
    taken = [item for item in items if not isinstance(item, EllipsisType)]
    if len(taken) > rank or len(items) - len(taken) > 1:
        return None
    place = next((place for place, item in enumerate(items) if isinstance(item, EllipsisType)), len(items))
    full: list[Index] = [slice(None)] * (rank - len(taken))
    result: list[int | slice] = []
    for item in (*items[:place], *full, *items[place + 1 :]):
        if not isinstance(item, int | slice) or (isinstance(item, slice) and item.step not in (None, 1)):
            return None
        result.append(item)
    return result
