"""The schedule of a group: NumPy calls over numbered slots, with temporary buffers shared by values that never meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from fuser_core.backend import Group, Reduce, Value
from fuser_core.ops import ELEMENTWISE
from fuser_core.records import frozen

__all__ = ["Call", "Schedule", "make_schedule"]


@frozen
class Call:
    """One NumPy call: ``function(*inputs, out=outputs)``, where both are numbers of slots."""

    function: Callable[..., Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@frozen
class Schedule:
    """What to call for each block.

    Slots are numbered: the group's inputs, its elementwise outputs, the constants, then the temporary buffers.

    Attributes:
        calls: In order.
        written: Places of the group's elementwise outputs among its outputs.
        constants: Values of the constants' slots.
        buffers: Dtypes of the buffers' slots.
        reduced: Per reduction, the slot that it reads.
        hazards: Slots of an input and of an output that is written before the input was read for the last time: if
            they are the same memory, the input has to be copied.
    """

    calls: tuple[Call, ...]
    written: tuple[int, ...]
    constants: tuple[Any, ...]
    buffers: tuple[np.dtype[Any], ...]
    reduced: tuple[int, ...]
    hazards: tuple[tuple[int, int], ...]


def make_schedule(group: Group) -> Schedule:
    """Assign slots to the values of a group."""
    results = {reduction.output.id for reduction in group.reductions}
    written = tuple(place for place, value in enumerate(group.outputs) if value.id not in results)
    slots = {value.id: slot for slot, value in enumerate(group.inputs)}
    slots |= {group.outputs[place].id: len(slots) + number for number, place in enumerate(written)}
    constants = {operand: len(slots) + number for number, operand in enumerate(dict.fromkeys(_constants(group)))}
    allocator = _Allocator(group, first=len(slots) + len(constants), kept=set(slots))
    calls: list[Call] = []
    for position, step in enumerate(group.steps):
        if isinstance(step, Reduce):
            continue
        inputs = tuple(slots[item.id] if isinstance(item, Value) else constants[item] for item in step.inputs)
        dying = [slots.pop(value) for value in allocator.last_read_at(position)]
        function = ELEMENTWISE[step.op].function
        if isinstance(function, np.ufunc):  # it may write over what it reads for the last time
            allocator.free(dying)
            dying = []
        for value in step.outputs:
            if value.id not in slots:
                slots[value.id] = allocator.take(value.dtype)
        allocator.free(dying)
        calls.append(Call(function, inputs, tuple(slots[value.id] for value in step.outputs)))
    reduced = tuple(slots[reduction.input.id] for reduction in group.reductions)
    values = tuple(operand.value for operand in constants)
    hazards = tuple(_hazards(calls, reduced, len(group.inputs), len(written)))
    return Schedule(tuple(calls), written, values, tuple(allocator.dtypes), reduced, hazards)


def _hazards(calls: Sequence[Call], reduced: Sequence[int], inputs: int, outputs: int) -> Iterator[tuple[int, int]]:
    for output in range(inputs, inputs + outputs):
        position = next(position for position, call in enumerate(calls) if output in call.outputs)
        late = {slot for call in calls[position + 1 :] for slot in call.inputs}.union(reduced)
        if not isinstance(calls[position].function, np.ufunc):  # which minds what it writes over
            late.update(calls[position].inputs)
        yield from ((slot, output) for slot in range(inputs) if slot in late)


def _constants(group: Group) -> list[Any]:
    return [item for step in group.steps for item in step.inputs if not isinstance(item, Value)]


class _Allocator:
    """Hands out buffers, and knows when a value is read for the last time."""

    def __init__(self, group: Group, first: int, kept: set[int]) -> None:
        self.dtypes: list[np.dtype[Any]] = []
        self._first = first
        self._free: dict[np.dtype[Any], list[int]] = {}
        self._dying: dict[int, list[int]] = {}
        seen = set(kept) | {reduction.input.id for reduction in group.reductions}
        for position in range(len(group.steps) - 1, -1, -1):
            step = group.steps[position]
            inputs = dict.fromkeys(item.id for item in step.inputs if isinstance(item, Value))
            self._dying[position] = [value for value in inputs if value not in seen]
            seen.update(inputs)

    def last_read_at(self, position: int) -> list[int]:
        """Return the temporary values that nobody reads after a step."""
        return self._dying[position]

    def take(self, dtype: np.dtype[Any]) -> int:
        """Return the slot of a free buffer."""
        free = self._free.get(dtype)
        if free:
            return free.pop()
        self.dtypes.append(dtype)
        return self._first + len(self.dtypes) - 1

    def free(self, slots: list[int]) -> None:
        """Make buffers available again."""
        for slot in slots:
            self._free.setdefault(self.dtypes[slot - self._first], []).append(slot)
