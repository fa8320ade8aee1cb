"""The loop nest around every body, as IR: one text for all kernels, compiled once per process.

``run(body, nest, pointers, scratch, first, last)`` walks tiles ``first`` to ``last`` of an iteration space. A tile is
``rows`` by ``columns`` elements of the two innermost axes. For each operand it hands the body contiguous elements:
the array's own where it can, else a packed copy in ``scratch``, padded to whole vectors by its last element; copies
of outputs are scattered back. At last each reduction's function consumes the values of the tile.

``nest`` describes the space in 64-bit integers: `Header`, the sizes of the outer axes, and a `Record` with as many
strides behind it for each operand and each reduction. ``scratch`` begins with five tables of one word per record.
"""

from __future__ import annotations

import enum
import functools
import threading
from pathlib import Path
from string import Template

from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.pool import pool_text_values

__all__ = ["Header", "Kind", "Record", "driver", "driver_text", "ir_text"]


class Header(enum.IntEnum):
    """Places of the words that begin a nest."""

    OPERANDS = 0
    LANES = 1
    ROWS = 2
    COLUMNS = 3
    TILE_ROWS = 4
    TILE_COLUMNS = 5
    ROW_TILES = 6
    COLUMN_TILES = 7
    ROWS_FIRST = 8
    RANK = 9
    RECORDS = 10
    DIRECT = 11
    SIZE = 12


class Record(enum.IntEnum):
    """Places of the words of an operand, and of a reduction where it differs."""

    KIND = 0
    ITEMSIZE = 1
    SCRATCH = 2
    ROW_STEP = 3
    COLUMN_STEP = 4
    ROW_STRIDE = 5
    COLUMN_STRIDE = 6
    SIZE = 7
    # A reduction:
    VALUES = 0
    FUNCTION = 1
    FLAT = 2


class Kind(enum.IntEnum):
    """How the elements of an operand reach the body."""

    DIRECT_INPUT = 0
    DIRECT_OUTPUT = 1
    SCALAR = 2
    PACKED_INPUT = 3
    REPEATED_INPUT = 4
    PACKED_OUTPUT = 5
    VALUES = 6


_making = threading.Lock()


def driver() -> Machine:
    """The compiled driver: ``launch`` and, where threads can share, ``pool.run`` and ``pool.work``.

    There is one per process: the pool's workers are inside it as long as they live.
    """
    with _making:
        return _make_driver()


@functools.cache
def _make_driver() -> Machine:
    text = driver_text()
    shared = () if pool_text_values() is None else ("pool.run", "pool.work")
    return Machine(text, lambda: text, ("launch", *shared))


def driver_text() -> str:
    """IR of the driver."""
    moves = [ir_text("move", bits=8 * size, size=size, lanes=32 // size) for size in (1, 2, 4, 8)]
    values = pool_text_values()
    shared = [] if values is None else [ir_text("pool", **values)]
    return "\n".join([*moves, *map(ir_text, ("pack", "tile", "run", "launch")), *shared])


def ir_text(name: str, **values: object) -> str:
    """Read a template of IR that comes with this package and fill in ``${...}``."""
    path = Path(__file__).with_name("text") / f"{name}.ll"
    return Template(path.read_text(encoding="utf-8")).substitute(values)
