"""How an iteration space is cut into tiles: by sizes and strides, so that threads change nothing."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

from fuser_core.records import frozen
from fuser_cpu_llvm.geometry import Space

__all__ = ["OperandSpec", "Role", "Tiling", "choose_tiling", "inner_axes", "round_up", "tile_part"]

_BLOCK = 1024
"""Elements of a tile that is packed, or reduced: a few such blocks fit the first-level cache."""

_DIRECT_BLOCK = 16384
"""Elements of a row of a tile that the body reads and writes in place."""

_DIRECT_ROWS = 8192
"""Elements of several such rows that make a tile."""

_REDUCED_ROWS = 16
"""The fewest rows of such a tile that are added to one and the same row, which is read and written once a tile. Long
rows in greater numbers would be more streams of memory than the processor follows."""

_TURNED_PIECE, _TURNED_COLUMNS = 192, 1000
"""A tile when an operand is contiguous down the columns: bytes of a piece of a column, and elements of a row. Long rows
let the processor fetch ahead what lies in rows; three lines of a column at a time are read whole, or nearly so."""

_CONFLICT = 1024
"""Rows in scratch that are multiples of so many bytes apart crowd the same sets of the first cache."""

_SHORT_ROW = 4
"""Rows of fewer vectors are packed, several at a time, as if they were one: a call of the body is worth so much."""

_SHORT_REDUCED_ROW = 256
"""The same, in elements, where values of a tile are reduced: longer rows are tiles of their own."""


class Role(enum.Enum):
    """What the body does with an operand."""

    INPUT = enum.auto()
    SCALAR = enum.auto()
    OUTPUT = enum.auto()
    VALUES = enum.auto()


@frozen
class OperandSpec:
    """An operand of the body.

    Attributes:
        role: What the body does with it.
        itemsize: Bytes of an element.
        may_repeat: The body takes a mask of its index, by which it is one element, repeated over a block.
    """

    role: Role
    itemsize: int
    may_repeat: bool = False


@frozen
class Tiling:
    """How many rows and columns one tile has, and how many tiles there are.

    Attributes:
        flat: The rows of a tile reach the body as one.
        turned: An operand is contiguous down the columns, so tiles had better be walked that way.
    """

    rows: int
    columns: int
    row_tiles: int
    column_tiles: int
    flat: bool
    turned: bool


def inner_axes(space: Space) -> tuple[int, int]:
    """Sizes of the two innermost axes, 1 for one that is not there."""
    rows, columns = (1, 1, *space.sizes)[-2:]
    return rows, columns


def choose_tiling(
    space: Space, operands: Sequence[OperandSpec], lanes: int, *, reduces: bool = False, down: bool = False
) -> Tiling:
    """Cut the two innermost axes; what is chosen depends on sizes and strides only, never on threads.

    Args:
        space: What to cut.
        operands: The body's operands in order.
        lanes: The body's lanes.
        reduces: Values of a tile are reduced, which takes them row by row.
        down: Rows of a tile may be added to one and the same row.
    """
    rows, columns = inner_axes(space)
    if rows > 1 and columns < (_SHORT_REDUCED_ROW if reduces else _short_row(space, operands, lanes)):
        tile_rows = max(1, _BLOCK // columns)
        whole = lanes // math.gcd(lanes, columns)  # So many rows fill vectors.
        if tile_rows >= whole:
            tile_rows -= tile_rows % whole
        return _cut(rows, columns, min(rows, tile_rows), columns, flat=True)
    if any(_is_transposed(space, place) for place in range(len(operands))):
        return _turned(space, operands, lanes)
    in_place = all(_lies_in_rows(space, place, operands) for place in range(len(operands)))
    tile_columns = _share(columns, _DIRECT_BLOCK if in_place else _BLOCK, lanes)
    tile_rows = min(rows, max(1, (_DIRECT_ROWS if in_place else _BLOCK) // tile_columns))
    if reduces:
        dense = down and tile_columns == columns and _lies_dense(space, operands)
        least = _REDUCED_ROWS if in_place else 1
        tile_rows = min(rows, max(tile_rows, least)) if dense else 1
    return _cut(rows, columns, tile_rows, tile_columns)


def tile_part(tiling: Tiling, part: Space) -> Tiling:
    """Return the tiles of a whole for a part of it with as many columns: rows are cut at the same columns."""
    rows, columns = inner_axes(part)
    return _cut(rows, columns, min(rows, tiling.rows), tiling.columns, flat=tiling.flat, turned=tiling.turned)


def _lies_dense(space: Space, operands: Sequence[OperandSpec]) -> bool:
    """Whether the rows of every input that has rows lie one behind the other, as reductions take them."""
    for spec, strides in zip(operands, space.strides, strict=True):
        row_stride, column_stride = (0, 0, *strides)[-2:]
        if spec.role is Role.INPUT and column_stride and row_stride != inner_axes(space)[1] * spec.itemsize:
            return False
    return True


def _short_row(space: Space, operands: Sequence[OperandSpec], lanes: int) -> int:
    """Return how many elements a row needs to be worth a call of the body."""
    _, columns = inner_axes(space)
    for spec, strides in zip(operands, space.strides, strict=True):
        row_stride, column_stride = (0, 0, *strides)[-2:]
        if column_stride == spec.itemsize and row_stride not in (0, columns * spec.itemsize):
            return lanes  # to pack rows that lie apart costs as much
    return _SHORT_ROW * lanes


def _turned(space: Space, operands: Sequence[OperandSpec], lanes: int) -> Tiling:
    """Cut a space with operands that are packed by turning them; all their tiles together fit the second cache."""
    rows, columns = inner_axes(space)
    sizes = [operands[place].itemsize for place in range(len(operands)) if _is_transposed(space, place)]
    tile_columns = _share(columns, max(_TURNED_COLUMNS // len(sizes), _SHORT_ROW * lanes), lanes)
    if any(tile_columns * size % _CONFLICT == 0 for size in sizes):
        tile_columns = min(columns, round_up(tile_columns // 2 + 1, lanes))
    return _cut(rows, columns, min(rows, _TURNED_PIECE // max(sizes)), tile_columns, turned=True)


def _cut(
    rows: int, columns: int, tile_rows: int, tile_columns: int, *, flat: bool = False, turned: bool = False
) -> Tiling:
    return Tiling(tile_rows, tile_columns, -(-rows // tile_rows), -(-columns // tile_columns), flat, turned)


def _share(columns: int, most: int, lanes: int) -> int:
    """Return an even share of the columns: whole vectors unless it is all, and about so many at most."""
    return min(columns, round_up(-(-columns // -(-columns // most)), lanes))


def _is_transposed(space: Space, place: int) -> bool:
    """Whether an operand is denser down the columns than along the rows."""
    row_stride, column_stride = (0, 0, *space.strides[place])[-2:]
    return 0 < abs(row_stride) < abs(column_stride)


def _lies_in_rows(space: Space, place: int, operands: Sequence[OperandSpec]) -> bool:
    """Whether the body may take an operand's rows where they are."""
    spec = operands[place]
    column_stride = (0, *space.strides[place])[-1]
    once = spec.role is Role.SCALAR or (spec.may_repeat and column_stride == 0)
    return once or (spec.role is not Role.VALUES and column_stride == spec.itemsize)


def round_up(value: int, unit: int) -> int:
    """The least multiple of ``unit`` that is no less."""
    return -(-value // unit) * unit
