"""``py::`` names: arithmetic of Python numbers, computed on the host once per call with Python's own semantics."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fuser_core.plan import Constant, HostValue, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule
from fuser_core.shapes import SizeOf, SliceLength, evaluate

__all__ = ["HOST_OPERATIONS", "run_host"]

_OPERATORS = "add sub mul truediv floordiv mod pow neg pos abs invert eq ne lt le gt ge and_ or_ xor lshift rshift"

HOST_OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {**{name: getattr(operator, name) for name in _OPERATORS.split()}, "min": min, "max": max}
)
"""Python's operators on numbers, by the names of the `operator` module, and its ``min`` and ``max``."""


def run_host(op: str, inputs: Sequence[Any], size_of: Callable[[int, int], int]) -> Any:
    """Compute one `fuser_core.plan.Host` step; ``inputs`` are Python numbers, or the dimension of a ``size``."""
    if op == "size":
        return evaluate(inputs[0], size_of)
    return HOST_OPERATIONS[op](*inputs)


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
    if isinstance(dim, SizeOf | SliceLength):
        return (builder.host("size", [dim], int),)
    return (dim,)
