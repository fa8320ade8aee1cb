"""What a function takes from its surroundings, and whether it is still the same.

A trace bakes in every closure cell, default, global name and attribute of a module or class that the function's code
reads. They are noted here by identity and checked before a trace is used again, so a changed surrounding is seen at
the next call. Where identity cannot tell (a captured list or object may change inside), the function is *volatile*:
it is traced anew for every call, which is slow but never stale.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

from fuser_core.arrays.host_arrays import host_library
from fuser_core.foreign import opaque
from fuser_core.fused import FusedFunction
from fuser_core.records import frozen
from fuser_core.tracing.bytecode import Scope, paths_of
from fuser_core.tracing.libraries import is_of_the_standard, is_substituted
from fuser_core.tracing.trust import is_array, is_stable, is_trusted_namespace
from fuser_core.watches import Reading, Watch, hold, watch_attribute, watch_cell, watch_variable

__all__ = ["Captures", "obstacle", "python_function", "survey"]


@frozen
class Captures:
    """The surroundings of a function as they were.

    Attributes:
        watches: What it reads.
        volatile: The name of something that may change unseen, or ``None``.
        arrays: Whether there are arrays among what it reads; a trace takes these as inputs.
        standard: Whether there are parts of an array API library; others stand for these in a trace.
    """

    watches: tuple[Watch, ...]
    volatile: str | None
    arrays: bool
    standard: bool = False

    def hold(self) -> bool:
        """Say whether the function would read the same objects now."""
        return hold(self.watches)


def survey(function: Callable[..., Any]) -> Captures:
    """Note everything that a function, and the Python functions it captures, read from their surroundings."""
    start = python_function(function)
    if start is None and not is_stable(function):
        return Captures((), type(function).__qualname__, arrays=False)
    watches: list[Watch] = []
    volatile: list[str] = []
    arrays = standard = False
    pending, seen = [] if start is None else [start], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        # Whoever reloads a module while it is in use gives its functions new code in place.
        watches.append(Watch(Reading.CODE, current, None, current.__code__))
        for read in _reads(current):
            watches += read.watches
            called = python_function(read.value)
            if read.followed and called is None:
                continue
            if called is not None:
                pending.append(called)
            elif is_array(read.value) and read.direct:
                arrays = True
            elif is_substituted(read.value):
                standard, arrays = True, arrays or host_library(read.value) is not None
            elif not is_stable(read.value):
                volatile.append(read.name)
        volatile += _untraceable_reads(current)
    return Captures(tuple(watches), volatile[0] if volatile else None, arrays, standard)


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
        if path.scope is Scope.IMPORT and path.name.partition(".")[0] == "array_api_strict":
            return "the function imports array_api_strict while it runs; import it at the top of the module"
    return None


def python_function(value: object) -> types.FunctionType | None:
    """Return the Python function that a call of ``value`` runs, if it is one of the user's."""
    if isinstance(value, FusedFunction):
        value = value.__wrapped__
    if value is opaque:
        return None  # what it makes is found in what reads it
    if isinstance(value, types.FunctionType) and (value.__module__ or "").partition(".")[0] != "numpy":
        return None if is_of_the_standard(value) else value
    return None


@frozen
class _Read:
    """Something that a function reads.

    Attributes:
        name: As the code spells it.
        watches: By what a change of it shows.
        value: What it is.
        direct: It is a variable, not an attribute of something.
        followed: Only an attribute of it is used, which is a read of its own.
    """

    name: str
    watches: tuple[Watch, ...]
    value: Any
    direct: bool
    followed: bool = False


def _reads(function: types.FunctionType) -> Iterator[_Read]:
    yield from _defaults(function)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for path in paths_of(function.__code__):
        if path.scope is Scope.CELL and path.name not in cells:
            continue  # a variable of an inner function's own surroundings, made anew at every call
        if path.scope in (Scope.IMPORT, Scope.WRITE):
            continue
        cell = cells.get(path.name)
        watches = watch_variable(function, path.name) if cell is None else [watch_cell(cell)]
        name, value = path.name, watches[-1].expected
        direct = True
        for attribute in path.attributes:
            if not isinstance(value, types.ModuleType | type | types.FunctionType) or is_substituted(value):
                break
            yield _Read(name, tuple(watches), value, direct=False, followed=True)
            watches = [watch_attribute(value, attribute)]
            name, direct = f"{name}.{attribute}", False
            value = watches[0].expected
        yield _Read(name, tuple(watches), value, direct)


def _defaults(function: types.FunctionType) -> Iterator[_Read]:
    """Yield the defaults of a function's parameters."""
    positional, keywords = function.__defaults__ or (), function.__kwdefaults__ or {}
    whole = (Watch(Reading.DEFAULTS, function, None, positional),) if positional else ()
    for position, value in enumerate(positional):
        yield _Read(f"default {position}", whole if position == 0 else (), value, direct=True)
    space = Watch(Reading.KEYWORD_DEFAULTS, function, None, keywords)
    for name, value in keywords.items():
        yield _Read(f"default of {name}", (space, Watch(Reading.ITEM, keywords, name, value)), value, direct=True)


def _untraceable_reads(function: types.FunctionType) -> Iterator[str]:
    """Yield the imports in a function's body: what they read cannot be found in its code."""
    for path in paths_of(function.__code__):
        if path.scope is Scope.IMPORT and not is_trusted_namespace(path.name):
            yield f"import {path.name}"
