"""How a chain is cut: along which of its axes, and how much of all its arrays a part holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fuser_core.backend import Chain, Value
from fuser_core.chain_layouts import Layout
from fuser_core.records import frozen
from fuser_cpu_llvm.streaming import cache_size

__all__ = ["Cut", "Parts", "choose_cut"]

_PART_BYTES = 128 << 10
"""Of all that a part reads and writes: it fits the second-level cache twice."""

_MOST_SHARE = 4
"""A part of more than the last cache by this is not worth it: other threads have parts there as well."""

_STRIP_SHARE, _MOST_STRIP_SHARE = 16, 8
"""The same for a part that is a strip of memory, which is cut by the first number where that leaves it wide enough."""

_RUN = 1024
"""Elements that lie together in a strip, as many as a tile has: to read shorter runs takes longer than to read it all
once more."""


class Parts(NamedTuple):
    """Parts of one size.

    Attributes:
        sizes: Indices of a part along each axis of the chain.
        starts: Of the first part.
        axes: The axes of the chain along which there are several, the slowest first.
        counts: How many there are along each of these.
    """

    sizes: tuple[int, ...]
    starts: tuple[int, ...]
    axes: tuple[int, ...]
    counts: tuple[int, ...]


@frozen
class Cut:
    """How a chain is cut into parts.

    Attributes:
        sizes: Indices of a part along each axis of the chain.
        loops: The axes of the chain that are cut, each with its number of whole parts, the slowest first.
        rest: Indices that are left along the last of these axes.
    """

    sizes: tuple[int, ...]
    loops: tuple[tuple[int, int], ...]
    rest: int

    def parts(self) -> list[Parts]:
        """Return the whole parts, and those that are shorter because an axis ends, if there are any."""
        none = (0,) * len(self.sizes)
        axes, counts = (tuple(each[place] for each in self.loops) for place in (0, 1))
        found = [Parts(self.sizes, none, axes, counts)]
        if self.rest:
            sizes, starts, last = list(self.sizes), list(none), axes[-1]
            sizes[last], starts[last] = self.rest, sizes[last] * counts[-1]
            found.append(Parts(tuple(sizes), tuple(starts), axes[:-1], counts[:-1]))
        return found


def choose_cut(chain: Chain, layouts: Mapping[int, Layout]) -> Cut | None:
    """Return how to cut a chain over arrays that lie so; ``None`` where no part fits the cache.

    Axes that lie far apart in memory are cut first, so that what is read of an array together lies together.
    """
    values = _Values(chain, layouts)
    sizes = list(values.sizes)
    loops: list[tuple[int, int]] = []
    rest = 0
    walked = values.walked()
    share = _MOST_SHARE
    for axis, unit in walked:
        most = _PART_BYTES if unit is None else cache_size() // _STRIP_SHARE
        if values.bytes(sizes) <= most:
            break
        share = _MOST_SHARE if unit is None else _MOST_STRIP_SHARE
        whole, sizes[axis] = sizes[axis], 1
        room = most // values.bytes(sizes)
        if not room and axis != walked[-1][0]:
            loops.append((axis, whole))
            continue
        sizes[axis] = _even(whole, room) if unit is None else min(max(room - room % unit, unit), whole)
        loops.append((axis, whole // sizes[axis]))
        rest = whole % sizes[axis]
        break
    if values.bytes(sizes) > max(cache_size() // share, _PART_BYTES):
        return None
    return Cut(tuple(sizes), tuple(loops), rest)


def _even(whole: int, most: int) -> int:
    """Return the size of even parts of no more than so much, but 1 at least."""
    return -(-whole // -(-whole // max(most, 1)))


class _Values:
    """What the groups of a chain read and write, and where the axes of the chain are in it."""

    def __init__(self, chain: Chain, layouts: Mapping[int, Layout]) -> None:
        self._layouts = layouts
        self._places: dict[int, tuple[int | None, ...]] = {}
        self._items: dict[int, Value] = {}
        for number, group in enumerate(chain.groups):
            for value in (*group.inputs, *group.outputs):
                self._items[value.id] = value
                self._places[value.id] = chain.places(number, value)
        self.sizes = self._sizes(len(chain.axes[0]))

    def _sizes(self, count: int) -> tuple[int, ...]:
        sizes = [1] * count
        for number, places in self._places.items():
            for axis, place in enumerate(places):
                if place is not None:
                    sizes[axis] = self._layouts[number].shape[place]
        return tuple(sizes)

    def bytes(self, sizes: Sequence[int]) -> int:
        """Return what a part of so many indices along each axis of the chain takes."""
        total = 0
        for number, places in self._places.items():
            shape = list(self._layouts[number].shape)
            for place, size in zip(places, sizes, strict=True):
                if place is not None:
                    shape[place] = size
            if any(place is not None for place in places):
                total += math.prod(shape) * self._items[number].dtype.itemsize
        return total

    def walked(self) -> list[tuple[int, int | None]]:
        """Return the axes of the chain, the outermost in memory first.

        With each goes how many of its indices a part needs, or ``None`` where no other axis lies outside of it: then
        parts lie one behind the other.
        """
        strides = {number: self._layouts[number].strides for number in self._places}
        largest = max(
            (number for number, places in self._places.items() if None not in places),
            key=lambda number: (0 not in strides[number], len(strides[number]), math.prod(self._layouts[number].shape)),
        )
        laid, places = self._layouts[largest], self._places[largest]
        own = [0 if place is None else abs(laid.strides[place]) for place in places]
        outside = max(
            (abs(stride) for axis, stride in enumerate(laid.strides) if axis not in places and laid.shape[axis] > 1),
            default=0,
        )
        axes = sorted(range(len(own)), key=lambda axis: -own[axis])
        run = _RUN * self._items[largest].dtype.itemsize
        return [(axis, None if own[axis] >= outside else -(-run // max(own[axis], 1))) for axis in axes]
