"""How a group's values become the operands of its body, which is known before any code is written."""

from __future__ import annotations

from dataclasses import dataclass

from fuser_core.backend import Group, GroupStep, Value
from fuser_cpu_llvm import half, mathematics
from fuser_cpu_llvm.operations import OPERATIONS

__all__ = ["Arrangement", "arrange", "is_scalar"]

_VECTOR_BYTES = 128
"""Size of the widest vector: four AVX2 or eight NEON registers, whose dependency chains interleave."""

_MANY_STEPS = 100
"""From here on vectors of half that size: registers spill anyway, and compile time counts."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The operands of a body: the group's inputs, then what it stores.

    Attributes:
        lanes: Elements per iteration.
        cost: Rough work per element, in additions.
        stored: The group's elementwise outputs, and the values to reduce that are not themselves inputs.
        reduced: Per reduction, the operand that holds its values.
    """

    lanes: int
    cost: int
    stored: tuple[Value, ...]
    reduced: tuple[int, ...]


def is_scalar(value: Value) -> bool:
    """Whether an input has one element in every call: it is loaded once."""
    return all(dim == 1 for dim in value.shape)


def arrange(group: Group) -> Arrangement:
    """Place the values of a group that `capabilities` accepts."""
    reduced_ids = {reduction.output.id for reduction in group.reductions}
    stored = [value for value in group.outputs if value.id not in reduced_ids]
    # An input is reduced where it lies, unless an output may have overwritten it by then.
    places = {value.id: place for place, value in enumerate(group.inputs) if not stored and not is_scalar(value)}
    reduced = []
    for reduction in group.reductions:
        if reduction.input.id not in places:
            places[reduction.input.id] = len(group.inputs) + len(stored)
            stored.append(reduction.input)
        reduced.append(places[reduction.input.id])
    cost = sum(OPERATIONS[step.op].cost if step.op in OPERATIONS else 1 for step in group.steps)
    return Arrangement(_lanes(group), cost, tuple(stored), tuple(reduced))


def _lanes(group: Group) -> int:
    """One number of lanes for all dtypes: the widest fills ``_VECTOR_BYTES``."""
    dtypes = [value.dtype for value in (*group.inputs, *group.outputs)]
    dtypes += [operand.dtype for step in group.steps for operand in step.inputs]
    widest = max(4 if dtype == half.DTYPE else dtype.itemsize for dtype in dtypes)
    if any(_widens(step) for step in group.steps):
        widest = 8
    lanes = min(_VECTOR_BYTES // widest, 64)
    return max(lanes // 2, 8) if len(group.steps) > _MANY_STEPS else lanes


def _widens(step: GroupStep) -> bool:
    """Whether a step computes in double precision, whatever its operands are."""
    return step.op in mathematics.FUNCTIONS and step.op not in mathematics.SINGLE
