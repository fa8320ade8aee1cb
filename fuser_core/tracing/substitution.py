"""Substitution: a copy of a function that sees tracers where the original sees captured arrays.

Only so is a computation on captured arrays alone (``x * weights.sum()``) recorded instead of being done once, at the
time of the trace, with the values of that moment.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from fuser_core.tracing.bytecode import Scope, paths_of
from fuser_core.tracing.captures import Captures, python_function
from fuser_core.tracing.libraries import in_place_of, is_substituted
from fuser_core.tracing.trust import is_array

__all__ = ["substitute"]


def substitute(function: Callable[..., Any], captures: Captures, replace: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a copy of a function in which captured arrays, and parts of array API libraries, are replaced.

    Args:
        function: The function; the Python functions that it captures are copied with it.
        captures: What it reads; the function itself is returned where there is nothing to replace.
        replace: Gives the stand-in of an array.
    """
    original = python_function(function)
    if original is None or not (captures.arrays or captures.standard):
        return function
    return _Copier(replace if captures.arrays else _same).copy(original)


def _same(array: Any) -> Any:
    return array


class _Copier:
    """Copies functions that refer to one another, each once."""

    def __init__(self, replace: Callable[[Any], Any]) -> None:
        self._replace = replace
        self._copies: dict[int, types.FunctionType] = {}
        self._globals: dict[int, dict[str, Any]] = {}

    def copy(self, function: types.FunctionType) -> types.FunctionType:
        if id(function) in self._copies:
            return self._copies[id(function)]
        variables = self._globals.setdefault(id(function.__globals__), dict(function.__globals__))
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        copied = types.FunctionType(function.__code__, variables, function.__name__, None, cells)
        self._copies[id(function)] = copied  # before what it refers to, which may refer back
        for path in paths_of(function.__code__):
            if path.scope is Scope.GLOBAL and path.name in function.__globals__:
                variables[path.name] = self._substitute(function.__globals__[path.name])
        for cell, old in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self._substitute(old.cell_contents)
            except ValueError:  # a variable without a value yet
                continue
        copied.__defaults__ = tuple(map(self._substitute, function.__defaults__ or ()))
        copied.__kwdefaults__ = {name: self._substitute(old) for name, old in (function.__kwdefaults__ or {}).items()}
        return copied

    def _substitute(self, value: Any) -> Any:
        if is_array(value):
            return self._replace(value)
        if is_substituted(value):
            return self._substitute_standard(in_place_of(value))
        function = python_function(value)
        return value if function is None else self.copy(function)

    def _substitute_standard(self, standing: Any) -> Any:
        return self._replace(standing) if is_array(standing) else standing
