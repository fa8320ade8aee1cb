"""Recording: a warm call written down as places in memory, of the host or of a device, to be done again by address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core.addresses import address
from fuser_core.arrays import DeviceDesc
from fuser_core.backend import Chain, Group
from fuser_core.chaining import BoundChain
from fuser_core.instructions import BoundGroup, BoundKernel, BoundStep, Frame, Instruction
from fuser_core.plan import Box, DType, Host, HostValue, Reshape, Value, View, numbers_read
from fuser_core.program import Program
from fuser_core.records import frozen
from fuser_core.semantics.host import HOST_OPERATIONS
from fuser_core.warm_calls import ComputedNumber, Container, Exactly, KernelCall, Located, WarmCall
from fuser_core.watches import Watch

__all__ = ["Given", "Surroundings", "record"]


class Given(NamedTuple):
    """An argument of a call.

    Attributes:
        value: The argument.
        taken: Whether the program takes it; otherwise it is part of the trace.
        exactly: Whether the call depends on its very value.
    """

    value: Any
    taken: bool
    exactly: bool


@frozen
class Surroundings:
    """What a warm call depends on beside its program.

    Attributes:
        container: What the function returns its results in, if it does.
        names: Of the arguments that are keywords.
        captured: Arrays in the function's surroundings, the last inputs of the program.
        watches: What has to be as it was.
    """

    container: Container | None
    names: tuple[str, ...]
    captured: tuple[Any, ...]
    watches: tuple[Watch, ...]


def record(
    program: Program,
    arguments: Sequence[Given],
    threads: int,
    surroundings: Surroundings,
    *,
    large: int,
    entry: bool,
) -> WarmCall | None:
    """Run a program once more and return what it did.

    Args:
        program: Made of kernels, views and numbers.
        arguments: Of the call; arrays on a device described.
        threads: The most threads to use.
        surroundings: Of the call.
        large: Bytes from which on an array is too large to be made in such a call.
        entry: Whether it is for a backend's entry, which computes no numbers and runs a chain kernel by kernel.

    Returns:
        The call; ``None`` where it is none that depends on the layout of its arguments alone and returns nothing but
        new arrays, none of them large.
    """
    returned = [output.id for output in program.plan.outputs if isinstance(output, Value)]
    if len(returned) < len(program.plan.outputs) or len(set(returned)) < len(returned) or not returned:
        return None
    frame = program.frame([*_taken(arguments), *surroundings.captured], threads)
    recorder = _Recorder(program, arguments, frame, large=large, entry=entry)
    if not all(recorder.take(instruction) for instruction, _ in program.instructions):
        return None
    return recorder.call(returned, program.plan.unboxed, surroundings)


def _taken(given: Sequence[Given]) -> list[Any]:
    """Return the arguments that a program takes."""
    values = [each.value for each in given if each.taken]
    return [np.asarray(value) if isinstance(value, np.generic) else value for value in values]


def _address(array: Any) -> int:
    return int(array.pointer) if type(array) is DeviceDesc else address(np.asarray(array))


def _bytes(array: Any) -> int:
    return int(math.prod(array.shape) * array.dtype.itemsize)


def _is_whole(view: Any, array: Any) -> bool:
    """Say whether a view shows all of an array's memory, without gaps, its axes in any order."""
    if _bytes(view) != _bytes(array) or _address(view) != _address(array):
        return False
    step = view.dtype.itemsize
    for stride, size in sorted(zip(view.strides, view.shape, strict=True)):
        if size != 1 and stride != step:
            return False
        step *= size
    return True


class _Recorder:
    """Runs instructions, and notes where everything lies."""

    def __init__(self, program: Program, given: Sequence[Given], frame: Frame, *, large: int, entry: bool) -> None:
        inputs = [value.id for value in program.plan.inputs]
        own = iter(inputs)
        numbers = [next(own) if each.taken else None for each in given]
        self._given, self._captured = tuple(zip(given, numbers, strict=True)), tuple(own)
        self._frame, self._large, self._entry = frame, large, entry
        kept = {number for each, number in self._given if each.exactly}
        self._varying = {value.id for value in program.plan.inputs if isinstance(value, HostValue)} - kept
        self._numbers = {number: place for place, number in enumerate(numbers) if number is not None}
        self._computed: list[ComputedNumber] = []
        self._boxes: dict[int, tuple[int, DType]] = {}
        self._owners = {number: number for number in inputs}
        self._launches: list[tuple[Any, tuple[int, ...], tuple[int, ...]]] = []

    def take(self, instruction: Instruction) -> bool:
        """Run an instruction; say whether it may be part of a warm call."""
        if isinstance(instruction, BoundChain):
            if not self._entry and instruction.may_run_as_one(self._frame):
                taken = self._launch(instruction, instruction.chain)
                if taken is not None:
                    return taken
            return all(self.take(member) for member in instruction.members)
        if isinstance(instruction, BoundGroup):
            return bool(self._launch(instruction, instruction.group))
        return isinstance(instruction, BoundStep) and self._take_step(instruction)

    def _launch(self, kernel: BoundKernel, source: Group | Chain) -> bool | None:
        """Run a kernel; say whether it may be part of a warm call, and ``None`` where the backend declines."""
        results = kernel.results(self._frame)
        if any(math.prod(shape) * value.dtype.itemsize >= self._large for value, shape, _ in results):
            return False
        launch = kernel.launch_as_one if isinstance(kernel, BoundChain) else kernel.launch
        if launch(self._frame, results) is not None:
            return None
        inputs, outputs = (tuple([value.id for value in side]) for side in (source.inputs, source.outputs))
        self._owners.update({number: number for number in outputs})
        self._launches.append((kernel.compiled, inputs, outputs))
        return kernel.compiled.is_plain

    def _take_step(self, member: BoundStep) -> bool:
        if not isinstance(member.step, Host | Box | View | Reshape):
            return False
        member.run(self._frame)
        registers, number = self._frame.registers, member.step.output.id
        if isinstance(member.step, View | Reshape):
            source = member.step.input.id
            self._owners[number] = self._owners[source]
            return self._frame.memory.may_share(registers[number], registers[source])  # else it was copied
        self._owners[number] = number
        if not self._varying.isdisjoint(numbers_read(member.step)):
            if isinstance(member.step, Box):
                self._boxes[number] = self._numbers[member.step.input.id], member.step.output.dtype
            else:
                self._varying.add(number)
                self._numbers[number] = len(self._given) + len(self._computed)
                self._computed.append(self._recomputed(member.step))
                return not self._entry
        return True

    def _recomputed(self, step: Host) -> ComputedNumber:
        inputs: list[int | Exactly] = []
        for item in step.inputs:
            if isinstance(item, HostValue):
                value = self._frame.registers[item.id]
                inputs.append(self._numbers[item.id] if item.id in self._varying else Exactly(value))
            else:
                inputs.append(Exactly(item))
        return ComputedNumber(HOST_OPERATIONS[step.op], tuple(inputs))

    def call(self, returned: Sequence[int], scalars: tuple[bool, ...], surroundings: Surroundings) -> WarmCall | None:
        """Return what was run, if it makes all that is returned."""
        registers, made = self._frame.registers, {number for _, _, outputs in self._launches for number in outputs}
        held = [self._owners[number] for number in returned]  # what is returned may be a view of what is computed
        if not made.issuperset(held) or len(set(held)) < len(held):
            return None
        if not all(_is_whole(registers[number], registers[own]) for number, own in zip(returned, held, strict=True)):
            return None
        inner = sorted(made.difference(held))
        read = {self._owners[number] for _, inputs, _ in self._launches for number in inputs}
        given = [number for _, number in self._given]
        constants = sorted(read.difference(made, given, self._captured, self._boxes))
        order = [*given, *self._captured, *held, *constants, *self._boxes, *inner]
        self._buffers = {number: place for place, number in enumerate(order) if number is not None}
        return WarmCall(
            tuple(self._argument(each, number) for each, number in self._given),
            surroundings.names,
            tuple((registers[number], self._located(number)) for number in self._captured),
            tuple(self._located(number) for number in returned),
            scalars,
            surroundings.container,
            tuple(registers[number] for number in constants),
            tuple(self._boxes.values()),
            tuple(_bytes(registers[number]) for number in inner),
            tuple(self._launched(*launch) for launch in self._launches),
            surroundings.watches,
            self._frame.threads,
            tuple(self._computed),
        )

    def _argument(self, given: Given, number: int | None) -> Located | type | Exactly:
        if number is None or given.exactly:
            return Exactly(given.value)
        is_array = type(given.value) is np.ndarray or type(given.value) is DeviceDesc
        return self._located(number) if is_array else type(given.value)

    def _launched(self, compiled: Any, inputs: Sequence[int], outputs: Sequence[int]) -> KernelCall:
        sides = [tuple(self._located(number) for number in side) for side in (inputs, outputs)]
        return KernelCall(compiled.kernel, *sides)

    def _located(self, number: int) -> Located:
        owner, array = self._owners[number], self._array(number)
        offset = _address(array) - _address(self._array(owner))
        return Located(self._buffers[owner], offset, array.dtype, array.shape, array.strides)

    def _array(self, number: int) -> Any:
        """Return what is in a register, as an array or as what describes one."""
        found = self._frame.registers[number]
        return found if type(found) is DeviceDesc else np.asarray(found)
