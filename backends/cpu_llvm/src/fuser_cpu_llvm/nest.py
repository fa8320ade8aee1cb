"""The description of a loop nest that `driver` walks: how operands reach the body, and results their places."""

from __future__ import annotations

import array
import math
from collections.abc import Sequence

from fuser_core.records import frozen
from fuser_cpu_llvm.driver import Header, Kind, Record
from fuser_cpu_llvm.geometry import Space
from fuser_cpu_llvm.movers import mover
from fuser_cpu_llvm.tiling import OperandSpec, Role, Tiling, inner_axes, round_up

__all__ = ["Nest", "Target", "build_nest"]

_SCRATCH_ALIGNMENT = 64
_TABLES = 11
"""Words of scratch per record; see `text/place.ll`."""

_PACKED = (Kind.PACKED_INPUT, Kind.REPEATED_INPUT, Kind.PACKED_OUTPUT)


@frozen
class Target:
    """Where one reduction puts its results.

    Attributes:
        values: The operand to reduce.
        function: Address of the function that consumes a tile.
        flat: The function takes a tile as one row.
        row_step: Bytes from one row of tiles to the next.
        column_step: Bytes from one column of tiles to the next.
        row_stride: Bytes from a row's result to the next row's.
        plane: Bytes from one plane of partial results to the next; 0 where there is one.
        outer: Bytes per step along each outer axis.
        accumulates: The body adds up what fills its vectors; its rows are those that the function takes.
    """

    values: int
    function: int
    flat: bool
    row_step: int
    column_step: int
    row_stride: int
    plane: int
    outer: tuple[int, ...]
    accumulates: bool = False


@frozen
class Nest:
    """A nest ready to run.

    Attributes:
        words: The description, for the driver.
        address: Where the words are.
        scratch: Bytes of scratch that each thread needs.
        tiles: Number of tiles.
        in_place: Every output is written where it lies.
    """

    words: array.array[int]
    address: int
    scratch: int
    tiles: int
    in_place: bool


def build_nest(
    space: Space,
    tiling: Tiling,
    operands: Sequence[OperandSpec],
    lanes: int,
    targets: Sequence[Target] = (),
    *,
    rows_first: bool = False,
) -> Nest:
    """Describe a space for the driver.

    Args:
        space: What to walk; its strides are those of ``operands``.
        tiling: How it is cut.
        operands: The body's operands in order.
        lanes: The body's lanes.
        targets: Where reductions put their results.
        rows_first: Walk down the rows before going to the next column of tiles.
    """
    rows, columns = inner_axes(space)
    outer = space.sizes[:-2]
    words = [0] * Header.SIZE
    kinds = [_kind(space, place, operands, tiling, targets) for place in range(len(operands))]
    words[Header.OPERANDS] = len(operands)
    words[Header.LANES] = lanes
    words[Header.ROWS], words[Header.COLUMNS] = rows, columns
    words[Header.TILE_ROWS], words[Header.TILE_COLUMNS] = tiling.rows, tiling.columns
    words[Header.ROW_TILES], words[Header.COLUMN_TILES] = tiling.row_tiles, tiling.column_tiles
    words[Header.ROWS_FIRST] = int(rows_first)
    words[Header.RANK] = len(outer)
    words[Header.RECORDS] = len(operands) + len(targets)
    words[Header.FLAT] = int(tiling.flat)
    words[Header.REPEATING] = int(Kind.COLUMN_INPUT in kinds)
    words[Header.ALIGNED] = kinds.index(Kind.DIRECT_OUTPUT) if Kind.DIRECT_OUTPUT in kinds else 0
    words += outer
    scratch = round_up(_TABLES * 8 * words[Header.RECORDS], _SCRATCH_ALIGNMENT)
    for place, (spec, kind) in enumerate(zip(operands, kinds, strict=True)):
        row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
        record = [0] * Record.SIZE
        record[Record.KIND], record[Record.ITEMSIZE] = kind, spec.itemsize
        record[Record.ROW_STEP], record[Record.COLUMN_STEP] = tiling.rows * row_stride, tiling.columns * column_stride
        record[Record.ROW_STRIDE], record[Record.COLUMN_STRIDE] = row_stride, column_stride
        record[Record.BLOCK] = scratch
        scratch += round_up(lanes * spec.itemsize, _SCRATCH_ALIGNMENT)
        if kind in _PACKED:
            record[Record.MOVE] = mover(spec.itemsize)
        if kind in (*_PACKED, Kind.VALUES):
            record[Record.SCRATCH] = scratch
            scratch += round_up(tiling.rows * tiling.columns * spec.itemsize, _SCRATCH_ALIGNMENT)
        words += [*record, *space.strides[place][:-2]]
    for target in targets:
        record = [0] * Record.SIZE
        record[Record.VALUES], record[Record.FUNCTION] = target.values, target.function
        record[Record.FLAT], record[Record.ROW_STRIDE] = int(target.flat), target.row_stride
        record[Record.ROW_STEP], record[Record.COLUMN_STEP] = target.row_step, target.column_step
        record[Record.PLANE], record[Record.ACCUMULATED] = target.plane, -lanes if target.accumulates else 0
        words += [*record, *target.outer]
    tiles = math.prod(outer) * tiling.row_tiles * tiling.column_tiles
    memory = array.array("q", words)
    in_place = Kind.PACKED_OUTPUT not in kinds
    return Nest(memory, memory.buffer_info()[0], scratch, tiles, in_place)


def _kind(space: Space, place: int, operands: Sequence[OperandSpec], tiling: Tiling, targets: Sequence[Target]) -> Kind:
    spec = operands[place]
    if spec.role is Role.SCALAR:
        return Kind.SCALAR
    if spec.role is Role.VALUES:
        return Kind.VALUES
    row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
    direct = column_stride == spec.itemsize
    if tiling.flat or (tiling.rows > 1 and any(target.values == place for target in targets)):
        direct = direct and row_stride == inner_axes(space)[1] * column_stride
    if spec.role is Role.OUTPUT:
        return Kind.DIRECT_OUTPUT if direct else Kind.PACKED_OUTPUT
    if direct:
        return Kind.DIRECT_INPUT
    if column_stride == 0 and spec.may_repeat and not tiling.flat:
        return Kind.COLUMN_INPUT
    return Kind.REPEATED_INPUT if row_stride == 0 else Kind.PACKED_INPUT
