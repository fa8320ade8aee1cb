"""The loop nest around every body, as IR: one text for all kernels, compiled once per process.

``run(bodies, nest, pointers, scratch, first, last)`` walks tiles ``first`` to ``last`` of an iteration space. A tile
is ``rows`` by ``columns`` elements of the two innermost axes. The body gets it row by row, or all rows as one: for each
operand contiguous elements, the array's own where it can, else those of a packed copy in ``scratch``; one element of a
column, repeated over a block, where it takes a mask. Copies of outputs are scattered back. What fills no vector at the
end of a row is computed with the last vector, into blocks. At last each reduction's function consumes the values of
the tile, but for those that the body has added up itself (see `accumulation`). Copies are made by functions of
`movers`, whose addresses the nest holds.

``nest`` describes the space in 64-bit integers: `Header`, the sizes of the outer axes, and a `Record` with as many
strides behind it for each operand and each reduction. ``scratch`` begins with tables; see `text/place.ll`.
"""

from __future__ import annotations

import enum
import functools
import platform
import threading
from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType

from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.pool import pool_text_values

__all__ = ["Header", "Kind", "Record", "driver", "driver_text", "ir_text"]


class Header(enum.IntEnum):
    """Places of the words that begin a nest.

    ``FLAT``: the rows of a tile reach the body as one. ``REPEATING``: some operand is a column. ``ALIGNED``: the output
    by which rows are cut where the body writes past the cache.
    """

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
    FLAT = 11
    REPEATING = 12
    ALIGNED = 13
    SIZE = 14


class Record(enum.IntEnum):
    """Places of the words of an operand, and of a reduction where it differs.

    ``SCRATCH`` and ``BLOCK`` are offsets of memory for a packed tile, and for as many elements as the body has lanes;
    ``MOVE`` is the address of what packs. ``ACCUMULATED`` masks how many elements of a row the body adds up.
    """

    KIND = 0
    ITEMSIZE = 1
    SCRATCH = 2
    ROW_STEP = 3
    COLUMN_STEP = 4
    ROW_STRIDE = 5
    COLUMN_STRIDE = 6
    BLOCK = 7
    MOVE = 8
    SIZE = 9
    # A reduction:
    VALUES = 0
    FUNCTION = 1
    FLAT = 2
    PLANE = 6
    ACCUMULATED = 7


class Kind(enum.IntEnum):
    """How the elements of an operand reach the body; a repeated input is packed once, not once a tile."""

    DIRECT_INPUT = 0
    PACKED_INPUT = 1
    REPEATED_INPUT = 2
    SCALAR = 3
    COLUMN_INPUT = 4
    PACKED_OUTPUT = 5
    VALUES = 6
    DIRECT_OUTPUT = 7


_X86_FENCE = ("declare void @llvm.x86.sse.sfence()", "call void @llvm.x86.sse.sfence()")
_FENCE: Mapping[str, tuple[str, str]] = MappingProxyType({"x86_64": _X86_FENCE, "AMD64": _X86_FENCE})
"""What orders stores past the cache, by machine; other processors keep order by themselves."""

_making = threading.Lock()


def driver() -> Machine:
    """The compiled driver: ``launch``, ``chain`` and, where threads can share, ``pool.run`` and ``pool.work``.

    There is one per process: the pool's workers are inside it as long as they live.
    """
    with _making:
        return _make_driver()


@functools.cache
def _make_driver() -> Machine:
    values = pool_text_values()
    shared = () if values is None else ("pool.run", "pool.work")
    return Machine(f"driver {values}", driver_text, ("launch", "chain", *shared))


def driver_text() -> str:
    """IR of the driver."""
    values = pool_text_values()
    shared = [] if values is None else [ir_text("pool", **values)]
    declare, fence = _FENCE.get(platform.machine(), ("", ""))
    launch = ir_text("launch", declare_fence=declare, fence=fence)
    return "\n".join([*map(ir_text, ("place", "row", "tile", "run", "flat", "chain")), launch, *shared])


def ir_text(name: str, /, **values: object) -> str:
    """Read a template of IR that comes with this package and fill in ``${...}``."""
    path = Path(__file__).with_name("text") / f"{name}.ll"
    return Template(path.read_text(encoding="utf-8")).substitute(values)
