"""``py::`` names: arithmetic of Python numbers, computed on the host once per call with Python's own semantics."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from types import MappingProxyType
from typing import Any

from fuser_core.plan import Constant, Host, HostValue, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule
from fuser_core.shapes import evaluate

__all__ = ["HOST_OPERATIONS", "run_host"]

_OPERATORS = "add sub mul truediv floordiv mod pow neg pos abs invert eq ne lt le gt ge and_ or_ xor lshift rshift"

HOST_OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {**{name: getattr(operator, name) for name in _OPERATORS.split()}, "min": min, "max": max}
)
"""Python's operators on numbers, by the names of the `operator` module, and its ``min`` and ``max``."""


def run_host(step: Host, registers: MutableMapping[int, Any], size_of: Callable[[int, int], int]) -> None:
    """Compute one step on Python numbers.

    Args:
        step: What to compute.
        registers: Values by their numbers in the plan; the result is stored there.
        size_of: Gives the size of an axis of a value.
    """
    inputs: list[Any] = [registers[item.id] if isinstance(item, HostValue) else item for item in step.inputs]
    result = evaluate(inputs[0], size_of) if step.op == "size" else HOST_OPERATIONS[step.op](*inputs)
    registers[step.output.id] = result


def _host_rule(name: str) -> None:
    @rule(f"py::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        if not any(isinstance(term, HostValue) for term in terms):
            return (HOST_OPERATIONS[name](*terms),)
        numbers = [term for term in terms if not isinstance(term, Value | Constant)]
        return (builder.host(name, numbers, attributes["type"]),)


for _name in HOST_OPERATIONS:
    _host_rule(_name)


@rule("py::size")
def _size(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The size of one axis of an array, as a Python integer."""
    array = terms[0]
    assert isinstance(array, Value)
    dim = builder.canonical(array.shape[attributes["axis"]])
    return (dim if isinstance(dim, int) else builder.host("size", [dim], int),)
