"""From a launch's shapes and strides to what is launched: which kernel, how many threads, and its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fuser_core.records import frozen
from fuser_cuda_nvrtc.geometry import Axes, divider, in_tiles
from fuser_cuda_nvrtc.source.arrangement import BAND, THREADS, Arrangement

__all__ = [
    "PACK_BYTES",
    "Launch",
    "Operand",
    "blocks_for",
    "fits_packs",
    "lay_out_elementwise",
    "power_of_two",
    "space_words",
]

PACK_BYTES = 16
"""Where packs may begin: at addresses that are multiples of this."""

_SMALL = 1 << 31
_MOST_BLOCKS_Y = 1 << 15
_BLOCKS_PER_PROCESSOR = 32
_SHORT_ROW = 4
"""Rows of fewer packs are walked element by element."""

_SHORT_BAND = 32
"""Rows of fewer elements are not taken in bands: neighbouring threads would be in several."""

_FEW_BLOCKS = 4
"""Where bands leave fewer blocks to a processor, threads are worth more than what they find in the first cache."""


@frozen
class Launch:
    """One kernel to launch.

    Attributes:
        entry: Its name.
        grid: Blocks along x and y.
        block: Threads of one along x and y.
        words: Its numbers, behind the addresses.
    """

    entry: str
    grid: tuple[int, int]
    block: tuple[int, int]
    words: tuple[int, ...]


@frozen
class Operand:
    """An array with axes.

    Attributes:
        itemsize: Bytes of an element.
        address: Where its first element is, modulo `PACK_BYTES`.
    """

    itemsize: int
    address: int

    def is_aligned(self, strides: Iterable[int]) -> bool:
        """Whether all elements lie where their type wants them, for these steps from one to another."""
        size = min(self.itemsize, PACK_BYTES)
        return self.address % size == 0 and all(stride % size == 0 for stride in strides)

    def holds_packs(self, strides: Iterable[int]) -> bool:
        """Whether packs may begin where dense rows do, for these steps from one row to another."""
        return self.address == 0 and all(stride % PACK_BYTES == 0 for stride in strides)


def space_words(axes: Axes, rank: int, arrays: int) -> tuple[int, ...]:
    """Return the numbers of ``struct Space``."""
    missing = rank - len(axes.sizes)
    pairs = [divider(size) for size in axes.sizes]
    strides = [stride for own in axes.strides for stride in own]
    words = [len(axes.sizes), *axes.sizes, *[1] * missing]
    words += [*(magic for magic, _ in pairs), *[0] * missing, *(shift for _, shift in pairs), *[0] * missing]
    return (*words, *strides, *[0] * (missing * arrays))


def lay_out_elementwise(
    arrangement: Arrangement, axes: Axes, operands: Sequence[Operand], processors: int
) -> tuple[Launch, ...]:
    """Choose the kernel of a space that nothing reduces.

    Args:
        arrangement: The kernel's arrays.
        axes: The space.
        operands: The arrays.
        processors: Multiprocessors of the device.
    """
    count = axes.elements
    if count == 0:
        return ()
    inner = axes.strides[0] if axes.sizes else tuple(each.itemsize for each in operands)
    dense = [step == each.itemsize for step, each in zip(inner, operands, strict=True)]
    packed = fits_packs(axes.strides[1:], operands, inner)
    if packed and len(axes.sizes) <= 1 and all(dense):
        blocks = blocks_for(count, THREADS * arrangement.lanes * arrangement.packs, processors * _BLOCKS_PER_PROCESSOR)
        return (Launch("flat", (blocks, 1), (THREADS, 1), (count,)),)
    if packed and all(dense[len(arrangement.walked) :]):
        rows = _lay_out_rows(arrangement, axes, dense, processors * _BLOCKS_PER_PROCESSOR)
        if rows is not None:
            return (rows,)
    walked = in_tiles(axes, [each.itemsize for each in operands])
    aligned = all(each.is_aligned(own[array] for own in axes.strides) for array, each in enumerate(operands))
    small = count < _SMALL and all(axes.reach(array) < _SMALL - 64 for array in range(arrangement.arrays))
    bands = _lay_out_bands(arrangement, axes, processors) if aligned and small and walked is axes else None
    if bands is not None:
        return (bands,)
    each = arrangement.elements if aligned and small else 1
    words = (count, *space_words(walked, arrangement.rank, arrangement.arrays))
    blocks = blocks_for(count, THREADS * each, processors * _BLOCKS_PER_PROCESSOR)
    return (Launch("strided32" if aligned and small else "strided64", (blocks, 1), (THREADS, 1), words),)


def fits_packs(rows: Sequence[Sequence[int]], operands: Sequence[Operand], inner: Sequence[int]) -> bool:
    """Whether every array is dense along rows and begins them where packs may begin, or repeats one element.

    Args:
        rows: Per axis that leads from one row to another, the steps of every array.
        operands: The arrays, or the first of them.
        inner: Their steps along a row.
    """
    for array, each in enumerate(operands):
        across = [own[array] for own in rows]
        fits = each.holds_packs(across) if inner[array] == each.itemsize else each.is_aligned(across)
        if not fits or inner[array] not in (0, each.itemsize):
            return False
    return True


def _lay_out_rows(arrangement: Arrangement, axes: Axes, dense: Sequence[bool], most: int) -> Launch | None:
    """Return the launch of dense rows; ``None`` where they are too short, or too many.

    A block takes several rows, one after another and as many as any other does, where there are more than for ``most``.
    """
    length, rest = axes.sizes[0], Axes(axes.sizes[1:], axes.strides[1:])
    packs, rows = length // arrangement.lanes, rest.elements
    if packs < _SHORT_ROW or rows >= _SMALL:
        return None
    across = min(THREADS, power_of_two(packs))
    down = THREADS // across
    repeats = sum(1 << place for place, near in enumerate(dense) if not near)
    words = (rows, length, repeats, *space_words(rest, arrangement.rank, arrangement.arrays))
    along = blocks_for(packs, across * arrangement.packs, most)
    bands = -(-rows // down)
    turns = -(-bands // max(1, min(most // along, _MOST_BLOCKS_Y)))
    grid = (along, -(-bands // turns))
    return Launch("rows", grid, (across, down), words)


def _lay_out_bands(arrangement: Arrangement, axes: Axes, processors: int) -> Launch | None:
    """Return the launch of bands of rows; ``None`` where rows are too short, or bands too few."""
    if len(axes.sizes) < 2 or axes.sizes[0] < _SHORT_BAND or axes.sizes[1] < BAND:
        return None
    steps, rows = axes.strides[1], axes.sizes[1]
    if any(axes.reach(array) + BAND * abs(step) >= _SMALL - 64 for array, step in enumerate(steps)):
        return None
    sizes = (axes.sizes[0], -(-rows // BAND), *axes.sizes[2:])
    space = Axes(sizes, (axes.strides[0], tuple(BAND * step for step in steps), *axes.strides[2:]))
    blocks = -(-space.elements // THREADS)
    if blocks < _FEW_BLOCKS * processors:
        return None
    words = (space.elements, rows, *steps, *space_words(space, arrangement.rank, arrangement.arrays))
    return Launch("bands32", (blocks, 1), (THREADS, 1), words)


def blocks_for(count: int, each: int, most: int) -> int:
    """Return how many blocks share some elements, of which one takes ``each`` at a time."""
    return max(1, min(-(-count // each), most))


def power_of_two(least: int) -> int:
    """Return the least power of two that is no less than a number."""
    return 1 << max(0, least - 1).bit_length()
