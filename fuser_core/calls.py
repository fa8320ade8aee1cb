"""Calls: the arguments of a fused function, sorted into what a kernel reads and what a trace bakes in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core.arguments import ArgSpec, ArraySpec, ScalarSpec, common_device, describe
from fuser_core.arrays import refusal
from fuser_core.errors import UntraceableError
from fuser_core.records import frozen
from fuser_core.tracing import Tracer
from fuser_core.tracing.effects import unchanged
from fuser_core.tracing.trust import is_immutable
from fuser_core.tree import flatten, paths, unflatten

__all__ = ["Call", "Unfusable", "parameters_of", "read_call"]

_NUMBERS = frozenset({bool, int, float, complex})


@frozen
class Unfusable:
    """Arguments that no trace can take; the function itself serves the call."""

    reason: str


@frozen
class Call:
    """The arguments of one call.

    Attributes:
        structure: Of the tree of arguments.
        leaves: All leaves of that tree.
        dynamic: Positions of the leaves that are arrays and numbers.
        spec: What is known of those.
        key: Equal for calls that one trace may serve.
        volatile: The type of a static argument that may change inside, or ``None``.
        traced: Some leaf is a tracer: the call is part of another function's trace.
    """

    structure: Any
    leaves: tuple[Any, ...]
    dynamic: tuple[int, ...]
    spec: ArgSpec
    key: Any
    volatile: str | None
    traced: bool

    @property
    def arguments(self) -> list[Any]:
        """The arrays and numbers."""
        return [self.leaves[position] for position in self.dynamic]

    def labels(self, parameters: Sequence[str]) -> list[str]:
        """Return what the user calls each array and number: a parameter's name, with the path into a container."""
        labels = _labels(self.structure, parameters)
        return [labels[position] for position in self.dynamic]

    def replay(self, function: Callable[..., Any], tracers: Sequence[Any]) -> Any:
        """Call a function with tracers in the place of the arrays and numbers.

        Raises:
            UntraceableError: The function changes what it was given: a container, or an attribute of an object.
        """
        leaves = list(self.leaves)
        first: dict[int, Any] = {}  # an array that is given twice is one array
        for position, tracer in zip(self.dynamic, tracers, strict=True):
            own = first.setdefault(id(leaves[position]), tracer) if _is_array(leaves[position]) else tracer
            leaves[position] = own
        args, kwargs = unflatten(self.structure, iter(leaves))
        with unchanged(leaves):
            result = function(*args, **kwargs)
        after: list[Any] = []
        structure = _flatten_call(args, kwargs, after)
        if structure != self.structure or any(old is not new for old, new in zip(leaves, after, strict=True)):
            raise UntraceableError(
                "the function changes a list or dict that it was given; return the new values instead"
            )
        return result


def parameters_of(function: Callable[..., Any]) -> Sequence[str]:
    """Return the names of a function's parameters."""
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:  # a function written in C may have no signature that Python can read
        return ()


def read_call(args: tuple[Any, ...], kwargs: dict[str, Any], parameters: Sequence[str] = ()) -> Call | Unfusable:
    """Sort the arguments of a call.

    Args:
        args: The positional ones.
        kwargs: The others.
        parameters: What the function calls the positional ones.

    Raises:
        ArgumentError: There are arrays on different devices.
    """
    leaves: list[Any] = []
    structure = _flatten_call(args, kwargs, leaves)
    dynamic: list[int] = []
    specs: list[ArraySpec | ScalarSpec] = []
    static: list[Any] = []
    volatile: str | None = None
    traced = False
    for position, leaf in enumerate(leaves):
        spec = describe(leaf)
        if spec is not None:
            dynamic.append(position)
            specs.append(spec)
        elif isinstance(leaf, Tracer):
            traced = True
        elif reason := refusal(leaf):
            return Unfusable(reason)
        elif isinstance(leaf, list | tuple):
            static.append((type(leaf), repr(leaf)))
        elif isinstance(leaf, slice) and is_immutable(leaf):
            static.append((slice, leaf.start, leaf.stop, leaf.step))  # a slice is not hashable before Python 3.12
        elif is_immutable(leaf):
            static.append((type(leaf), leaf))
        else:
            static.append((type(leaf), id(leaf)))
            volatile = type(leaf).__qualname__
    argspec = ArgSpec(common_device(leaves, lambda: _labels(structure, parameters)), tuple(specs))
    key = (structure, argspec, tuple(static), _repetitions([leaves[position] for position in dynamic]))
    return Call(structure, tuple(leaves), tuple(dynamic), argspec, key, volatile, traced)


def _labels(structure: Any, parameters: Sequence[str]) -> list[str]:
    """Return what the user calls each leaf of a call."""
    positional, keywords = structure[1], structure[2]
    labels: list[str] = []
    for position, inner in enumerate(positional[1:]):
        name = parameters[position] if position < len(parameters) else f"argument {position}"
        labels += paths(inner, name)
    for name, inner in zip(keywords[1], keywords[2:], strict=True):
        labels += paths(inner, name)
    return labels


def _is_array(argument: Any) -> bool:
    """Say whether an array or number is an array, which may be given twice."""
    return type(argument) not in _NUMBERS and not isinstance(argument, np.generic)


def _repetitions(arguments: Sequence[Any]) -> tuple[int, ...]:
    """Return, per argument, the position of the first that is the same array; empty when none is given twice."""
    first: dict[int, int] = {}
    positions = [
        first.setdefault(id(argument), position) if _is_array(argument) else position
        for position, argument in enumerate(arguments)
    ]
    return () if positions == list(range(len(positions))) else tuple(positions)


def _flatten_call(args: Any, kwargs: Any, leaves: list[Any]) -> Any:
    """Flatten the arguments of a call, which are no array even if all of them are numbers."""
    return flatten((args, kwargs), leaves, lambda tree: tree is not args and _is_array_like(tree))


def _is_array_like(tree: Any) -> bool:
    """Say whether a container is a nest of Python numbers: to NumPy that is an array, so it stays as it is."""
    if isinstance(tree, dict) or not tree:
        return False
    return all(type(item) in _NUMBERS or (isinstance(item, list | tuple) and _is_array_like(item)) for item in tree)
