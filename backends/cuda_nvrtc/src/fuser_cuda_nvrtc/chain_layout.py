"""From a chain's shapes and strides to its launch: how many threads do a row, and what they hold in shared memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fuser_core.backend import ArrayDesc, Chain, Value
from fuser_core.chain_layouts import lay_out
from fuser_core.records import frozen
from fuser_cuda_nvrtc.geometry import collapse
from fuser_cuda_nvrtc.kernel import Kernel, Laid
from fuser_cuda_nvrtc.layout import PACK_BYTES, Launch, Operand, space_words
from fuser_cuda_nvrtc.layout_reductions import ReductionLayout, lay_out_reduction
from fuser_cuda_nvrtc.source.arrangement import THREADS
from fuser_cuda_nvrtc.source.chain_values import Along, ChainValues, inside

__all__ = ["ChainLaunch", "fit_rows", "shared_bytes"]

_SMALL = 1 << 31
_MOST_SHARED = {70: 96, 72: 96, 75: 64, 80: 163, 86: 99, 87: 163, 88: 99, 89: 99, 90: 227, 100: 227, 103: 227, 110: 227}
"""KiB of shared memory that one block may have, by compute capability; 99 on what is not listed and newer."""

_WORD = (1 << 64) - 1


@frozen
class ChainLaunch:
    """A launch, and the bytes of shared memory of a block."""

    launch: Launch
    shared: int


@frozen
class _Inner:
    """An array that a chain does not have: what the core would pass from one kernel to the next."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    pointer: int = 0


def shared_bytes(sm: int) -> int:
    """Return how much shared memory one block may have, in bytes."""
    return _MOST_SHARED.get(sm, 99 if sm > 70 else 48) << 10


def fit_rows(
    chain: Chain,
    values: ChainValues,
    kernels: Sequence[Kernel],
    inputs: Sequence[ArrayDesc],
    outputs: Sequence[ArrayDesc],
    most: int,
) -> ChainLaunch | None:
    """Return what to launch; ``None`` where rows are not dense, or longer than what ``most`` bytes hold."""
    arrays = [*(inputs[place] for place in values.walked), *outputs]
    length = _row_length(arrays, values.along)
    sizes = _sizes(arrays, values.along, len(chain.axes[0]))
    strides = [
        tuple(0 if axis is None or each.shape[axis] == 1 else each.strides[axis] for axis in along.rows)
        for each, along in zip(arrays, values.along, strict=True)
    ]
    if length is None or length >= _SMALL or math.prod(sizes) >= _SMALL:
        return None
    orders = _orders(chain, kernels, inputs, outputs)
    if orders is None:
        return None
    reducing = [each for each in orders if each is not None]
    packed = reducing[0].packed
    rows, _ = collapse(sizes, strides)
    for place, (each, along) in enumerate(zip(arrays, values.along, strict=True)):
        operand, steps = Operand(each.dtype.itemsize, each.pointer % PACK_BYTES), [own[place] for own in rows.strides]
        if not (operand.holds_packs(steps) if packed and along.inside else operand.is_aligned(steps)):
            return None
    slots = [-(-length * size // PACK_BYTES) * PACK_BYTES for size in values.slot_sizes]
    across, row_bytes = max(each.lanes for each in reducing), sum(slots)
    down = min(THREADS // across, most // max(1, row_bytes))
    if down == 0:
        return None
    words = [rows.elements, length, *(across if each is None else each.lanes for each in orders), row_bytes]
    words += [sum(slots[:slot]) for slot in range(max(1, len(slots)))]
    words += space_words(rows, max(1, len(chain.axes[0])), len(arrays))
    launch = Launch(
        "chain_packs" if packed else "chain_elements",
        (-(-rows.elements // down), 1),
        (across, down),
        tuple(word & _WORD for word in words),
    )
    return ChainLaunch(launch, down * row_bytes)


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


def _orders(
    chain: Chain, kernels: Sequence[Kernel], inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
) -> list[ReductionLayout | None] | None:
    """Return in which order each kernel that reduces would add; ``None`` where one kernel cannot add as all of them."""
    laid: dict[int, Laid] = {}
    given = {value.id: each for value, each in zip(chain.inputs, inputs, strict=True)}
    given.update({value.id: each for value, each in zip(chain.outputs, outputs, strict=True)})
    layouts = lay_out(chain, inputs, outputs)

    def array(value: Value) -> Laid:
        own = layouts[value.id]
        return given.get(value.id) or laid.setdefault(value.id, _Inner(value.dtype, own.shape, own.strides))

    orders: list[ReductionLayout | None] = []
    for number, (group, kernel) in enumerate(zip(chain.groups, kernels, strict=True)):
        if not group.reductions:
            orders.append(None)
            continue
        own = kernel.arrangement
        arrays = [array(group.inputs[place]) for place in own.walked]
        arrays += [array(group.outputs[place]) for place in (*own.stored, *own.reduced)]
        kept, gone, operands = kernel.collapse(arrays)
        order = lay_out_reduction(own, kept, gone, operands)
        if order.parts or not order.lanes or len(gone.sizes) != 1 or not inside(chain, number):
            return None
        orders.append(order)
    packed = {each.packed for each in orders if each is not None}
    return orders if len(packed) == 1 else None
