"""The description of a loop nest that `driver` walks: how a space is cut into tiles and operands reach the body."""

from __future__ import annotations

import array
import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

from fuser_cpu_llvm.driver import Header, Kind, Record
from fuser_cpu_llvm.geometry import Space

__all__ = ["Nest", "OperandSpec", "Role", "Target", "Tiling", "build_nest", "choose_tiling"]

_BLOCK = 1024
"""Elements of a tile that is packed, or reduced: a few such blocks fit the first-level cache."""

_DIRECT_BLOCK = 16384
"""Elements of a tile that the body reads and writes in place."""

_SQUARE_ROWS = 16
"""Rows of a tile when an operand is contiguous down the columns: it is read by whole cache lines all the same."""

_SHORT_ROW = 256
"""Rows below this are taken several at a time, so that vectors fill."""

_SCRATCH_ALIGNMENT = 64


class Role(enum.Enum):
    """What the body does with an operand."""

    INPUT = enum.auto()
    SCALAR = enum.auto()
    OUTPUT = enum.auto()
    VALUES = enum.auto()


@dataclass(frozen=True, slots=True)
class OperandSpec:
    """An operand of the body."""

    role: Role
    itemsize: int


@dataclass(frozen=True, slots=True)
class Tiling:
    """How many rows and columns one tile has, and how many tiles there are."""

    rows: int
    columns: int
    row_tiles: int
    column_tiles: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where one reduction puts its results.

    Attributes:
        values: The operand to reduce.
        function: Address of the function that consumes a tile.
        flat: The function takes a tile as one row.
        row_step: Bytes from one row of tiles to the next.
        column_step: Bytes from one column of tiles to the next.
        row_stride: Bytes from a row's result to the next row's.
        outer: Bytes per step along each outer axis.
    """

    values: int
    function: int
    flat: bool
    row_step: int
    column_step: int
    row_stride: int
    outer: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nest:
    """A nest ready to run.

    Attributes:
        words: The description, for the driver.
        address: Where the words are.
        scratch: Bytes of scratch that each thread needs.
        tiles: Number of tiles.
    """

    words: array.array[int]
    address: int
    scratch: int
    tiles: int


def inner_axes(space: Space) -> tuple[int, int]:
    """Sizes of the two innermost axes, 1 for one that is not there."""
    rows, columns = (1, 1, *space.sizes)[-2:]
    return rows, columns


def choose_tiling(space: Space, operands: Sequence[OperandSpec], lanes: int) -> Tiling:
    """Cut the two innermost axes; what is chosen depends on sizes and strides only, never on threads."""
    rows, columns = inner_axes(space)
    if any(_is_transposed(space, place) for place in range(len(operands))):
        tile_rows, tile_columns = min(rows, _SQUARE_ROWS), min(columns, _BLOCK // _SQUARE_ROWS)
    elif rows == 1 or columns >= _SHORT_ROW:
        tile_rows = 1
        in_place = all(_is_direct(space, place, operands, flat=False) for place in range(len(operands)))
        tile_columns = min(columns, _DIRECT_BLOCK if in_place else _BLOCK)
    else:
        tile_rows, tile_columns = max(1, _BLOCK // columns), columns
        whole = lanes // math.gcd(lanes, columns)  # So many rows fill vectors.
        if tile_rows >= whole:
            tile_rows -= tile_rows % whole
        tile_rows = min(rows, tile_rows)
    return Tiling(tile_rows, tile_columns, -(-rows // tile_rows), -(-columns // tile_columns))


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
    kinds = [_kind(space, place, operands, tiling) for place in range(len(operands))]
    words[Header.OPERANDS] = len(operands)
    words[Header.LANES] = lanes
    words[Header.ROWS], words[Header.COLUMNS] = rows, columns
    words[Header.TILE_ROWS], words[Header.TILE_COLUMNS] = tiling.rows, tiling.columns
    words[Header.ROW_TILES], words[Header.COLUMN_TILES] = tiling.row_tiles, tiling.column_tiles
    words[Header.ROWS_FIRST] = int(rows_first)
    words[Header.RANK] = len(outer)
    words[Header.RECORDS] = len(operands) + len(targets)
    words[Header.DIRECT] = sum(kind in (Kind.DIRECT_INPUT, Kind.DIRECT_OUTPUT) for kind in kinds)
    words += outer
    scratch = _round_up(5 * 8 * words[Header.RECORDS], _SCRATCH_ALIGNMENT)
    for place, (spec, kind) in enumerate(zip(operands, kinds, strict=True)):
        row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
        record = [0] * Record.SIZE
        record[Record.KIND], record[Record.ITEMSIZE], record[Record.SCRATCH] = kind, spec.itemsize, scratch
        record[Record.ROW_STEP], record[Record.COLUMN_STEP] = tiling.rows * row_stride, tiling.columns * column_stride
        record[Record.ROW_STRIDE], record[Record.COLUMN_STRIDE] = row_stride, column_stride
        words += [*record, *space.strides[place][:-2]]
        elements = lanes if kind in (Kind.DIRECT_INPUT, Kind.DIRECT_OUTPUT) else tiling.rows * tiling.columns
        if kind != Kind.SCALAR:
            scratch += _round_up(_round_up(elements, lanes) * spec.itemsize, _SCRATCH_ALIGNMENT)
    for target in targets:
        record = [0] * Record.SIZE
        record[Record.VALUES], record[Record.FUNCTION] = target.values, target.function
        record[Record.FLAT], record[Record.ROW_STRIDE] = int(target.flat), target.row_stride
        record[Record.ROW_STEP], record[Record.COLUMN_STEP] = target.row_step, target.column_step
        words += [*record, *target.outer]
    tiles = math.prod(outer) * tiling.row_tiles * tiling.column_tiles
    memory = array.array("q", words)
    return Nest(memory, memory.buffer_info()[0], scratch, tiles)


def _kind(space: Space, place: int, operands: Sequence[OperandSpec], tiling: Tiling) -> Kind:
    match operands[place].role:
        case Role.SCALAR:
            return Kind.SCALAR
        case Role.VALUES:
            return Kind.VALUES
        case role:
            flat = tiling.rows > 1
            whole = not flat or tiling.columns == inner_axes(space)[1]
            direct = whole and _is_direct(space, place, operands, flat=flat)
            if role is Role.OUTPUT:
                return Kind.DIRECT_OUTPUT if direct else Kind.PACKED_OUTPUT
            if direct:
                return Kind.DIRECT_INPUT
            row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
            repeats = whole and row_stride == 0 if flat else column_stride == 0
            return Kind.REPEATED_INPUT if repeats else Kind.PACKED_INPUT


def _is_transposed(space: Space, place: int) -> bool:
    """Whether an operand is denser down the columns than along the rows."""
    row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
    return 0 < abs(row_stride) < abs(column_stride)


def _is_direct(space: Space, place: int, operands: Sequence[OperandSpec], *, flat: bool) -> bool:
    """Whether the elements of a tile are contiguous where they are."""
    spec = operands[place]
    if spec.role is Role.SCALAR:
        return True
    row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
    _, columns = inner_axes(space)
    dense = spec.role is not Role.VALUES and column_stride == spec.itemsize
    return dense and (not flat or row_stride == columns * column_stride)


def _round_up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
