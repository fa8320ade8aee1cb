"""A kernel fitted to one set of shapes and strides: nests to run, and where reductions go."""

from __future__ import annotations

import array
import itertools
from collections.abc import Sequence

from fuser_core.records import derived, frozen
from fuser_cpu_llvm.geometry import Extent, Space, simplify
from fuser_cpu_llvm.nest import Nest, Target, build_nest
from fuser_cpu_llvm.reductions import Piece, Reduction, column_strides, column_target, cut_into_pieces, row_target
from fuser_cpu_llvm.streaming import Traffic, traffic
from fuser_cpu_llvm.tiling import OperandSpec, choose_tiling, tile_part

__all__ = ["Job", "Prepared", "Records", "prepare"]

_LEAST_ACCUMULATED = 1 << 15
"""Elements of a space for which it is worth while to compile a body that adds up what is reduced."""


@frozen
class Job:
    """A nest, and how far its pointers are from the launch's.

    Attributes:
        nest: What the driver walks.
        offsets: In bytes, for the operands, then the reductions; empty where all are 0.
    """

    nest: Nest
    offsets: tuple[int, ...] = ()


@frozen
class Records:
    """What a launch does, in parts that threads may take one by one, as `text/launch.ll` reads it."""

    words: array.array[int]
    address: int
    count: int


@frozen
class Prepared:
    """What to do at a launch with given shapes and strides.

    Attributes:
        jobs: One nest whose tiles threads may share, or several that threads may take one by one.
        elements: Size of the iteration space.
        results: Elements of each reduction's result.
        partials: Partial results of each result, to be joined by place.
        sets: Sets of accumulators; 0 where partial results are used instead.
        kept: Sizes of the axes that reductions keep, in the order of `order`.
        order: For each of them its place among the axes of an output.
        moved: What memory is read and written, where it may be past the cache.
        accumulates: Whether the body adds up what is reduced.
        scratch: Bytes of scratch that each thread needs.
    """

    jobs: tuple[Job, ...]
    elements: int
    results: int
    partials: int
    sets: int
    kept: tuple[int, ...]
    order: tuple[int, ...]
    moved: Traffic | None = None
    accumulates: bool = False
    scratch: int = derived()
    _records: dict[int, Records] = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "scratch", max((job.nest.scratch for job in self.jobs), default=0))
        object.__setattr__(self, "_records", {})

    def records(self, parts: int, table_size: int) -> Records:
        """Cut every job whose tiles may be shared into parts.

        Args:
            parts: How many, at most.
            table_size: Bytes from one job's table of pointers to the next.
        """
        if parts not in self._records:
            self._records[parts] = self._cut(parts, table_size)
        return self._records[parts]

    def _cut(self, parts: int, table_size: int) -> Records:
        words: list[int] = []
        for number, job in enumerate(self.jobs):
            tiles = job.nest.tiles
            own = 1 if self.sets else min(parts, tiles)
            for first, last in itertools.pairwise(tiles * part // own for part in range(own + 1)):
                words += [job.nest.address, number * table_size, first, last]
        memory = array.array("q", words)
        return Records(memory, memory.buffer_info()[0], len(words) // 4)


def prepare(
    extent: Extent,
    operands: Sequence[OperandSpec],
    lanes: int,
    axes: Sequence[int],
    reductions: Sequence[Reduction],
    whole: Extent | None = None,
) -> Prepared | None:
    """Choose axes, tiles and pieces.

    Axes, the columns of tiles and the pieces along reduced axes decide in which order values are joined. A part of a
    larger space, cut along kept axes, takes those of the whole, and so has its bits.

    Args:
        extent: The iteration space; strides are zeros for an operand that lies in scratch.
        operands: The body's operands.
        lanes: The body's lanes.
        axes: Axes that reductions remove.
        reductions: In the order of the group's.
        whole: The space of which this is a part; it is its own whole by default.

    Returns:
        What to do; ``None`` where a part's operands do not lie as the whole's do.
    """
    shape = extent.shape
    like = simplify(*(whole or extent), axes)
    space = like.part(*extent) if whole else like
    if space is None:
        return None
    output_axes = [axis for axis in range(len(shape)) if axis not in axes]
    order = tuple(output_axes.index(axis) for axis in space.order)
    kept = tuple(shape[axis] for axis in space.order)
    if space.elements == 0:
        return Prepared((), 0, space.results, 1, 0, kept, order)
    if reductions and space.sizes and not space.reduced[-1]:
        pieces = cut_into_pieces(like)
        if like is not space and not like.reduced[pieces[0].axis]:
            pieces = [Piece(0, 0, space.sizes[0], 0)]
        jobs, sets = _column_jobs(space, pieces, operands, lanes, reductions)
        return Prepared(jobs, space.elements, space.results, 1, sets, kept, order)
    tiling = choose_tiling(like if reductions else space, operands, lanes, reduces=bool(reductions))
    if reductions:
        tiling = tile_part(tiling, space)
    targets: list[Target] = []
    count = 1
    for reduction in reductions:
        target, count = row_target(space, tiling, reduction, accumulates=like.elements >= _LEAST_ACCUMULATED)
        targets.append(target)
    nest = build_nest(space, tiling, operands, lanes, targets, rows_first=tiling.turned)
    moved = traffic(space, tiling, operands) if nest.in_place and not reductions else None
    accumulates = any(target.accumulates for target in targets)
    return Prepared((Job(nest),), space.elements, space.results, count, 0, kept, order, moved, accumulates)


def _column_jobs(
    space: Space,
    pieces: Sequence[Piece],
    operands: Sequence[OperandSpec],
    lanes: int,
    reductions: Sequence[Reduction],
) -> tuple[tuple[Job, ...], int]:
    """Make a job of each piece of a space whose innermost axis is kept; return them and how many sets accumulate."""
    jobs = []
    for piece in pieces:
        part = space.cut(piece.axis, piece.size)
        tiling = choose_tiling(part, operands, lanes, reduces=True, down=True)
        targets, results = [], []
        for reduction in reductions:
            itemsize = reduction.reducer.accumulator.itemsize
            own = column_strides(space, itemsize)
            plane = space.results * itemsize
            targets.append(column_target(own, plane, tiling, reduction))
            results.append(piece.set * plane * reduction.reducer.planes + piece.start * own[piece.axis])
        moved = (piece.start * stride[piece.axis] for stride in space.strides)
        nest = build_nest(part, tiling, operands, lanes, targets, rows_first=True)
        jobs.append(Job(nest, (*moved, *results)))
    return tuple(jobs), max(piece.set for piece in pieces) + 1
