"""The machine code that serves a fused function's calls: `text/entry.ll`, and the table by which it knows them."""

from __future__ import annotations

import array
import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fuser_core.backend import WarmCall
from fuser_core.vectorcall import TABLE
from fuser_cpu_llvm.driver import ir_text
from fuser_cpu_llvm.entry_rows import Field, Row, make_row
from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.numpy_api import FIELDS, fields_are_right

__all__ = ["Entry", "obstacle"]

_MOST_ROWS = 16
"""Kinds of calls that one function serves; a new one takes the place of the oldest."""

_NOBODY = -1


@functools.cache
def obstacle() -> str | None:
    """Return why calls cannot be served by machine code in this process, or ``None``."""
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} has no vectorcall"
    if sys.byteorder != "little" or object.__basicsize__ != 2 * np.dtype(np.intp).itemsize:
        return "objects do not begin with a count of references and a type of eight bytes each"
    return None if fields_are_right() else f"NumPy {np.__version__} keeps the fields of arrays elsewhere"


@functools.cache
def _machine() -> Machine:
    places = {field.name.lower(): field.value for field in Field}
    return Machine(f"entry {FIELDS} {TABLE}", lambda: ir_text("entry", table=TABLE, **places, **FIELDS), ("entry",))


class Entry:
    """Serves the calls of one fused function; a `fuser_core.backend.CallEntry`.

    Its table is four words: the number of rows, where their addresses are, the callable for all other calls, and the
    row that served last.
    """

    def __init__(self, slow: Callable[..., Any]) -> None:
        self._slow = slow
        self._rows: list[Row] = []
        self._retired: list[Row] = []
        self._next = 0
        self._list = array.array("q", [0] * _MOST_ROWS)
        self._table = array.array("q", [0, self._list.buffer_info()[0], id(slow), _NOBODY])
        self.table = self._table.buffer_info()[0]
        self._machine = _machine()  # of threads that come first together each may have its own
        self.function = self._machine.address("entry")

    @property
    def served(self) -> int | None:
        number = self._table[3]
        return None if number == _NOBODY else number

    @served.setter
    def served(self, number: int | None) -> None:
        self._table[3] = _NOBODY if number is None else number

    def add(self, call: WarmCall) -> int | None:
        row = make_row(call)
        if row is None:
            return None
        place = self._next
        self._next = (place + 1) % _MOST_ROWS
        if place < len(self._rows):  # a thread may still be in it, with the interpreter's lock released
            self._retired = [old for old in (*self._retired, self._rows[place]) if old.is_busy]
            self._rows[place] = row
        else:
            self._rows.append(row)
        self._list[place] = row.address
        self._table[0] = len(self._rows)
        return place
