"""Recording: a warm call written down as places in memory, for a backend that serves calls without Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.addresses import address
from fuser_core.instructions import BoundGroup, BoundStep, Frame
from fuser_core.memory import LARGE
from fuser_core.plan import Box, DType, Host, HostValue, Reshape, Value, View, numbers_read
from fuser_core.program import Program
from fuser_core.records import frozen
from fuser_core.warm_calls import KernelCall, Located, WarmCall
from fuser_core.watches import Watch

__all__ = ["Surroundings", "record"]

Array = np.ndarray[Any, np.dtype[Any]]


@frozen
class Surroundings:
    """What a warm call depends on beside its program.

    Attributes:
        several: Whether the function returns a tuple of the results.
        names: Of the arguments that are keywords.
        captured: Arrays in the function's surroundings, the last inputs of the program.
        watches: What has to be as it was.
    """

    several: bool
    names: tuple[str, ...]
    captured: tuple[Array, ...]
    watches: tuple[Watch, ...]


def record(program: Program, arguments: Sequence[Any], threads: int, surroundings: Surroundings) -> WarmCall | None:
    """Run a program once more and return what it did.

    Args:
        program: Made of kernels, views and numbers.
        arguments: Arrays and numbers.
        threads: The most threads to use.
        surroundings: Of the call.

    Returns:
        The call; ``None`` where it is none that depends on the layout of its arguments alone and returns nothing but
        new arrays, none of them large: large memory is recycled (`fuser_core.memory`).
    """
    returned = [output.id for output in program.plan.outputs if isinstance(output, Value)]
    if len(returned) < len(program.plan.outputs) or len(set(returned)) < len(returned) or not returned:
        return None
    recorder = _Recorder(program, [*arguments, *surroundings.captured], threads)
    if not all(recorder.take(member) for member in program.members):
        return None
    return recorder.call(returned, program.plan.unboxed, surroundings)


class _Recorder:
    """Runs instructions, and notes where everything lies."""

    def __init__(self, program: Program, arguments: Sequence[Any], threads: int) -> None:
        numbers = [value.id for value in program.plan.inputs]
        self._frame = Frame(dict(zip(numbers, arguments, strict=True)), {}, threads)
        self._arguments = numbers
        self._given = {value.id for value in program.plan.inputs if isinstance(value, HostValue)}
        self._boxes: dict[int, tuple[int, DType]] = {}
        self._owners = {number: number for number in numbers}
        self._launches: list[tuple[Any, tuple[int, ...], tuple[int, ...]]] = []

    def take(self, member: Any) -> bool:
        """Run an instruction; say whether it may be part of a warm call."""
        registers = self._frame.registers
        member.run(self._frame)
        if isinstance(member, BoundGroup):
            inputs, outputs = ([value.id for value in side] for side in (member.group.inputs, member.group.outputs))
            self._owners.update({number: number for number in outputs})
            self._launches.append((member.compiled, tuple(inputs), tuple(outputs)))
            return member.compiled.is_plain and all(registers[number].nbytes < LARGE for number in outputs)
        if not isinstance(member, BoundStep) or not isinstance(member.step, Host | Box | View | Reshape):
            return False
        number = member.step.output.id
        if isinstance(member.step, View | Reshape):
            source = member.step.input.id
            self._owners[number] = self._owners[source]
            return np.may_share_memory(registers[number], registers[source])  # else it was copied
        self._owners[number] = number
        if not self._given.isdisjoint(numbers_read(member.step)):
            if not isinstance(member.step, Box):
                return False
            self._boxes[number] = self._arguments.index(member.step.input.id), member.step.output.dtype
        return True

    def call(self, returned: Sequence[int], scalars: tuple[bool, ...], surroundings: Surroundings) -> WarmCall | None:
        """Return what was run, if it makes all that is returned."""
        registers, made = self._frame.registers, {number for _, _, outputs in self._launches for number in outputs}
        if not made.issuperset(returned):
            return None
        inner = sorted(made.difference(returned))
        read = {self._owners[number] for _, inputs, _ in self._launches for number in inputs}
        constants = sorted(read.difference(made, self._arguments, self._boxes))
        order = [*self._arguments, *returned, *constants, *self._boxes, *inner]
        self._buffers = {number: place for place, number in enumerate(order)}
        captured = self._arguments[len(self._arguments) - len(surroundings.captured) :]
        given = self._arguments[: len(self._arguments) - len(captured)]
        return WarmCall(
            tuple(type(registers[number]) if number in self._given else self._located(number) for number in given),
            surroundings.names,
            tuple((registers[number], self._located(number)) for number in captured),
            tuple(self._located(number) for number in returned),
            scalars,
            surroundings.several,
            tuple(registers[number] for number in constants),
            tuple(self._boxes.values()),
            tuple(registers[number].nbytes for number in inner),
            tuple(self._launched(*launch) for launch in self._launches),
            surroundings.watches,
            self._frame.threads,
        )

    def _launched(self, compiled: Any, inputs: Sequence[int], outputs: Sequence[int]) -> KernelCall:
        sides = [tuple(self._located(number) for number in side) for side in (inputs, outputs)]
        return KernelCall(compiled.kernel, *sides)

    def _located(self, number: int) -> Located:
        owner, array = self._owners[number], np.asarray(self._frame.registers[number])
        offset = address(array) - address(np.asarray(self._frame.registers[owner]))
        return Located(self._buffers[owner], offset, array.dtype, array.shape, array.strides)
