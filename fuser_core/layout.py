"""Memory layout: in which order the axes of a result vary, and whether two arrays are the same memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Laid", "dense_strides", "keep_order", "kept_order", "order_of", "reshaped_strides", "same_memory"]


class Laid(Protocol):
    """Something with sizes, in elements, and strides, in bytes."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...


def keep_order(arrays: Sequence[Any], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the order of axes, slowest first, that NumPy's ``order='K'`` gives a result; ``None`` is C order.

    Axes are sorted by the strides of the operands; an operand says nothing about an axis along which it repeats, and
    where operands disagree C order stays (the rule of NumPy's ``nditer``).

    Args:
        arrays: The operands; each broadcasts to ``shape``.
        shape: Shape of the result.
    """
    if len(shape) < 2 or all(array.flags.c_contiguous or array.ndim < 2 for array in arrays):
        return None
    return order_of(arrays, len(shape))


def order_of(arrays: Sequence[Laid], rank: int) -> tuple[int, ...] | None:
    """Return what `keep_order` does, from nothing but sizes and strides."""
    strides = [_aligned_strides(array, rank) for array in arrays]
    order: list[int] = []  # fastest first; an insertion sort that starts from C order
    for axis in range(rank - 1, -1, -1):
        place = len(order)
        for earlier in range(len(order) - 1, -1, -1):
            faster = _is_faster(axis, order[earlier], strides)
            if faster is False:
                break
            if faster:
                place = earlier
        order.insert(place, axis)
    order.reverse()
    return None if order == list(range(rank)) else tuple(order)


def kept_order(order: Sequence[int] | None, gone: Sequence[int]) -> tuple[int, ...] | None:
    """Return the order of the axes that a reduction leaves, numbered as in its result; ``None`` is C order."""
    if order is None:
        return None
    kept = [axis for axis in order if axis not in gone]
    return tuple(sorted(kept).index(axis) for axis in kept)


def dense_strides(shape: Sequence[int], itemsize: int, order: Sequence[int] | None) -> tuple[int, ...]:
    """Return the strides of an array without gaps whose axes vary in ``order``, slowest first (``None``: C order)."""
    strides, step = [0] * len(shape), itemsize
    for axis in reversed(order if order is not None else range(len(shape))):
        strides[axis], step = step, step * shape[axis]
    return tuple(strides)


def reshaped_strides(
    shape: Sequence[int], strides: Sequence[int], target: Sequence[int], itemsize: int
) -> tuple[int, ...] | None:
    """Return the strides by which the same memory, walked in C order, has another shape of as many elements.

    ``None`` where no strides do, so that the elements have to be copied.
    """
    if 0 in shape:
        return dense_strides([max(size, 1) for size in target], itemsize, None)
    runs = _runs(shape, strides)
    found: list[int] = []
    size, stride = runs.pop() if runs else (1, itemsize)
    for wanted in reversed(target):  # the fastest first; each axis takes a part of a run
        if size == 1 and wanted != 1:
            size, stride = runs.pop()
        if size % wanted:
            return None
        found.append(stride)
        size, stride = size // wanted, stride * wanted
    return tuple(reversed(found))


def _runs(shape: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Return the axes of an array, each as size and stride, with those joined that memory walks as one."""
    runs: list[tuple[int, int]] = []
    for size, stride in zip(shape, strides, strict=True):
        if size == 1:
            continue
        if runs and runs[-1][1] == size * stride:
            runs[-1] = runs[-1][0] * size, stride
        else:
            runs.append((size, stride))
    return runs


def same_memory(left: Any, right: Any) -> bool:
    """Say whether two arrays are the very same elements in the same order."""
    return bool(
        left.shape == right.shape
        and left.strides == right.strides
        and left.dtype == right.dtype
        and left.__array_interface__["data"][0] == right.__array_interface__["data"][0]
    )


def _aligned_strides(array: Laid, rank: int) -> list[int]:
    """Return absolute strides aligned at the right, 0 along every axis that the array repeats."""
    own = [abs(stride) if size != 1 else 0 for stride, size in zip(array.strides, array.shape, strict=True)]
    return [0] * (rank - len(own)) + own


def _is_faster(axis: int, other: int, strides: Sequence[Sequence[int]]) -> bool | None:
    """Say whether ``axis`` should vary faster than ``other``; ``None`` when no operand tells."""
    verdict: bool | None = None
    for stride in strides:
        if stride[axis] == 0 or stride[other] == 0:
            continue
        if stride[other] <= stride[axis]:
            return False
        verdict = True
    return verdict
