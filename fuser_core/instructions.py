"""Instructions: how each kind of step is carried out when a program runs."""

from __future__ import annotations

import abc
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
from fuser_core.plan import Box, Host, NewAxis, Opaque, Operand, Reduce, Value, View, numbers_read, numbers_written
from fuser_core.semantics.host import run_host
from fuser_core.shapes import Shape, evaluate

__all__ = ["BoundGroup", "BoundStep", "CoreStep", "Frame", "Instruction", "bind_core_step"]

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

    def shape(self, shape: Shape) -> tuple[int, ...]:
        """Return the actual shape."""
        return tuple([evaluate(dim, self.size_of) for dim in shape])

    def operand(self, operand: Operand) -> Any:
        """Return the array, or the constant, that a step reads."""
        return self.registers[operand.id] if isinstance(operand, Value) else operand.value


class Instruction(Protocol):
    """One step of a program."""

    @property
    def numbers(self) -> frozenset[int]:
        """The values that it reads or computes, by their numbers in the plan."""

    def run(self, frame: Frame) -> None:
        """Compute the step's outputs into the frame's registers."""


class BoundGroup:
    """A group and the kernel that serves it.

    Attributes:
        group: The steps, numbered as in the plan.
        compiled: The kernel.
        turned: Which backends were asked before and why they refused.
        fresh: Whether the kernel was made for this program.
    """

    def __init__(self, group: Group, compiled: CompiledGroup, turned: tuple[Turned, ...], *, fresh: bool) -> None:
        self.group = group
        self.compiled = compiled
        self.turned = turned
        self.fresh = fresh
        self._inputs = tuple(value.id for value in group.inputs)
        self._outputs = tuple((value, value.shape != group.shape) for value in group.outputs)
        self._extrema = tuple(step for step in group.reductions if step.op in ("min", "max"))

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(value.id for value in (*self.group.inputs, *self.group.outputs))

    def run(self, frame: Frame) -> None:
        registers = frame.registers
        arrays = [registers[value] for value in self._inputs]
        shape = frame.shape(self.group.shape)
        _refuse_empty(self._extrema, shape)
        order = keep_order(arrays, shape)
        kind = (kind_of(arrays[0]) if arrays else None) or default_kind(self.group.device)
        outputs = []
        for value, reduced in self._outputs:
            output = self._given(value, arrays, frame, reduced=reduced) if frame.out else None
            if output is None and reduced:
                output = kind.allocate(frame.shape(value.shape), value.dtype, self._kept(order))
            elif output is None:
                output = kind.allocate(shape, value.dtype, order)
            outputs.append(output)
            registers[value.id] = output
        sources = [kind.describe(array) for array in arrays]
        targets = [kind.describe(output) for output in outputs]
        self.compiled.launch(self.compiled.kernel, sources, targets, frame.threads)

    def _kept(self, order: Sequence[int] | None) -> Sequence[int] | None:
        """Return the order of the axes that the group's reductions keep, numbered as in their results."""
        if order is None:
            return None
        gone = self.group.reductions[0].axes
        kept = [axis for axis in order if axis not in gone]
        return [sorted(kept).index(axis) for axis in kept]

    def _given(self, value: Value, inputs: Sequence[Any], frame: Frame, *, reduced: bool) -> Any:
        """Return the caller's array for an output, if the kernel may write it while it reads its inputs."""
        given = frame.out.get(value.id)
        if given is None or given.dtype != value.dtype or given.shape != frame.shape(value.shape):
            return None
        for array in inputs:
            if np.may_share_memory(array, given) and (reduced or not same_memory(array, given)):
                return None
        return given


def _refuse_empty(reductions: Sequence[Reduce], shape: tuple[int, ...]) -> None:
    """Refuse the minimum of nothing, as NumPy does."""
    for reduction in reductions:
        if any(shape[axis] == 0 for axis in reduction.axes):
            name = "minimum" if reduction.op == "min" else "maximum"
            raise ShapeError(f"zero-size array to reduction operation {name} which has no identity")


@dataclass(frozen=True)
class BoundStep(abc.ABC):
    """A step that stays with the core."""

    step: CoreStep

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset((*numbers_read(self.step), *numbers_written(self.step)))

    @abc.abstractmethod
    def run(self, frame: Frame) -> None:
        """Carry the step out."""


@dataclass(frozen=True)
class _RunHost(BoundStep):
    step: Host

    def run(self, frame: Frame) -> None:
        run_host(self.step, frame.registers, frame.size_of)


@dataclass(frozen=True)
class _RunBox(BoundStep):
    step: Box

    def run(self, frame: Frame) -> None:
        number, dtype = frame.registers[self.step.input.id], self.step.output.dtype
        if dtype.kind in "fc":
            with np.errstate(over="ignore"):  # 1e300 is inf in float32, and a kernel would not warn either
                frame.registers[self.step.output.id] = np.asarray(number, dtype)
        else:
            frame.registers[self.step.output.id] = np.asarray(number, dtype)


@dataclass(frozen=True)
class _RunView(BoundStep):
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


@dataclass(frozen=True)
class _RunOpaque(BoundStep):
    step: Opaque

    def run(self, frame: Frame) -> None:
        result = self.step.function(*[frame.operand(item) for item in self.step.inputs])
        results = result if len(self.step.outputs) > 1 else (result,)
        for value, array in zip(self.step.outputs, results, strict=True):
            frame.registers[value.id] = array


def bind_core_step(step: CoreStep) -> BoundStep:
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
