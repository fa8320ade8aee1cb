"""Spaces: from shapes and strides at launch to the fewest axes, the innermost first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fuser_core.records import frozen

__all__ = ["Axes", "aligned_strides", "collapse", "divider", "in_tiles"]

_SIDES = (32, 16, 8)
"""Of a tile; the greatest is what neighbouring threads write at once."""


@frozen
class Axes:
    """Axes to walk, the innermost first; none of size 1, and none that could be walked as one with the next.

    Attributes:
        sizes: Elements per axis.
        strides: Per axis, the bytes per step of every array; 0 where it repeats.
    """

    sizes: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]

    @property
    def elements(self) -> int:
        return math.prod(self.sizes)

    def reach(self, array: int) -> int:
        """Return the most bytes that an element of an array is away from the first one, in either direction."""
        return sum((size - 1) * abs(own[array]) for size, own in zip(self.sizes, self.strides, strict=True))


def aligned_strides(rank: int, shape: Sequence[int], strides: Sequence[int]) -> tuple[int, ...]:
    """Strides of an array seen as one of more axes, by NumPy's rule of broadcasting; 0 along axes of size 1."""
    own = (0 if size == 1 else stride for size, stride in zip(shape, strides, strict=True))
    return (0,) * (rank - len(shape)) + tuple(own)


def collapse(
    shape: Sequence[int], strides: Sequence[Sequence[int]], reduced: Sequence[int] = (), leading: Sequence[int] = ()
) -> tuple[Axes, Axes]:
    """Drop axes of size 1, put that of the least strides innermost, and merge those that all arrays walk as one.

    Args:
        shape: Sizes of the space.
        strides: Per array, bytes per axis of the space.
        reduced: Axes that a reduction removes.
        leading: The arrays whose strides decide the order first, those that are written, say.

    Returns:
        The axes that are kept, and those that are reduced.
    """
    # An array that covers more axes says more about their order than one that repeats along them.
    ranked = sorted(
        range(len(strides)), key=lambda array: (-sum(map(bool, strides[array])), array not in leading, array)
    )

    def nearness(axis: int) -> tuple[int, ...]:
        return tuple(abs(strides[array][axis]) for array in ranked)

    walked = sorted((axis for axis in reversed(range(len(shape))) if shape[axis] != 1), key=nearness)
    kept = [axis for axis in walked if axis not in reduced]
    return _merged(shape, strides, kept), _merged(shape, strides, [axis for axis in walked if axis in reduced])


def _merged(shape: Sequence[int], strides: Sequence[Sequence[int]], axes: Sequence[int]) -> Axes:
    sizes: list[int] = []
    steps: list[tuple[int, ...]] = []
    for axis in axes:
        own = tuple(each[axis] for each in strides)
        if sizes and all(new == old * sizes[-1] for new, old in zip(own, steps[-1], strict=True)):
            sizes[-1] *= shape[axis]
        else:
            sizes.append(shape[axis])
            steps.append(own)
    return Axes(tuple(sizes), tuple(steps))


def in_tiles(axes: Axes, itemsizes: Sequence[int]) -> Axes:
    """Walk a space in square tiles where an array is dense along another axis than the innermost one.

    The elements of a tile are neighbours in the order of walking, so what a line of memory holds is used while it is in
    the first cache. Axes are returned as they are where no array is turned, or no tile fits a whole number of times.

    Args:
        axes: The space.
        itemsizes: Bytes of an element of each array.
    """
    for axis in range(1, len(axes.sizes)):
        inner, own = axes.strides[0], axes.strides[axis]
        turned = (abs(along) == size < abs(step) for along, step, size in zip(own, inner, itemsizes, strict=True))
        sizes = axes.sizes[0], axes.sizes[axis]
        side = next((side for side in _SIDES if not any(size % side for size in sizes)), 0)
        if not side or not any(turned):
            continue
        rest = [place for place in range(1, len(axes.sizes)) if place != axis]
        far = [tuple(side * step for step in steps) for steps in (inner, own)]
        return Axes(
            (side, side, *(size // side for size in sizes), *(axes.sizes[place] for place in rest)),
            (inner, own, *far, *(axes.strides[place] for place in rest)),
        )
    return axes


def divider(size: int) -> tuple[int, int]:
    """Return what a quotient of numbers below 2**31 by ``size`` is made with: ``(high(i * magic) + i) >> shift``.

    ``high`` is the upper half of a product of 64 bits. Sizes of 2**31 and more are divided by plainly.
    """
    if not 0 < size < 1 << 31:
        return 0, 0
    shift = (size - 1).bit_length()
    return ((1 << 32) * ((1 << shift) - size)) // size + 1, shift
