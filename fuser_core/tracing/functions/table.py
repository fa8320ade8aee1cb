"""The table of NumPy's functions: what each becomes in a trace, or why it becomes nothing."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = [
    "apply_function",
    "implementation_of",
    "implements",
    "refused_functions",
    "refuses",
    "traced_functions",
]

F = TypeVar("F", bound=Callable[..., Any])
Implementation = Callable[..., Any]
"""Takes the trace, then what NumPy's function takes, by the same names; an option that it lacks is refused."""

_FAMILIES = """
    reductions selection kinds creation shapes turning statistics rounding predicates complexes joining splitting along
    products nans norms broadcasting formulas contraction linear_algebra covariance library refused
""".split()
"""Modules beside this one that register functions; those that are called most often first."""

_TRACED: dict[Callable[..., Any], Implementation] = {}
_REFUSED: dict[Callable[..., Any], str] = {}
_NAMES: dict[Callable[..., Any], list[str]] = {}


def implements(*names: str) -> Callable[[F], F]:
    """Register the decorated function as what NumPy's functions of these names do in a trace.

    Args:
        names: Below ``numpy``, as in ``"linalg.norm"``; those that this NumPy does not have are left out.
    """

    def register(implementation: F) -> F:
        for function in _found(names):
            assert function not in _TRACED, f"{function} has a traced form already"
            _TRACED[function] = implementation
        return implementation

    return register


def refuses(names: str, reason: str) -> None:
    """Register why some functions can have no traced form.

    Args:
        names: Below ``numpy``, separated by blanks.
        reason: What they do, and what to use instead.
    """
    for function in _found(names.split()):
        assert function not in _TRACED, f"{function} has a traced form"
        _REFUSED[function] = reason


def traced_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions that have a traced form by name; ufuncs that are operations are not among them."""
    _load_all()
    return {name: function for function in _TRACED for name in _NAMES[function]}


def refused_functions() -> dict[str, str]:
    """Return why some functions have no traced form, by name; all others that are not traced lack one only so far."""
    _load_all()
    return {name: reason for function, reason in _REFUSED.items() for name in _NAMES[function]}


def implementation_of(function: Callable[..., Any]) -> Implementation | None:
    """Return the traced form of a function of NumPy's, if it has one."""
    for family in _FAMILIES:
        if function in _TRACED:
            break
        importlib.import_module(f"{__package__}.{family}")
    return _TRACED.get(function)


def _load_all() -> None:
    for family in _FAMILIES:
        importlib.import_module(f"{__package__}.{family}")


def apply_function(trace: Trace, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Record a call of a function of NumPy's that is no ufunc.

    Raises:
        UntraceableError: There is no traced form of it, or of one of its options.
    """
    name = f"{getattr(function, '__module__', 'numpy')}.{function.__name__}"  # ufuncs have had no module
    implementation = implementation_of(function)
    if implementation is None:
        other = "move it out of the fused function, or make it one call by fuser_core.opaque"
        raise untraceable(name, _REFUSED.get(function, other))
    positional, named = _given(function, implementation, args, kwargs)
    for option in named:
        if not {option, "kwargs"} & _parameters(implementation):
            raise untraceable(f"the option {option}= of {name}")
    return implementation(trace, *positional, **named)


def _given(
    function: Callable[..., Any], implementation: Implementation, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a call's arguments, by name where that can be, without those that are as NumPy has them anyway."""
    signature = _signature(function, implementation)
    positional: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional, named = (*named.values(), *value), {}
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= value
        elif not _is_default(value, parameter.default):
            named[name] = value
    return positional, named


def _is_default(value: Any, default: Any) -> bool:
    if value is default or value is np._NoValue:  # noqa: SLF001 - NumPy's own mark of what was not given
        return True
    return type(value) is type(default) and isinstance(value, bool | int | str) and value == default


@functools.cache
def _signature(function: Callable[..., Any], implementation: Implementation) -> inspect.Signature:
    """Return the signature of NumPy's function; of one written in C, which may have none to read, the traced form's."""
    try:
        return inspect.signature(function)
    except ValueError:
        own = inspect.signature(implementation)
        return own.replace(parameters=list(own.parameters.values())[1:])


@functools.cache
def _parameters(implementation: Implementation) -> frozenset[str]:
    return frozenset(inspect.signature(implementation).parameters)


def _found(names: tuple[str, ...] | list[str]) -> list[Callable[..., Any]]:
    """Return the functions of these names that this NumPy has."""
    found: list[Callable[..., Any]] = []
    for name in names:
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part, None)
        if function is not None:
            found.append(function)
            _NAMES.setdefault(function, []).append(name)
    return list(dict.fromkeys(found))
