"""From a chain's shapes and strides to its launch: how many threads do a row, and how much of it each holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fuser_core.backend import ArrayDesc
from fuser_core.records import frozen
from fuser_cuda_nvrtc.geometry import collapse
from fuser_cuda_nvrtc.layout import PACK_BYTES, Launch, Operand, power_of_two, space_words
from fuser_cuda_nvrtc.source.arrangement import lanes_of
from fuser_cuda_nvrtc.source.chain_text import CHAIN_ENTRY, Hold
from fuser_cuda_nvrtc.source.chain_values import Along, ChainValues

__all__ = ["ChainLaunch", "fit_rows"]

_SMALL = 1 << 31

_FORMS = ((256, 4, 32), (512, 2, 32), (1024, 1, 32), (256, 2, 72), (512, 1, 72))
"""Threads of a block, how many of those a processor is to have at once, and how many registers a thread of them may
fill with what it holds of a row; as many again are for the rest."""

_USUAL = 16
"""Elements that a thread holds of short rows."""

_MOST = 64
"""Elements that a thread holds at most: it adds them one to another, and the kernel's text is so many times as long."""

_MOST_WORK = 4000
"""Additions that are written out for one thread."""

_LINE = 8
"""Threads that share a row at least, if it is as long: together they read what memory gives at once."""


@frozen
class ChainLaunch:
    """A launch, and which kernel it is of."""

    launch: Launch
    hold: Hold


def fit_rows(values: ChainValues, rank: int, cost: int, arrays: Sequence[ArrayDesc]) -> ChainLaunch | None:
    """Return what to launch; ``None`` where rows are not dense, are empty, or are longer than what a block holds.

    Args:
        values: What the chain passes on.
        rank: Axes of the chain.
        cost: Rough time per element, in additions.
        arrays: Those with axes, outputs last.
    """
    length = _row_length(arrays, values.along)
    sizes = _sizes(arrays, values.along, rank)
    strides = [
        tuple(0 if axis is None or each.shape[axis] == 1 else each.strides[axis] for axis in along.rows)
        for each, along in zip(arrays, values.along, strict=True)
    ]
    if not length or not 0 < math.prod(sizes) < _SMALL:
        return None
    rows, _ = collapse(sizes, strides)
    lanes = _lanes(values, cost, arrays, [[own[place] for own in rows.strides] for place in range(len(arrays))], length)
    chosen = None if lanes == 0 else _hold(-(-length // lanes), lanes, values.held, cost)
    if chosen is None:
        return None
    hold, across = chosen
    down = hold.threads // across
    words = (rows.elements, length, *space_words(rows, max(1, rank), len(arrays)))
    return ChainLaunch(Launch(CHAIN_ENTRY, (-(-rows.elements // down), 1), (across, down), words), hold)


def _lanes(
    values: ChainValues, cost: int, arrays: Sequence[ArrayDesc], steps: Sequence[Sequence[int]], length: int
) -> int:
    """Return how many elements are moved as one; 0 where arrays do not lie as their types want it."""
    operands = [Operand(each.dtype.itemsize, each.pointer % PACK_BYTES) for each in arrays]
    placed = list(zip(operands, values.along, steps, strict=True))
    if not all(each.is_aligned(own) for each, _, own in placed):
        return 0
    lanes = lanes_of([each.itemsize for each, along, _ in placed if along.inside], cost, _MOST_WORK)
    packed = length % lanes == 0 and all(each.holds_packs(own) for each, along, own in placed if along.inside)
    return lanes if packed else 1


def _hold(packs: int, lanes: int, width: int, cost: int) -> tuple[Hold, int] | None:
    """Return how much a thread holds, and how many threads share a row of so many packs; ``None`` for too long ones."""
    most = min(_MOST, max(lanes, _MOST_WORK // max(1, cost)))
    least = _FORMS[0][0]
    across = max(power_of_two(-(-packs // max(1, min(_USUAL, most) // lanes))), min(_LINE, power_of_two(packs)))
    if across < least:
        return Hold(least, _FORMS[0][1], lanes, -(-packs // across), is_whole=False), across
    for threads, blocks, registers in _FORMS:
        own = -(-packs // threads)
        if own * lanes <= most and own * lanes * width <= 4 * registers:
            return Hold(threads, blocks, lanes, own, is_whole=True), threads
    return None


def _row_length(arrays: Sequence[ArrayDesc], along: Iterable[Along]) -> int | None:
    """Return the elements of a row; ``None`` where an array is not dense there."""
    length = 1
    for each, own in zip(arrays, along, strict=True):
        dense = each.dtype.itemsize
        for axis in reversed(own.inside):
            if each.shape[axis] != 1 and each.strides[axis] != dense:
                return None
            dense *= each.shape[axis]
        if own.inside:
            length = dense // each.dtype.itemsize
    return length


def _sizes(arrays: Sequence[ArrayDesc], along: Sequence[Along], rank: int) -> tuple[int, ...]:
    """Return the size of each axis of the chain."""
    sizes = [1] * rank
    for each, own in zip(arrays, along, strict=True):
        for place, axis in enumerate(own.rows):
            if axis is not None:
                sizes[place] = each.shape[axis]
    return tuple(sizes)
