"""Sizes as dimensions: which of a graph's numbers say, whatever the call, how large an array is to be."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fuser_core.errors import ShapeError
from fuser_core.plan import Host, HostValue, Step, numbers_read
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.shapes import Computed, Dim, product, quotient, total

__all__ = ["as_dim", "require_some", "says_size"]

_COMPUTED: Mapping[str, Callable[[Dim, Dim], Dim]] = MappingProxyType(
    {
        "add": lambda left, right: total([left, right]),
        "mul": lambda left, right: product([left, right]),
        "sub": lambda left, right: Computed("sub", (left, right)),
        "floordiv": quotient,
    }
)
"""What Python's operators on sizes are as dimensions."""


def as_dim(builder: PlanBuilder, term: Term) -> Dim:
    """Return the dimension that a number is: itself if it is literal, else what it is computed from.

    Raises:
        ShapeError: It is computed from something else than sizes, so it says nothing about shapes.
        ZeroDivisionError: It is a size divided by another one, which is 0.
    """
    if isinstance(term, int):
        return int(term)
    steps = _leading_to(builder.steps, term)
    dims = _dims(steps)
    if not isinstance(term, HostValue) or term.id not in dims:
        raise ShapeError(f"{term} is not the size of an axis, so no shape can be made of it; use a literal integer")
    for step in steps:
        if step.op == "floordiv":
            divisor = _dim(step.inputs[1], dims)
            assert divisor is not None
            operator.floordiv(0, builder.size(divisor))
            require_some(builder, divisor)
    return builder.canonical(dims[term.id])


def says_size(steps: Sequence[Step], number: HostValue) -> bool:
    """Say whether a number that some steps compute is made of sizes and literal integers alone."""
    return number.id in _dims(_leading_to(steps, number))


def require_some(builder: PlanBuilder, dim: Dim) -> None:
    """Record that a dimension is not 0 in any call of the plan."""
    if not isinstance(dim, int):
        builder.equate(1, Computed("min", (dim, 1)))


def _leading_to(steps: Sequence[Step], number: object) -> list[Host]:
    """Return the operations on Python numbers that a number is computed by, in their order."""
    needed = {number.id} if isinstance(number, HostValue) else set()
    found: list[Host] = []
    for step in reversed(steps):
        if not needed:
            break
        if isinstance(step, Host) and step.output.id in needed:
            needed.remove(step.output.id)
            needed.update(numbers_read(step))
            found.append(step)
    return found[::-1]


def _dims(steps: Sequence[Host]) -> dict[int, Dim]:
    """Return the results of operations that are dimensions, by their numbers."""
    dims: dict[int, Dim] = {}
    for step in steps:
        parts = [_dim(item, dims) for item in step.inputs]
        known = [part for part in parts if part is not None]
        if step.op == "size":
            dims[step.output.id] = known[0]
        elif step.op in _COMPUTED and len(known) == len(parts):
            dims[step.output.id] = _COMPUTED[step.op](*known)
    return dims


def _dim(item: HostValue | complex | Dim, dims: Mapping[int, Dim]) -> Dim | None:
    if isinstance(item, HostValue):
        return dims.get(item.id)
    return None if isinstance(item, float | complex) else item
