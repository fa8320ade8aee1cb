"""What a function's code reads from outside, as paths: a variable and the attributes that follow at once."""

from __future__ import annotations

import dis
import enum
import functools
import types
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Path", "Scope", "paths_of"]

_OPERATIONS = {
    "LOAD_GLOBAL": "GLOBAL",
    "LOAD_NAME": "GLOBAL",
    "LOAD_DEREF": "CELL",
    "LOAD_CLASSDEREF": "CELL",
    "LOAD_FROM_DICT_OR_DEREF": "CELL",
    "IMPORT_NAME": "IMPORT",
    "STORE_GLOBAL": "WRITE",
    "DELETE_GLOBAL": "WRITE",
    "STORE_DEREF": "WRITE",
}
_ATTRIBUTE = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Scope(enum.Enum):
    """Where a path begins."""

    GLOBAL = enum.auto()
    CELL = enum.auto()
    IMPORT = enum.auto()
    WRITE = enum.auto()


class Path(NamedTuple):
    """A variable that the code loads, and the attributes that it loads from there: ``np.random.rand``."""

    scope: Scope
    name: str
    attributes: tuple[str, ...]


@functools.lru_cache(maxsize=1024)
def paths_of(code: types.CodeType) -> tuple[Path, ...]:
    """Return every path of a code object and of those nested in it, each once."""
    return tuple(dict.fromkeys(path for each in _nested(code) for path in _paths(each)))


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    pending = [code]
    while pending:
        current = pending.pop()
        yield current
        pending += [constant for constant in current.co_consts if isinstance(constant, types.CodeType)]


def _paths(code: types.CodeType) -> Iterator[Path]:
    if not (code.co_names or code.co_freevars or code.co_cellvars):
        return  # it has nothing to read from outside, and looking through the instructions takes longer than tracing
    path: Path | None = None
    for instruction in dis.get_instructions(code):
        name = str(instruction.argval)
        if path is not None and instruction.opname in _ATTRIBUTE:
            path = path._replace(attributes=(*path.attributes, name))
            continue
        if path is not None:
            yield path
        operation = _OPERATIONS.get(instruction.opname)
        path = Path(Scope[operation], name, ()) if operation is not None else None
    if path is not None:
        yield path
