"""Iteration spaces: from shapes and strides at launch to the fewest, best ordered axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from fuser_core.records import frozen

__all__ = ["Extent", "Space", "aligned_strides", "simplify"]


class Extent(NamedTuple):
    """An iteration space as it is given: its sizes, and per operand the bytes per step along each axis."""

    shape: tuple[int, ...]
    strides: Sequence[tuple[int, ...]]


@frozen
class Space:
    """An iteration space without axes of size 1, outermost axis first, adjacent axes merged where all operands allow.

    Attributes:
        sizes: Elements per axis.
        strides: Per operand, bytes per step along each axis; 0 where it repeats.
        reduced: Per axis, whether a reduction removes it.
        order: The axes of the original space that are kept by reductions, in the order in which they are walked.
        axes: Per axis, those of the original space that it was merged from, outermost first.
    """

    sizes: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]
    reduced: tuple[bool, ...]
    order: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]

    @property
    def elements(self) -> int:
        return math.prod(self.sizes)

    @property
    def results(self) -> int:
        """Elements of a reduction's result."""
        return math.prod(size for size, gone in zip(self.sizes, self.reduced, strict=True) if not gone)

    def cut(self, axis: int, size: int) -> Space:
        """The same space with another size of one axis."""
        sizes = (*self.sizes[:axis], size, *self.sizes[axis + 1 :])
        return Space(sizes, self.strides, self.reduced, self.order, self.axes)

    def part(self, shape: Sequence[int], strides: Sequence[Sequence[int]]) -> Space | None:
        """A part of the space, walked and merged as the whole is; ``None`` where the part's operands do not allow it.

        Args:
            shape: Sizes of the part, by the axes of the original space.
            strides: Per operand and axis, as they are in the part.
        """
        merged: list[tuple[int, ...]] = []
        for own in strides:
            steps = []
            for axes in self.axes:
                walked = [axis for axis in axes if shape[axis] != 1] or axes[-1:]
                if any(own[left] != own[right] * shape[right] for left, right in itertools.pairwise(walked)):
                    return None
                steps.append(own[walked[-1]])
            merged.append(tuple(steps))
        sizes = tuple(math.prod(shape[axis] for axis in axes) for axes in self.axes)
        return Space(sizes, tuple(merged), self.reduced, self.order, self.axes)


def aligned_strides(shape: Sequence[int], own: Sequence[int], strides: Sequence[int]) -> tuple[int, ...]:
    """Strides of an array of shape ``own`` seen as one of ``shape``, by NumPy's rule of broadcasting."""
    missing = len(shape) - len(own)
    return (0,) * missing + tuple(0 if size == 1 else stride for size, stride in zip(own, strides, strict=True))


def simplify(shape: Sequence[int], strides: Sequence[Sequence[int]], reduced: Sequence[int]) -> Space:
    """Drop axes of size 1, put the axis of the least strides innermost, and merge.

    Args:
        shape: Sizes of the iteration space.
        strides: Per operand and axis; the operands that matter most for the order first.
        reduced: Axes that a reduction removes.
    """
    # An operand that covers more axes says more about their order than one that repeats along them.
    leading = sorted(strides, key=lambda own: -sum(stride != 0 for stride in own))

    def nearness(axis: int) -> tuple[int, ...]:
        return tuple(-abs(own[axis]) for own in leading)

    def nearness_in_any(axis: int) -> tuple[int, bool]:
        return -min((abs(own[axis]) for own in strides if own[axis]), default=0), axis in reduced

    longer = [axis for axis in range(len(shape)) if shape[axis] != 1]
    covered = any(all(own[axis] for axis in longer) for own in strides)
    # Where every operand repeats along some axis, a reduced one goes inside: what is computed is added up in registers.
    walked = sorted(range(len(shape)), key=nearness if covered or not reduced else nearness_in_any)
    kept = tuple(axis for axis in walked if axis not in reduced)
    walked = [axis for axis in walked if shape[axis] != 1]
    sizes: list[int] = []
    merged: list[list[int]] = [[] for _ in strides]
    gone: list[bool] = []
    axes: list[tuple[int, ...]] = []
    for axis in walked:
        size, is_reduced = shape[axis], axis in reduced
        fits = bool(sizes) and gone[-1] == is_reduced
        if fits and all(own[-1] == new[axis] * size for own, new in zip(merged, strides, strict=True)):
            sizes[-1] *= size
            axes[-1] += (axis,)
            for own, new in zip(merged, strides, strict=True):
                own[-1] = new[axis]
        else:
            sizes.append(size)
            gone.append(is_reduced)
            axes.append((axis,))
            for own, new in zip(merged, strides, strict=True):
                own.append(new[axis])
    return Space(tuple(sizes), tuple(map(tuple, merged)), tuple(gone), kept, tuple(axes))
