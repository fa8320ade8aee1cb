"""Warm calls: what a program does for arrays of one layout, with all that their shapes decide already decided.

The arguments of most calls are laid out like those of an earlier one. Then guards on sizes, shapes and memory orders of
results, numbers computed from sizes, and whether a chain runs as one are what they were. What is left is to allocate,
to launch, and to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from fuser_core.arrays import DeviceDesc, NumPyDesc, located
from fuser_core.backend import ArrayDesc, Device
from fuser_core.chaining import BoundChain
from fuser_core.copies import CopyKernels
from fuser_core.device_memory import DeviceMemory
from fuser_core.device_program import DeviceProgram
from fuser_core.instructions import BoundGroup, BoundKernel, BoundStep, DeviceFrame, Frame, Instruction
from fuser_core.kernels import CompiledGroup
from fuser_core.plan import Box, Check, Host, HostValue, Reshape, Value, View, numbers_read
from fuser_core.program import Program
from fuser_core.records import frozen

__all__ = [
    "NUMBERS",
    "WarmDeviceKernel",
    "WarmProgram",
    "layout_of",
    "layout_of_captured",
    "may_warm_up",
    "place",
    "warm_up",
]


NUMBERS = (float, int)
"""Types of Python numbers that warm calls take; any value of one will do."""

_SCALARS = frozenset(np.dtype(character).type for character in "?bhilqBHILQefdFD")
"""Types of NumPy's scalars that are arrays to a program."""

_CONSTANTS = (bool, type(None), str)
"""Types of arguments that warm calls take with their value."""


def layout_of(args: Iterable[Any]) -> tuple[Any, ...] | None:
    """Return what tells calls apart that one warm program may serve.

    ``None`` where there can be none: an argument is neither a plain array nor a number nor a constant, or one array is
    given twice.
    """
    layout: list[Any] = []
    arrays: list[int] = []
    for arg in args:
        kind = type(arg)
        if kind is np.ndarray:
            arrays.append(id(arg))
            layout += (arg.dtype, arg.shape, arg.strides)
        elif kind in NUMBERS or kind in _SCALARS:
            layout.append(kind)
        elif kind in _CONSTANTS:
            layout += (kind, arg)
        else:
            return None
    return tuple(layout) if len(set(arrays)) == len(arrays) else None


def place(args: Iterable[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...], Device] | None:
    """Return the layout of arguments of which some are on a device, these arguments described, and the device.

    ``None`` where `layout_of` has or would have none for other reasons, and where no argument is on a device.
    """
    layout: list[Any] = []
    values: list[Any] = []
    arrays: list[int] = []
    device: Device | None = None
    for arg in args:
        kind = type(arg)
        if kind in NUMBERS or kind in _CONSTANTS:
            layout += (kind,) if kind in NUMBERS else (kind, arg)
            values.append(arg)
            continue
        desc = located(arg)
        if desc is not None:
            arrays.append(id(desc.owner))
            own = desc.device
            if device is None:
                device = own
            layout += (kind, own.kind, own.index, desc.dtype, desc.shape, desc.strides)
            values.append(desc)
        elif (kind is np.ndarray or isinstance(arg, np.generic)) and not arg.shape:
            layout += (kind, arg.dtype)
            values.append(arg)
        else:
            return None
    if device is None or len(set(arrays)) < len(arrays):
        return None
    return tuple(layout), tuple(values), device


def layout_of_captured(arrays: Iterable[Any]) -> tuple[Any, ...] | None:
    """Return what `layout_of` does, for arrays of any kind that are not given but read."""
    layout = layout_of(arrays)
    if layout is None:
        placed = place(arrays)
        return None if placed is None else placed[0]
    return layout


@frozen
class WarmProgram:
    """A program for arguments of one layout.

    Attributes:
        inputs: The numbers of the arguments in the plan.
        constants: What depends on the layout alone, by number.
        steps: What is left to do.
        results: From the registers to what the program returns.
    """

    inputs: tuple[int, ...]
    constants: dict[int, Any]
    steps: tuple[Callable[[Frame], object], ...]
    results: Callable[[Frame], list[Any]]

    def run(self, arguments: Sequence[Any], threads: int) -> list[Any]:
        """Execute; see `Program.run`."""
        registers = dict(zip(self.inputs, arguments, strict=True))
        registers.update(self.constants)
        frame = Frame(registers, {}, threads)
        for step in self.steps:
            step(frame)
        return self.results(frame)


@frozen
class WarmDeviceProgram(WarmProgram):
    """A program for arguments of one layout on a device."""

    copies: CopyKernels

    def run(self, arguments: Sequence[Any], threads: int) -> list[Any]:
        """Execute; `place` has described what is given, and not what the function reads."""
        values = [argument if type(argument) is DeviceDesc else located(argument) or argument for argument in arguments]
        registers = dict(zip(self.inputs, values, strict=True))
        registers.update(self.constants)
        frame = DeviceFrame(registers, {}, threads, DeviceMemory.of(values, self.copies, threads))
        for step in self.steps:
            step(frame)
        return self.results(frame)


@frozen
class WarmDeviceKernel:
    """A program that is one kernel, for arguments of one layout on a device: allocate, launch, no more.

    Attributes:
        compiled: What is launched.
        inputs: Places of its inputs among the arguments.
        made: The shape, dtype and strides of each of its outputs.
        results: Places of the program's results among these.
    """

    compiled: CompiledGroup
    inputs: tuple[int, ...]
    made: tuple[tuple[tuple[int, ...], np.dtype[Any], tuple[int, ...]], ...]
    results: tuple[int, ...]

    def run(self, arguments: Sequence[Any], threads: int) -> list[Any]:
        """Execute; see `WarmDeviceProgram.run`."""
        sources: list[ArrayDesc] = []
        like: DeviceDesc | None = None
        for argument in arguments:
            desc = located(argument)
            if desc is not None and like is None:
                like = desc
            sources.append(NumPyDesc(np.asarray(argument)) if desc is None else desc)
        assert like is not None
        allocate = like.kind.allocate
        outputs = [allocate(like, shape, dtype, strides) for shape, dtype, strides in self.made]
        compiled = self.compiled
        try:
            compiled.launch(compiled.kernel, [sources[place] for place in self.inputs], outputs, threads)
        except Exception as error:
            compiled.plugin.blame(error)
            raise
        return [outputs[place].owner for place in self.results]


def may_warm_up(program: Program) -> bool:
    """Say whether what a program does depends on nothing but the layout of its arguments.

    A call of another library may return anything, and parts that are put together are written where their whole is.
    """
    return all(
        isinstance(each, BoundGroup)
        or (isinstance(each, BoundStep) and isinstance(each.step, Host | Box | View | Reshape | Check))
        for each in program.members
    )


def warm_up(
    program: Program, arguments: Sequence[Any], threads: int
) -> tuple[WarmProgram | WarmDeviceKernel, list[Any]]:
    """Run a program whose arguments are arrays, and note what is the same for all others of their layout."""
    inputs = tuple(value.id for value in program.plan.inputs)
    frame = program.frame(arguments, threads)
    notes = _Notes(program, frame)
    for instruction, dead in program.instructions:
        if isinstance(instruction, BoundChain) and not notes.take_chain(instruction):
            for member in instruction.members:
                notes.take(member)
            notes.drop((*dead, *sorted(instruction.inner & frame.registers.keys())))
            continue
        if not isinstance(instruction, BoundChain):
            notes.take(instruction)
        notes.drop(dead)
    made = (inputs, notes.constants, tuple(notes.steps), program.results)
    if isinstance(program, DeviceProgram):
        kernel = _only_kernel(program, frame)
        if kernel is not None:
            return kernel, program.results(frame)
        return WarmDeviceProgram(*made, program.copies), program.results(frame)
    return WarmProgram(*made), program.results(frame)


def _only_kernel(program: DeviceProgram, frame: Frame) -> WarmDeviceKernel | None:
    """Return what is left to do where a program that has run is one kernel, whose outputs are all that it returns."""
    kernel = program.instructions[0][0] if len(program.instructions) == 1 else None
    if not isinstance(kernel, BoundGroup):
        return None
    arguments = [value.id for value in program.plan.inputs]
    outputs = [value.id for value in kernel.group.outputs]
    returned = [output.id if isinstance(output, Value) else None for output in program.plan.outputs]
    made = [frame.registers.get(number) for number in outputs]
    if not set(returned) <= set(outputs) or any(type(each) is not DeviceDesc or not each.whole for each in made):
        return None
    inputs = tuple(arguments.index(value.id) for value in kernel.group.inputs)
    layouts = tuple((each.shape, each.dtype, each.strides) for each in made if each is not None)
    results = tuple(outputs.index(number) for number in returned if number is not None)
    return WarmDeviceKernel(kernel.compiled, inputs, layouts, results)


class _Notes:
    """Runs instructions, and notes what of them is to be done again."""

    def __init__(self, program: Program, frame: Frame) -> None:
        self._frame = frame
        self._returned = {output.id for output in program.plan.outputs if isinstance(output, Value)}
        self._varying = {value.id for value in program.plan.inputs if isinstance(value, HostValue)}
        self.constants: dict[int, Any] = {}
        self.steps: list[Callable[[Frame], object]] = []

    def take(self, instruction: Instruction) -> None:
        frame = self._frame
        if isinstance(instruction, BoundKernel):
            self._do(partial(instruction.launch, results=instruction.results(frame)))
        elif isinstance(instruction, BoundStep) and isinstance(instruction.step, Host | Box):
            instruction.run(frame)
            number = instruction.step.output.id
            if not self._varying.isdisjoint(numbers_read(instruction.step)):
                self._varying.add(number)
                self.steps.append(instruction.run)
            elif number in self._returned:  # the caller may write to what it gets
                self.steps.append(instruction.run)
            else:
                self.constants[number] = frame.registers[number]
        else:
            self._do(instruction.run)

    def take_chain(self, chain: BoundChain) -> bool:
        """Take a chain as one kernel; say whether it runs so."""
        frame = self._frame
        if not chain.may_run_as_one(frame):
            return False
        results = chain.results(frame)
        if chain.launch_as_one(frame, results) is not None:
            return False
        self.steps.append(partial(chain.launch, results=results))
        return True

    def drop(self, numbers: tuple[int, ...]) -> None:
        if numbers:
            self._do(partial(_drop, numbers))

    def _do(self, step: Callable[[Frame], object]) -> None:
        step(self._frame)
        self.steps.append(step)


def _drop(numbers: tuple[int, ...], frame: Frame) -> None:
    """Forget values that nobody reads any more."""
    for number in numbers:
        del frame.registers[number]
