"""NumPy's functions that are called between kernels: what a call of one passes becomes operands and options."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.semantics.library import CALLED, Called
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.functions.operands import as_array, is_number
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.tracer import Tracer
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["call", "static"]

_IDLE = frozenset({"overwrite_input"})
"""Options that allow NumPy to spoil an array, and change no result."""


def call(trace: Trace, name: str, **given: Any) -> Any:
    """Record a call of a function of NumPy's; what it returns is what NumPy does, a named tuple too.

    Args:
        trace: The trace.
        name: Of a function in `CALLED`.
        given: What the call passes, by the names of NumPy's parameters.

    Raises:
        UntraceableError: An option is an array, or a function.
    """
    entry = CALLED[name]
    out = given.pop("out", None)
    names: list[str] = []
    operands: list[Any] = []
    for parameter in entry.arrays:
        value = given.pop(parameter.removeprefix("*"), None)
        items = _items(name, parameter, value) if parameter.startswith("*") else [] if value is None else [value]
        names += [parameter] * len(items)
        operands += [item if is_number(item) else as_array(trace, item) for item in items]
    for parameter in entry.counts:
        value = trace.as_size(given[parameter]) if given.get(parameter) is not None else None
        if isinstance(value, NumberTracer):
            names.append(parameter)
            operands.append(value)
            del given[parameter]
    options = {option: static(trace, f"{option}= of numpy.{name}", value) for option, value in given.items()}
    for option in _IDLE & options.keys():
        del options[option]
    if options.get("dtype") is not None:
        options["dtype"] = np.dtype(options["dtype"])
        if not is_numeric(options["dtype"]):
            raise untraceable(f"numpy.{name} with dtype={given['dtype']!r}")
    if not entry.leads(names):
        options["given"] = tuple(names)
    return write(_record(trace, entry, operands, options), out)


def _record(trace: Trace, entry: Called, operands: list[Any], options: dict[str, Any]) -> Any:
    one = entry.function(np.ones((1, 1)), **options) if entry.several else None
    if isinstance(one, tuple):
        results = trace.apply(f"np::{entry.name}", operands, outputs=len(one), **options)
        return type(one)(*results) if hasattr(one, "_fields") else results
    (result,) = trace.apply(f"np::{entry.name}", operands, **options)
    return operands[0].share(result) if entry.view and isinstance(operands[0], ArrayTracer) else result


def _items(name: str, parameter: str, value: Any) -> list[Any]:
    if isinstance(value, Tracer):
        raise untraceable(f"numpy.{name} with one array as {parameter.removeprefix('*')}", "pass a list of arrays")
    return list(value)


def static(trace: Trace, what: str, value: Any) -> Any:
    """Return an option as something that a graph can hold; a number that is looked at is guarded.

    Raises:
        UntraceableError: It is an array or a function.
    """
    if isinstance(value, NumberTracer) or (isinstance(value, ArrayTracer) and trace.knows_value(value)):
        return trace.concretize(value)
    if isinstance(value, Tracer | dict) or (callable(value) and not isinstance(value, type)):
        raise untraceable(f"the option {what} as an object of type {type(value).__name__}")
    if isinstance(value, list | tuple):
        return tuple(static(trace, what, item) for item in value)
    return static(trace, what, value.tolist()) if isinstance(value, np.ndarray) else value


def _implement(entry: Called) -> None:
    def implementation(trace: Trace, /, **given: Any) -> Any:
        return call(trace, entry.name, **given)

    own = inspect.signature(entry.function)
    first = inspect.Parameter("trace", inspect.Parameter.POSITIONAL_ONLY)
    implementation.__signature__ = own.replace(parameters=[first, *own.parameters.values()])  # type: ignore[attr-defined]
    implementation.__module__ = f"{__package__}.{entry.family}"
    implements(entry.name)(implementation)


for _entry in CALLED.values():
    if not _entry.by_hand:
        _implement(_entry)
