"""What a function takes from its surroundings, and whether it is still the same.

A trace bakes in every closure cell, default, global name and module attribute that the function's code reads. They
are noted here by identity and checked before a trace is used again, so a changed surrounding is seen at the next
call. Where identity cannot tell (a captured list or object may change inside), the function is *volatile*: it is
traced anew for every call, which is slow but never stale.
"""

from __future__ import annotations

import dis
import enum
import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.arrays import kind_of

__all__ = ["Captures", "is_immutable", "survey"]

_MISSING = object()
_READS_NAME = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_READS_CELL = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"})
_READS_ATTRIBUTE = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_IMMUTABLE = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), type, np.dtype, np.generic, enum.Enum)
_CODE = (types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc)


def is_immutable(value: object) -> bool:
    """Say whether a value cannot change as long as it is the same object."""
    if isinstance(value, tuple | frozenset):
        return all(map(is_immutable, value))
    return isinstance(value, _IMMUTABLE)


@dataclass(frozen=True, slots=True)
class _Note:
    """One thing that the function reads: how to read it, and what it was."""

    read: Callable[[], Any]
    expected: Any


@dataclass(frozen=True, slots=True)
class Captures:
    """The surroundings of a function as they were.

    Attributes:
        notes: What it reads.
        volatile: The name of something that may change unseen, or ``None``.
    """

    notes: tuple[_Note, ...]
    volatile: str | None

    def hold(self) -> bool:
        """Say whether the function would read the same objects now."""
        for note in self.notes:  # noqa: SIM110 - on the way of every call, and all() costs a generator
            if note.read() is not note.expected:
                return False
        return True


def survey(function: Callable[..., Any]) -> Captures:
    """Note everything that a function, and the Python functions it captures, read from their surroundings."""
    notes: list[_Note] = []
    volatile: str | None = None
    start = _python_function(function)
    pending, seen = [start] if start is not None else [], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen or _belongs_to_numpy(current):
            continue
        seen.add(id(current))
        for name, read in _reads(current):
            value = read()
            notes.append(_Note(read, value))
            called = _python_function(value)
            if called is not None:
                pending.append(called)
            elif volatile is None and not _is_guarded_by_identity(value):
                volatile = name
    return Captures(tuple(notes), volatile)


def _python_function(value: object) -> types.FunctionType | None:
    """Return the Python function behind a function, a fused function or a dispatcher of NumPy's."""
    value = getattr(value, "__wrapped__", value)
    return value if isinstance(value, types.FunctionType) else None


def _belongs_to_numpy(function: types.FunctionType) -> bool:
    return function.__module__.partition(".")[0] == "numpy"


def _is_guarded_by_identity(value: object) -> bool:
    if value is _MISSING or isinstance(value, (types.ModuleType, *_CODE)) or kind_of(value) is not None:
        return True
    return is_immutable(value) or _python_function(value) is not None


def _reads(function: types.FunctionType) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the name of everything that a function reads from outside, with a way to read it again."""
    yield "its defaults", lambda: function.__defaults__ or ()
    for name in function.__kwdefaults__ or {}:
        yield name, functools.partial(_keyword_default, function, name)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for code in _all_code(function.__code__):
        owner: Callable[[], Any] | None = None
        path = ""
        for instruction in dis.get_instructions(code):
            name = str(instruction.argval)
            if instruction.opname in _READS_NAME:
                owner, path = _global_reader(function, name), name
            elif instruction.opname in _READS_CELL and name in cells:
                owner, path = _cell_reader(cells[name]), name
            elif instruction.opname in _READS_ATTRIBUTE and owner is not None and isinstance(owner(), types.ModuleType):
                owner, path = _attribute_reader(owner, name), f"{path}.{name}"
            else:
                owner = None
                continue
            yield path, owner


def _keyword_default(function: types.FunctionType, name: str) -> Any:
    return (function.__kwdefaults__ or {}).get(name, _MISSING)


def _all_code(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _all_code(constant)


def _global_reader(function: types.FunctionType, name: str) -> Callable[[], Any]:
    builtins = function.__globals__.get("__builtins__", {})
    fallback = builtins if isinstance(builtins, dict) else vars(builtins)
    return lambda: function.__globals__.get(name, fallback.get(name, _MISSING))


def _cell_reader(cell: types.CellType) -> Callable[[], Any]:
    def read() -> Any:
        try:
            return cell.cell_contents
        except ValueError:  # still empty
            return _MISSING

    return read


def _attribute_reader(owner: Callable[[], Any], name: str) -> Callable[[], Any]:
    return lambda: getattr(owner(), name, _MISSING)
