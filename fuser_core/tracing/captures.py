"""What a function takes from its surroundings, and whether it is still the same.

A trace bakes in every closure cell, default, global name and attribute of a module or class that the function's code
reads. They are noted here by identity and checked before a trace is used again, so a changed surrounding is seen at
the next call. Where identity cannot tell (a captured list or object may change inside), the function is *volatile*:
it is traced anew for every call, which is slow but never stale.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from typing import Any

from fuser_core.fused import FusedFunction
from fuser_core.records import frozen
from fuser_core.tracing.bytecode import Scope, paths_of
from fuser_core.tracing.trust import MISSING, is_array, is_stable, is_trusted_namespace

__all__ = ["Captures", "obstacle", "python_function", "survey"]


@frozen
class _Note:
    """One thing that the function reads: how to read it, and what it was."""

    read: Callable[[], Any]
    expected: Any


@frozen
class Captures:
    """The surroundings of a function as they were.

    Attributes:
        notes: What it reads.
        volatile: The name of something that may change unseen, or ``None``.
        arrays: Whether there are arrays among what it reads; a trace takes these as inputs.
    """

    notes: tuple[_Note, ...]
    volatile: str | None
    arrays: bool

    def hold(self) -> bool:
        """Say whether the function would read the same objects now."""
        for note in self.notes:  # noqa: SIM110 - on the way of every call, and all() costs a generator
            if note.read() is not note.expected:
                return False
        return True


def survey(function: Callable[..., Any]) -> Captures:
    """Note everything that a function, and the Python functions it captures, read from their surroundings."""
    start = python_function(function)
    if start is None and not is_stable(function):
        return Captures((), type(function).__qualname__, arrays=False)
    notes: list[_Note] = []
    volatile: list[str] = []
    arrays = False
    pending, seen = [] if start is None else [start], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        # Whoever reloads a module while it is in use gives its functions new code in place.
        notes.append(_Note(functools.partial(getattr, current, "__code__"), current.__code__))
        for read in _reads(current):
            notes.append(_Note(read.again, read.value))
            called = python_function(read.value)
            if read.followed and called is None:
                continue
            if called is not None:
                pending.append(called)
            elif is_array(read.value) and read.direct:
                arrays = True
            elif not is_stable(read.value):
                volatile.append(read.name)
        volatile += _untraceable_reads(current)
    return Captures(tuple(notes), volatile[0] if volatile else None, arrays)


def obstacle(function: Callable[..., Any]) -> str | None:
    """Return what in a function's code a trace cannot follow, in words, or ``None``."""
    current = python_function(function)
    if current is None:
        return None
    for path in paths_of(current.__code__):
        if path.scope is Scope.WRITE and path.name not in current.__code__.co_cellvars:
            return f"the function assigns {path.name!r}, which is not its own; return the value instead"
        if path.scope is Scope.GLOBAL and path.name == "type" and "type" not in current.__globals__:
            return "the function asks for type(), which a traced value cannot answer; use isinstance()"
    return None


def python_function(value: object) -> types.FunctionType | None:
    """Return the Python function that a call of ``value`` runs, if it is one of the user's."""
    if isinstance(value, FusedFunction):
        value = value.__wrapped__
    if isinstance(value, types.FunctionType) and (value.__module__ or "").partition(".")[0] != "numpy":
        return value
    return None


@frozen
class _Read:
    """Something that a function reads.

    Attributes:
        name: As the code spells it.
        again: Reads it again.
        value: What it is.
        direct: It is a variable, not an attribute of something.
        followed: Only an attribute of it is used, which is a read of its own.
    """

    name: str
    again: Callable[[], Any]
    value: Any
    direct: bool
    followed: bool = False


def _reads(function: types.FunctionType) -> Iterator[_Read]:
    for name, again in _variables(function):
        yield _Read(name, again, again(), direct=True)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for path in paths_of(function.__code__):
        if path.scope is Scope.CELL and path.name not in cells:
            continue  # a variable of an inner function's own surroundings, made anew at every call
        if path.scope in (Scope.IMPORT, Scope.WRITE):
            continue
        cell = cells.get(path.name)
        again = _cell_reader(cell) if cell is not None else _global_reader(function, path.name)
        name, value = path.name, again()
        direct = True
        for attribute in path.attributes:
            if not isinstance(value, types.ModuleType | type | types.FunctionType):
                break
            yield _Read(name, again, value, direct=False, followed=True)
            again, name, direct = _attribute_reader(again, attribute), f"{name}.{attribute}", False
            value = again()
        yield _Read(name, again, value, direct)


def _untraceable_reads(function: types.FunctionType) -> Iterator[str]:
    """Yield the imports in a function's body: what they read cannot be found in its code."""
    for path in paths_of(function.__code__):
        if path.scope is Scope.IMPORT and not is_trusted_namespace(path.name):
            yield f"import {path.name}"


def _variables(function: types.FunctionType) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the defaults of a function's parameters."""
    for position in range(len(function.__defaults__ or ())):
        yield f"default {position}", functools.partial(_default, function, position)
    for name in function.__kwdefaults__ or {}:
        yield f"default of {name}", functools.partial(_keyword_default, function, name)


def _default(function: types.FunctionType, position: int) -> Any:
    defaults = function.__defaults__ or ()
    return defaults[position] if position < len(defaults) else MISSING


def _keyword_default(function: types.FunctionType, name: str) -> Any:
    return (function.__kwdefaults__ or {}).get(name, MISSING)


def _global_reader(function: types.FunctionType, name: str) -> Callable[[], Any]:
    builtins = function.__globals__.get("__builtins__", {})
    fallback = builtins if isinstance(builtins, dict) else vars(builtins)
    return lambda: function.__globals__.get(name, fallback.get(name, MISSING))


def _cell_reader(cell: types.CellType) -> Callable[[], Any]:
    def read() -> Any:
        try:
            return cell.cell_contents
        except ValueError:  # still empty
            return MISSING

    return read


def _attribute_reader(owner: Callable[[], Any], name: str) -> Callable[[], Any]:
    return lambda: getattr(owner(), name, MISSING)
