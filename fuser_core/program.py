"""The program: a plan with its kernels bound, executed for every call.

It is immutable; all state of a call is in its frame, so threads share programs freely. Each intermediate is freed
after its last use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fuser_core.arrays import NUMPY, Memory
from fuser_core.backend import Device
from fuser_core.chaining import BoundChain
from fuser_core.instructions import BoundGroup, Frame, Instruction
from fuser_core.plan import Constant, Guard, HostValue, Plan, Value
from fuser_core.records import frozen
from fuser_core.shapes import Dim, evaluate

__all__ = ["Program"]

_CPU = Device("cpu")
_NONE: Mapping[int, Any] = MappingProxyType({})


@frozen
class Program:
    """A plan, ready to run.

    Attributes:
        plan: What it computes.
        instructions: Each step with the numbers of the registers that nobody reads after it.
        refused: Backends that were not asked at all, with the reason.
    """

    plan: Plan
    instructions: tuple[tuple[Instruction, tuple[int, ...]], ...]
    refused: tuple[tuple[str, str], ...]

    @property
    def device(self) -> Device:
        """Where its arrays are."""
        return _CPU

    @property
    def groups(self) -> tuple[BoundGroup, ...]:
        """The groups, in the order of execution."""
        return tuple(member for member in self.members if isinstance(member, BoundGroup))

    @property
    def members(self) -> Iterator[Instruction]:
        """The instructions, and for a chain those that it is made of."""
        for instruction, _ in self.instructions:
            yield from instruction.members if isinstance(instruction, BoundChain) else (instruction,)

    @property
    def origin(self) -> str:
        """Where its kernels came from when it was made: ``"compiled"``, ``"disk"``, or ``"hit"`` if all were there."""
        made = [group.compiled for group in self.groups if group.fresh]
        if not made:
            return "hit"
        return "disk" if all(compiled.from_disk for compiled in made) else "compiled"

    def accepts(self, arguments: Sequence[Any]) -> bool:
        """Say whether the plan's guards hold for the sizes of these arguments."""

        def size_of(value: int, axis: int) -> int:
            size: int = arguments[value].shape[axis]
            return size

        known: dict[Dim, int] = {}
        return all(_holds(guard, size_of, known) for guard in self.plan.guards)

    def run(self, arguments: Sequence[Any], threads: int, targets: Mapping[int, Any] = _NONE) -> list[Any]:
        """Execute.

        Args:
            arguments: Arrays and Python numbers that match the plan's `ArgSpec` and guards.
            threads: The most threads that a kernel may use.
            targets: Writeable arrays, by the position of an output, that kernels may write that output into. Where
                one cannot, the result is another array, and the caller copies it.
        """
        frame = self.frame(arguments, threads, targets)
        registers = frame.registers
        for instruction, dead in self.instructions:
            instruction.run(frame)
            for value in dead:
                del registers[value]
        return self.results(frame)

    def frame(self, arguments: Sequence[Any], threads: int, targets: Mapping[int, Any] = _NONE) -> Frame:
        """Return the state that a call begins with; see `run`."""
        registers = dict(zip([value.id for value in self.plan.inputs], arguments, strict=True))
        return Frame(registers, self.usable(targets, arguments, NUMPY) if targets else {}, threads)

    def results(self, frame: Frame) -> list[Any]:
        """Return what the program returns, out of the registers."""
        return [self.result(position, frame) for position in range(len(self.plan.outputs))]

    def usable(self, targets: Mapping[int, Any], arguments: Sequence[Any], memory: Memory) -> dict[int, Any]:
        """Return the arrays that kernels may write directly, by plan number.

        With several kernels an early one could overwrite what a later one still reads, and an output that is an
        argument must still be what it was; then no array that touches an argument is used.
        """
        usable: dict[int, Any] = {}
        inputs = {value.id for value in self.plan.inputs}
        returned = any(isinstance(value, Value) and value.id in inputs for value in self.plan.outputs)
        for position, target in targets.items():
            value = self.plan.outputs[position]
            shared = any(memory.may_share(item, target) for item in arguments)
            others = [other for other in targets.values() if other is not target]
            overlapping = any(memory.may_share(other, target) for other in others)
            alone = len(self.instructions) == 1 == len(self.groups) and not returned
            if isinstance(value, Value) and not overlapping and (alone or not shared):
                usable[value.id] = target
        return usable

    def result(self, position: int, frame: Frame) -> Any:
        """Return one of the results."""
        output = self.plan.outputs[position]
        if isinstance(output, Value | HostValue):
            result = frame.registers[output.id]
            return result[()] if self.plan.unboxed[position] else result
        return output.value if isinstance(output, Constant) else output


def _holds(guard: Guard, size_of: Callable[[int, int], int], known: dict[Dim, int]) -> bool:
    return evaluate(guard.left, size_of, known) == evaluate(guard.right, size_of, known)
