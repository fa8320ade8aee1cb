"""Instructions: how each kind of step is carried out when a program runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fuser_core.arrays import default_kind, kind_of
from fuser_core.backend import Group
from fuser_core.errors import ShapeError
from fuser_core.grouping import Turned
from fuser_core.kernels import CompiledGroup
from fuser_core.layout import keep_order, same_memory
from fuser_core.plan import Box, Host, HostValue, NewAxis, Opaque, Operand, Value, View
from fuser_core.semantics.host import run_host
from fuser_core.shapes import evaluate

__all__ = ["BoundGroup", "CoreStep", "Frame", "Instruction", "bind_core_step"]

CoreStep = Host | Box | View | Opaque
"""The steps that no backend holds."""


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
        kind = (kind_of(inputs[0]) if inputs else None) or default_kind(self.group.device)
        return kind.allocate(size, value.dtype, None if reduced else order)

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


def _can_write(out: Any, value: Value, shape: tuple[int, ...], inputs: Sequence[Any], *, reduced: bool) -> bool:
    """Say whether a kernel may write into the caller's array while it reads its inputs."""
    if out.shape != shape or out.dtype != value.dtype:
        return False
    return not any(np.may_share_memory(array, out) and (reduced or not same_memory(array, out)) for array in inputs)


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
