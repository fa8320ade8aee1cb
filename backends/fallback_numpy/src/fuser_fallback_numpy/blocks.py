"""Blocks: how an iteration space is cut so that intermediates stay in the cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["BLOCK_ELEMENTS", "Block", "axis_order", "blocks", "common_shape", "count", "restrict"]

BLOCK_ELEMENTS = 1 << 17
"""Elements of a block: a handful of buffers of 1 MiB stay in the last-level cache, and NumPy calls are few."""

Array = np.ndarray[Any, np.dtype[Any]]
Block = tuple[slice, ...]


def axis_order(arrays: Sequence[Array], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes of ``shape`` in the order in which memory is walked, slowest first.

    The array of full rank with the most elements decides, since walking it out of order costs the most.
    """
    full = [array for array in arrays if array.shape == shape]
    if not full:
        return tuple(range(len(shape)))
    strides = full[-1].strides
    return tuple(sorted(range(len(shape)), key=lambda axis: -abs(strides[axis])))


def blocks(shape: tuple[int, ...], order: Sequence[int]) -> Iterator[Block]:
    """Yield index tuples that cover ``shape``, each of about `BLOCK_ELEMENTS` elements.

    The axes that vary fastest stay whole; one axis is cut into runs; those that vary slower are walked one by one.
    """
    whole = 1
    cut = len(order)
    while cut > 0 and whole * shape[order[cut - 1]] <= BLOCK_ELEMENTS:
        cut -= 1
        whole *= shape[order[cut]]
    if cut == 0:
        yield (slice(None),) * len(shape)
        return
    axis = order[cut - 1]
    run = max(1, BLOCK_ELEMENTS // max(1, whole))
    starts = [range(0, shape[walked], 1) for walked in order[: cut - 1]]
    for *outer, start in itertools.product(*starts, range(0, shape[axis], run)):
        index = [slice(None)] * len(shape)
        for walked, position in zip(order[: cut - 1], outer, strict=True):
            index[walked] = slice(position, position + 1)
        index[axis] = slice(start, min(start + run, shape[axis]))
        yield tuple(index)


def restrict(array: Array, block: Block) -> Array:
    """Return the part of an array that a block reads; axes of size 1 repeat and stay whole."""
    own = block[len(block) - array.ndim :]
    return array[tuple(part if size != 1 else slice(None) for part, size in zip(own, array.shape, strict=True))]


def common_shape(shapes: Sequence[tuple[int, ...]], rank: int = 0) -> tuple[int, ...]:
    """Return the shape that shapes known to fit broadcast to, of at least ``rank`` axes.

    Not `numpy.broadcast_shapes`, which takes no more than 32 axes where an array may have 64.
    """
    rank = max(rank, *map(len, shapes)) if shapes else rank
    aligned = [(1,) * rank, *[(1,) * (rank - len(shape)) + shape for shape in shapes]]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*aligned, strict=True))


def count(shape: Sequence[int]) -> int:
    """Return the number of elements of a shape."""
    return math.prod(shape)
