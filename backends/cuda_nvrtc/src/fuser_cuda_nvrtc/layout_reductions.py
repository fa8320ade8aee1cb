"""From a reduction's shapes and strides to what is launched: who adds what, in segments, and who joins them.

All that decides the order of evaluation hangs on sizes and strides, never on the device, so results do not either.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_cuda_nvrtc.geometry import Axes
from fuser_cuda_nvrtc.layout import Launch, Operand, fits_packs, power_of_two, space_words
from fuser_cuda_nvrtc.source.arrangement import THREADS, Arrangement

__all__ = ["lay_out_reduction"]

_SMALL = 1 << 31
_ENOUGH_BLOCKS = 2048
"""So many blocks keep the largest device busy; more only make more parts to join."""

_FEW_BLOCKS = 512
"""With so many a reduced axis is not cut: parts would have to be joined, and a device of today is busy."""

_LEAST_PARTS = 4
"""Parts that are worth a thread, where segments are joined."""

_MOST_HELD = 160
"""Bytes of accumulators that a thread has for neighbouring results; each stands in registers twice."""

_LEAST_SHARE = 64
"""Elements that are worth a thread, where a reduced axis is cut into segments."""

_NEIGHBOURS = 32
"""Threads side by side whose elements lie side by side."""

_MOST_BLOCKS = (1 << 31) - 1


def lay_out_reduction(
    arrangement: Arrangement, kept: Axes, gone: Axes, operands: Sequence[Operand]
) -> tuple[tuple[Launch, ...], int]:
    """Choose the kernels of a reduction.

    Args:
        arrangement: The kernel's arrays.
        kept: The axes of the results.
        gone: The axes that vanish.
        operands: The arrays; results come last.

    Returns:
        One kernel, or two where there are segments; and how many partial results each reduction has, else 0.
    """
    results, length = kept.elements, gone.elements
    if results == 0:
        return (), 0
    rows = _innermost_is_reduced(kept, gone, arrangement.moved)
    if rows:
        entry, unit, dense = _rows_entry(arrangement, kept, gone, operands)
        lanes = min(THREADS, power_of_two(-(-(length // unit) // 4)))
        block, abreast, units = (lanes, THREADS // lanes), THREADS // lanes, length // unit
    else:
        entry, each, dense = _columns_entry(arrangement, kept, gone, operands)
        side = min(_NEIGHBOURS, power_of_two(-(-results // each)))
        lanes, unit, units = THREADS // side, 1, length
        block, abreast = (side, lanes), side * each
    blocks = -(-results // abreast)
    share = lanes * max(1, _LEAST_SHARE // unit)
    wanted = _ENOUGH_BLOCKS // blocks if blocks < _FEW_BLOCKS else 1
    segments = max(1, min(-(-units // share), wanted))
    segment = -(-units // segments)
    repeats = sum(1 << place for place, near in enumerate(dense) if not near)
    spaces = (*space_words(kept, arrangement.rank, arrangement.arrays),)
    spaces += space_words(gone, arrangement.rank, arrangement.arrays)
    words = (results, length, segment, segments, repeats, int(rows), *spaces)
    first = Launch(entry, (min(blocks, _MOST_BLOCKS), segments), block, words)
    if segments == 1:
        return (first,), 0
    down = min(THREADS, power_of_two(-(-segments // _LEAST_PARTS)))
    side = min(THREADS // down, power_of_two(results))
    second = Launch("join_segments", (min(-(-results // side), _MOST_BLOCKS), 1), (side, down), words)
    return (first, second), segments * results


def _rows_entry(
    arrangement: Arrangement, kept: Axes, gone: Axes, operands: Sequence[Operand]
) -> tuple[str, int, list[bool]]:
    """Return the kernel where neighbours share a result, how many a thread takes as one, and which arrays are dense."""
    moved = arrangement.moved
    inner = gone.strides[0][:moved] if gone.sizes else (0,) * moved
    dense = [step == each.itemsize for step, each in zip(inner, operands[:moved], strict=True)]
    packed = len(gone.sizes) == 1 and fits_packs(kept.strides, operands[:moved], inner)
    packed &= all(dense[len(arrangement.walked) :]) and gone.elements >= 4 * arrangement.lanes
    if packed:
        return "reduce_rows", arrangement.lanes, dense
    return _entry(arrangement, kept, gone, operands), 1, dense


def _columns_entry(
    arrangement: Arrangement, kept: Axes, gone: Axes, operands: Sequence[Operand]
) -> tuple[str, int, list[bool]]:
    """Return the kernel where neighbours belong to several results, of how many a thread takes care, and the same."""
    moved, lanes = arrangement.moved, arrangement.lanes
    inner = kept.strides[0][:moved] if kept.sizes else (0,) * moved
    dense = [step == each.itemsize for step, each in zip(inner, operands[:moved], strict=True)]
    packed = bool(kept.sizes) and kept.sizes[0] % lanes == 0 and lanes > 1
    packed &= lanes * sum(each.size for each in arrangement.reducers) <= _MOST_HELD
    packed &= fits_packs((*kept.strides[1:], *gone.strides), operands[:moved], inner)
    packed &= all(dense[len(arrangement.walked) :]) and max(kept.elements, gone.elements) < _SMALL
    if packed:
        return "reduce_columns", lanes, dense
    return _entry(arrangement, kept, gone, operands), 1, dense


def _entry(arrangement: Arrangement, kept: Axes, gone: Axes, operands: Sequence[Operand]) -> str:
    steps = (*kept.strides, *gone.strides)
    aligned = all(each.is_aligned(own[array] for own in steps) for array, each in enumerate(operands))
    reach = max(kept.reach(array) + gone.reach(array) for array in range(arrangement.arrays))
    small = max(kept.elements, gone.elements, reach) < _SMALL - 64
    return "reduce32" if aligned and small else "reduce64"


def _innermost_is_reduced(kept: Axes, gone: Axes, moved: int) -> bool:
    """Whether neighbours in memory belong to one result, by the arrays that are moved."""
    if not kept.sizes or not gone.sizes:
        return bool(gone.sizes) or not kept.sizes
    near = [(abs(along), abs(across)) for along, across in zip(gone.strides[0], kept.strides[0], strict=True)][:moved]
    for along, across in near:
        if along and across:
            return along < across
    return any(along for along, _ in near)
