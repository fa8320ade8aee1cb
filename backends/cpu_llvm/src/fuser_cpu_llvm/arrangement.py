"""How a group's values become the operands of its body, which is known before any code is written."""

from __future__ import annotations

from collections import Counter

from fuser_core.backend import Constant, Group, GroupStep, Value
from fuser_core.plan import Reduce
from fuser_core.records import frozen
from fuser_cpu_llvm import half, mathematics
from fuser_cpu_llvm.operations import OPERATIONS
from fuser_cpu_llvm.reducers import LANES
from fuser_cpu_llvm.registers import is_complex

__all__ = ["Arrangement", "arrange", "is_function", "is_scalar", "may_repeat"]

_VECTOR_BYTES = 128
"""Size of the widest vector: four AVX2 or eight NEON registers, whose dependency chains interleave."""

_MANY_STEPS = 40
"""From here on vectors of half that size: the values of so many steps crowd each other out of the registers. A body of
50 steps takes 0.6 of the time, one of 120 takes 0.9."""

_MANY_STEPS_OF_FUNCTIONS = 100
"""The same where there are elementary functions, which are fastest at four registers."""

_COST_OF_PRODUCTS = 25
"""Of a power by a literal, in additions."""


@frozen
class Arrangement:
    """The operands of a body: the group's inputs, then what it stores.

    Attributes:
        lanes: Elements per iteration.
        cost: Rough work per element, in additions.
        stored: The group's elementwise outputs, and the values to reduce that are not themselves inputs.
        reduced: Per reduction, the operand that holds its values.
        accumulated: Per reduction, whether the body may add up its values instead of storing them.
    """

    lanes: int
    cost: int
    stored: tuple[Value, ...]
    reduced: tuple[int, ...]
    accumulated: tuple[bool, ...]


def is_function(step: GroupStep) -> bool:
    """Whether a step is an elementary function; a power by a short literal is a few products."""
    return step.op in mathematics.FUNCTIONS and not _is_product(step)


def _is_product(step: GroupStep) -> bool:
    if step.op not in ("power", "float_power"):
        return False
    exponent = step.inputs[1]
    return isinstance(exponent, Constant) and exponent.dtype.kind == "f" and mathematics.is_short(float(exponent.value))


def is_scalar(value: Value) -> bool:
    """Whether an input has one element in every call: it is loaded once."""
    return all(dim == 1 for dim in value.shape)


def may_repeat(value: Value, group: Group) -> bool:
    """Whether an input, not a scalar, has one element for many along some axis."""
    dims = (1,) * (len(group.shape) - len(value.shape)) + tuple(value.shape)
    return not is_scalar(value) and any(own == 1 != whole for own, whole in zip(dims, group.shape, strict=True))


def arrange(group: Group) -> Arrangement:
    """Place the values of a group that `capabilities` accepts."""
    reduced_ids = {reduction.output.id for reduction in group.reductions}
    stored = [value for value in group.outputs if value.id not in reduced_ids]
    # An input is reduced where it lies, unless an output may have overwritten it by then.
    places = {value.id: place for place, value in enumerate(group.inputs) if not stored and not is_scalar(value)}
    places.update((value.id, place) for place, value in enumerate(stored, start=len(group.inputs)))
    lanes, reduced = _lanes(group), []
    # Elementary functions take all the time, and long to compile once more.
    busy = any(map(is_function, group.steps))
    in_memory = set(places)
    uses = Counter(reduction.input.id for reduction in group.reductions)
    for reduction in group.reductions:
        if reduction.input.id not in places:
            places[reduction.input.id] = len(group.inputs) + len(stored)
            stored.append(reduction.input)
        reduced.append(places[reduction.input.id])
    accumulated = tuple(
        not busy and each.input.id not in in_memory and uses[each.input.id] == 1 and _fits_registers(each, lanes)
        for each in group.reductions
    )
    return Arrangement(lanes, sum(map(_cost, group.steps)), tuple(stored), tuple(reduced), accumulated)


def _fits_registers(step: Reduce, lanes: int) -> bool:
    """Whether a body of so many lanes can add up values in the order of `reducers`."""
    return step.op != "squared_deviations" and not is_complex(step.input.dtype) and lanes % LANES == 0


def _cost(step: GroupStep) -> int:
    operation = OPERATIONS.get(step.op)
    if operation is None:
        return 1
    if _is_product(step):
        return _COST_OF_PRODUCTS
    return operation.complex_cost if is_complex(step.inputs[-1].dtype) else operation.cost


def _lanes(group: Group) -> int:
    """One number of lanes for all dtypes: the widest fills ``_VECTOR_BYTES``."""
    dtypes = [value.dtype for value in (*group.inputs, *group.outputs)]
    dtypes += [operand.dtype for step in group.steps for operand in step.inputs]
    widest = max(4 if dtype == half.DTYPE else dtype.itemsize for dtype in dtypes)
    if any(_widens(step) for step in group.steps):
        widest = 8
    lanes = min(_VECTOR_BYTES // widest, 64)
    many = _MANY_STEPS_OF_FUNCTIONS if any(map(is_function, group.steps)) else _MANY_STEPS
    return max(lanes // 2, 8) if len(group.steps) > many else lanes


def _widens(step: GroupStep) -> bool:
    """Whether a step computes in double precision, whatever its operands are."""
    return step.op in mathematics.FUNCTIONS and step.op not in mathematics.SINGLE
