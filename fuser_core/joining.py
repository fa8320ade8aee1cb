"""Joining: how a `Concat` runs without moving what kernels compute.

The whole is allocated before its first part is computed, and each part's kernel is given its place in it to write to.
What could not be written there (an argument, a result that had to go elsewhere) is copied at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fuser_core.instructions import BoundGroup, BoundStep, Frame, Instruction
from fuser_core.layout import keep_order
from fuser_core.plan import Concat, Plan, Value
from fuser_core.records import frozen

__all__ = ["JoinParts", "ReserveWhole", "reserve_wholes"]


@frozen
class ReserveWhole:
    """Allocates the result of a `Concat`, before the first of its parts is computed.

    Attributes:
        step: The step.
        placed: The parts that kernels may write in their place: nobody else keeps them.
        sources: Arrays that exist by then and tell the memory layout of the result.
    """

    step: Concat
    placed: frozenset[int]
    sources: tuple[int, ...]

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset((self.step.output.id, *self.sources))

    def run(self, frame: Frame) -> None:
        output = self.step.output
        shape = frame.shape(output.shape)
        arrays = [frame.registers[source] for source in self.sources]
        whole = frame.out.get(output.id)
        if whole is None or whole.shape != shape or whole.dtype != output.dtype:
            same_rank = [array for array in arrays if array.ndim == len(shape)]
            whole = frame.memory.allocate(shape, output.dtype, keep_order(same_rank, shape))
        frame.registers[output.id] = whole
        for part, start, stop in _places(self.step, frame):
            if part.id in self.placed:
                frame.out[part.id] = frame.memory.part(whole, self.step.axis, start, stop)


@frozen
class JoinParts(BoundStep):
    """Completes a `Concat`: copies the parts that are not in their place yet."""

    step: Concat

    def run(self, frame: Frame) -> None:
        whole, memory = frame.registers[self.step.output.id], frame.memory
        for part, start, stop in _places(self.step, frame):
            array = frame.registers[part.id]
            if array is not frame.out.get(part.id):
                memory.copy(memory.part(whole, self.step.axis, start, stop), array)


def _places(step: Concat, frame: Frame) -> Iterator[tuple[Value, int, int]]:
    """Yield each part and its range in the whole."""
    start = 0
    for part in step.inputs:
        stop = start + frame.shape(part.shape)[step.axis]
        yield part, start, stop
        start = stop


def reserve_wholes(plan: Plan, instructions: Sequence[Instruction]) -> list[Instruction]:
    """Return the instructions of a program with the results of its `Concat` steps allocated in time."""
    returned = {value.id for value in plan.outputs if isinstance(value, Value)}
    uses = Counter(part.id for step in plan.steps if isinstance(step, Concat) for part in step.inputs)
    made_at: dict[int, int] = {}
    for place, item in enumerate(instructions):
        if isinstance(item, BoundGroup):
            made_at.update((value.id, place) for value in item.group.outputs)
    reserved: dict[int, list[Instruction]] = {}
    for place, item in enumerate(instructions):
        if isinstance(item, JoinParts):
            own = {part.id for part in item.step.inputs}
            placed = frozenset(part for part in own if part not in returned and uses[part] == 1)
            first = min([place, *(made_at[part] for part in placed if part in made_at)])
            maker = instructions[first]
            sources = tuple(value.id for value in maker.group.inputs) if isinstance(maker, BoundGroup) else tuple(own)
            reserved.setdefault(first, []).append(ReserveWhole(item.step, placed, sources))
    return [each for place, item in enumerate(instructions) for each in (*reserved.get(place, ()), item)]
