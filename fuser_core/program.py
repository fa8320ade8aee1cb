"""The program: a plan with its kernels bound, executed for every call.

It allocates what kernels write, applies views, calls what no kernel holds, and frees each intermediate after its last
use. It is immutable; all state of a call is in its frame, so threads share programs freely.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fuser_core.arrays import kind_of
from fuser_core.backend import Group
from fuser_core.errors import ShapeError
from fuser_core.grouping import Turned
from fuser_core.kernels import CompiledGroup
from fuser_core.layout import keep_order, same_memory
from fuser_core.plan import Box, Constant, Guard, Host, HostValue, NewAxis, Opaque, Operand, Plan, Value, View
from fuser_core.semantics.host import run_host
from fuser_core.shapes import evaluate

__all__ = ["BoundGroup", "Frame", "Instruction", "Program", "bind_core_step"]


class Frame:
    """The state of one call: the value of every plan number computed so far."""

    __slots__ = ("out", "registers", "threads")

    def __init__(self, registers: dict[int, Any], out: dict[int, Any], threads: int) -> None:
        self.registers = registers
        self.out = out
        self.threads = threads

    def size_of(self, value: int, axis: int) -> int:
        """Return the actual size of an axis."""
        size: int = self.registers[value].shape[axis]
        return size

    def operand(self, operand: Operand) -> Any:
        """Return the array, or the constant, that a step reads."""
        return self.registers[operand.id] if isinstance(operand, Value) else operand.value


class Instruction(Protocol):
    """One step of a program."""

    def run(self, frame: Frame) -> None:
        """Compute the step's outputs into the frame's registers."""


@dataclass(frozen=True, slots=True)
class BoundGroup:
    """A group and the kernel that serves it.

    Attributes:
        group: The steps, numbered as in the plan.
        compiled: The kernel.
        turned: Which backends were asked before and why they refused.
        fresh: Whether the kernel was made for this program.
    """

    group: Group
    compiled: CompiledGroup
    turned: tuple[Turned, ...]
    fresh: bool

    def run(self, frame: Frame) -> None:
        group = self.group
        shape = tuple([evaluate(dim, frame.size_of) for dim in group.shape])
        arrays = [_as_array(frame.registers[value.id]) for value in group.inputs]
        self._check_empty(shape)
        order = keep_order(arrays, shape)
        outputs = [self._output(value, arrays, shape, order, frame) for value in group.outputs]
        kind = kind_of(outputs[0])
        assert kind is not None
        inputs = [kind.describe(array) for array in arrays]
        self.compiled.launch(self.compiled.kernel, inputs, [kind.describe(output) for output in outputs], frame.threads)
        for value, output in zip(group.outputs, outputs, strict=True):
            frame.registers[value.id] = output

    def _output(
        self, value: Value, inputs: Sequence[Any], shape: tuple[int, ...], order: Sequence[int] | None, frame: Frame
    ) -> Any:
        reduced = value.shape != self.group.shape
        size = tuple([evaluate(dim, frame.size_of) for dim in value.shape]) if reduced else shape
        given = frame.out.get(value.id)
        if given is not None and _can_write(given, value, size, inputs, reduced=reduced):
            return given
        kind = kind_of(inputs[0]) if inputs else None
        allocate = kind.allocate if kind is not None else _allocate_host
        return allocate(size, value.dtype, None if reduced else order)

    def _check_empty(self, shape: tuple[int, ...]) -> None:
        """Refuse the minimum of nothing, as NumPy does."""
        for reduction in self.group.reductions:
            if reduction.op not in ("min", "max"):
                continue
            if any(shape[axis] == 0 for axis in reduction.axes):
                name = "minimum" if reduction.op == "min" else "maximum"
                raise ShapeError(f"zero-size array to reduction operation {name} which has no identity")


def _as_array(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, np.generic) else value


def _allocate_host(shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None) -> Any:
    return np.empty(shape, dtype)


def _can_write(out: Any, value: Value, shape: tuple[int, ...], inputs: Sequence[Any], *, reduced: bool) -> bool:
    """Say whether a kernel may write into the caller's array while it reads its inputs."""
    if out.shape != shape or out.dtype != value.dtype:
        return False
    return not any(
        np.may_share_memory(array, out) and (reduced or not same_memory(array, out)) for array in inputs
    )


def bind_core_step(step: Host | Box | View | Opaque) -> Instruction:
    """Return the instruction of a step that stays with the core."""
    match step:
        case Host():
            return _RunHost(step)
        case Box():
            return _RunBox(step)
        case View():
            return _RunView(step)
        case Opaque():
            return _RunOpaque(step)


@dataclass(frozen=True, slots=True)
class _RunHost:
    step: Host

    def run(self, frame: Frame) -> None:
        inputs = [frame.registers[item.id] if isinstance(item, HostValue) else item for item in self.step.inputs]
        frame.registers[self.step.output.id] = run_host(self.step.op, inputs, frame.size_of)


@dataclass(frozen=True, slots=True)
class _RunBox:
    step: Box

    def run(self, frame: Frame) -> None:
        number = frame.registers[self.step.input.id]
        frame.registers[self.step.output.id] = np.asarray(number, self.step.output.dtype)


@dataclass(frozen=True, slots=True)
class _RunView:
    step: View

    def run(self, frame: Frame) -> None:
        view = self.step
        slices: list[Any] = list(view.indices)
        kept = [axis for axis, index in enumerate(slices) if index is None]
        for axis in view.axes:
            if not isinstance(axis, NewAxis):
                slices[axis.axis] = axis.slice
        array = frame.registers[view.input.id][(*slices, ...)]
        sources = [kept.index(axis.axis) for axis in view.axes if not isinstance(axis, NewAxis)]
        if sources != sorted(sources):
            array = array.transpose(sources)
        new = tuple(None if isinstance(axis, NewAxis) else slice(None) for axis in view.axes)
        frame.registers[view.output.id] = array[(*new, ...)] if None in new else array


@dataclass(frozen=True, slots=True)
class _RunOpaque:
    step: Opaque

    def run(self, frame: Frame) -> None:
        result = self.step.function(*[frame.operand(item) for item in self.step.inputs])
        results = result if len(self.step.outputs) > 1 else (result,)
        for value, array in zip(self.step.outputs, results, strict=True):
            frame.registers[value.id] = array


@dataclass(frozen=True)
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
    def groups(self) -> tuple[BoundGroup, ...]:
        """The groups, in the order of execution."""
        return tuple(step for step, _ in self.instructions if isinstance(step, BoundGroup))

    def accepts(self, arguments: Sequence[Any]) -> bool:
        """Say whether the plan's guards hold for the sizes of these arguments."""

        def size_of(value: int, axis: int) -> int:
            size: int = arguments[value].shape[axis]
            return size

        return all(_holds(guard, size_of) for guard in self.plan.guards)

    def run(self, arguments: Sequence[Any], threads: int, out: Sequence[Any | None] = ()) -> list[Any]:
        """Execute.

        Args:
            arguments: Arrays and Python numbers that match the plan's `ArgSpec` and guards.
            threads: The most threads that a kernel may use.
            out: Per output an array to write into, or ``None``; shorter is allowed.
        """
        registers = {value.id: argument for value, argument in zip(self.plan.inputs, arguments, strict=True)}
        targets = self._direct_outputs(arguments, out) if out else {}
        frame = Frame(registers, targets, threads)
        for instruction, dead in self.instructions:
            instruction.run(frame)
            for value in dead:
                del registers[value]
        results = [self._result(position, frame) for position in range(len(self.plan.outputs))]
        for position, target in enumerate(out):
            if target is not None:
                results[position] = _store(results[position], target)
        return results

    def _direct_outputs(self, arguments: Sequence[Any], out: Sequence[Any | None]) -> dict[int, Any]:
        """Return the caller's arrays that kernels may write directly.

        With several kernels an early one could overwrite what a later one still reads, so then no array that touches
        an argument is used; its result is copied at the end.
        """
        targets: dict[int, Any] = {}
        for value, target in zip(self.plan.outputs, out, strict=False):
            if target is None or not isinstance(value, Value):
                continue
            shared = any(isinstance(item, np.ndarray) and np.may_share_memory(item, target) for item in arguments)
            others = [other for other in out if other is not None and other is not target]
            overlapping = any(np.may_share_memory(other, target) for other in others)
            if not overlapping and (len(self.instructions) == 1 or not shared):
                targets[value.id] = target
        return targets

    def _result(self, position: int, frame: Frame) -> Any:
        output = self.plan.outputs[position]
        if isinstance(output, Constant):
            return output.value
        result = frame.registers[output.id]
        return result[()] if self.plan.unboxed[position] else result


def _holds(guard: Guard, size_of: Callable[[int, int], int]) -> bool:
    return evaluate(guard.left, size_of) == evaluate(guard.right, size_of)


def _store(result: Any, target: Any) -> Any:
    """Copy a result into the caller's array unless a kernel has written it there already."""
    if result is not target and not (isinstance(result, np.ndarray) and same_memory(result, target)):
        np.copyto(target, result, casting="same_kind")
    return target
