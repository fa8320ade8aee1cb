"""Arrays cut into views along an axis; how many equal parts fit, and what they hold, is a question for the size."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, normal_axes
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("array_split")
def _array_split(trace: Trace, ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Any]:
    array = as_array(trace, ary)
    (along,) = normal_axes(operator.index(axis), array.ndim)
    if np.ndim(indices_or_sections) != 0:
        points = [0, *map(operator.index, indices_or_sections), None]
    else:
        points = _even(operator.index(indices_or_sections), int(array.shape[along]))
    return _parts(array, along, points)


def _even(sections: int, size: int) -> list[int | None]:
    """Return where parts begin that differ by one element at most, and where the last one ends."""
    if sections <= 0:
        raise ValueError("number sections must be larger than 0.")
    each, extras = divmod(size, sections)
    sizes = [each + 1] * extras + [each] * (sections - extras)
    return list(itertools.accumulate(sizes, initial=0))


def _parts(array: Any, axis: int, points: Sequence[int | None]) -> list[Any]:
    full = (slice(None),) * axis
    return [array[(*full, slice(start, stop))] for start, stop in itertools.pairwise(points)]


@implements("split")
def _split(trace: Trace, ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Any]:
    array = as_array(trace, ary)
    if np.ndim(indices_or_sections) == 0 and int(array.shape[axis]) % operator.index(indices_or_sections):
        raise ValueError("array split does not result in an equal division")
    return _array_split(trace, array, indices_or_sections, axis)


@implements("hsplit")
def _hsplit(trace: Trace, ary: Any, indices_or_sections: Any) -> list[Any]:
    _require_rank("hsplit", ary, 1)
    return _split(trace, ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements("vsplit")
def _vsplit(trace: Trace, ary: Any, indices_or_sections: Any) -> list[Any]:
    _require_rank("vsplit", ary, 2)
    return _split(trace, ary, indices_or_sections, 0)


@implements("dsplit")
def _dsplit(trace: Trace, ary: Any, indices_or_sections: Any) -> list[Any]:
    _require_rank("dsplit", ary, 3)
    return _split(trace, ary, indices_or_sections, 2)


def _require_rank(name: str, array: Any, rank: int) -> None:
    if np.ndim(array) < rank:
        raise ValueError(f"{name} only works on arrays of {rank} or more dimensions")


@implements("unstack")
def _unstack(trace: Trace, x: Any, *, axis: Any = 0) -> tuple[Any, ...]:
    array = as_array(trace, x)
    if array.ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    (along,) = normal_axes(operator.index(axis), array.ndim)
    full = (slice(None),) * along
    return tuple(array[(*full, place)] for place in range(array.shape[along]))
