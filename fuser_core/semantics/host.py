"""``py::`` names: arithmetic of Python numbers, computed on the host once per call with Python's own semantics."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from types import MappingProxyType
from typing import Any

from fuser_core.errors import GraphError
from fuser_core.plan import Constant, Host, HostValue, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, rule
from fuser_core.shapes import evaluate

__all__ = ["HOST_OPERATIONS", "run_host"]

_OPERATORS = "add sub mul truediv floordiv mod pow neg pos abs invert eq ne lt le gt ge and_ or_ xor lshift rshift"

HOST_OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {**{name: getattr(operator, name) for name in _OPERATORS.split()}, "min": min, "max": max}
)
"""Python's operators on numbers, by the names of the `operator` module, and its ``min`` and ``max``."""


_UNARY = ("neg", "pos", "abs", "invert")
_MOST_BITS = 1 << 16


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
    arity = 1 if name in _UNARY else 2

    @rule(f"py::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        require_arity(f"py::{name}", terms, arity)
        numbers = [term for term in terms if not isinstance(term, Value | Constant)]
        if len(numbers) < arity:
            raise GraphError(f"py::{name} takes Python numbers, and was given an array; use the np:: operation")
        if any(isinstance(number, HostValue) for number in numbers):
            return (builder.host(name, numbers, attributes["type"]),)
        _refuse_endless(name, numbers)
        return (HOST_OPERATIONS[name](*numbers),)


def _refuse_endless(name: str, numbers: Sequence[Any]) -> None:
    """Refuse to compute an integer of more digits than anybody needs: a short text could ask for one."""
    if name in ("pow", "lshift") and all(isinstance(number, int) for number in numbers) and numbers[1] > 0:
        bits = numbers[0].bit_length() * (numbers[1] if name == "pow" else 1) + numbers[1] * (name == "lshift")
        if bits > _MOST_BITS:
            raise GraphError(f"py::{name} of {numbers[0].bit_length()}-bit and {numbers[1]} has over {_MOST_BITS} bits")


for _name in HOST_OPERATIONS:
    _host_rule(_name)


@rule("py::size")
def _size(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The size of one axis of an array, as a Python integer."""
    require_arity("py::size", terms, 1)
    array = terms[0]
    if not isinstance(array, Value):
        raise GraphError("py::size takes an array, and was given a number; a number has no axes")
    dim = builder.canonical(array.shape[attributes["axis"]])
    return (dim if isinstance(dim, int) else builder.host("size", [dim], int),)
