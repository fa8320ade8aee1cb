"""Instructions: what a program consists of, the state of a call, and how a kernel is run."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from fuser_core.arrays import ArrayKind, default_kind, kind_of
from fuser_core.backend import Group
from fuser_core.errors import ShapeError
from fuser_core.grouping import Turned
from fuser_core.kernels import CompiledGroup
from fuser_core.layout import keep_order, same_memory
from fuser_core.plan import (
    Box,
    Check,
    Concat,
    Host,
    Opaque,
    Operand,
    Reduce,
    Value,
    View,
    numbers_read,
    numbers_written,
)
from fuser_core.records import frozen
from fuser_core.shapes import Dim, Shape, evaluate

__all__ = ["BoundGroup", "BoundStep", "CoreStep", "Frame", "Instruction", "Result"]

CoreStep = Host | Box | View | Concat | Opaque | Check
"""The steps that no backend holds."""


class Frame:
    """The state of one call: the value of every plan number computed so far."""

    __slots__ = ("_sizes", "out", "registers", "threads")

    def __init__(self, registers: dict[int, Any], out: dict[int, Any], threads: int) -> None:
        self.registers = registers
        self.out = out
        self.threads = threads
        self._sizes: dict[Dim, int] = {}

    def size_of(self, value: int, axis: int) -> int:
        """Return the actual size of an axis."""
        size: int = self.registers[value].shape[axis]
        return size

    def shape(self, shape: Shape) -> tuple[int, ...]:
        """Return the actual shape."""
        return tuple([evaluate(dim, self.size_of, self._sizes) for dim in shape])

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


Result = tuple[Value, tuple[int, ...], Sequence[int] | None]
"""What a kernel computes in one call: the value, its shape, and the order of its axes in memory; see `keep_order`."""


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
        kind = self.kind(arrays)
        outputs = []
        for value, shape, order in self.results(frame):
            reduced = value.shape != self.group.shape
            output = self._given(value, arrays, frame, reduced=reduced) if frame.out else None
            outputs.append(kind.allocate(shape, value.dtype, order) if output is None else output)
            registers[value.id] = outputs[-1]
        sources = [kind.describe(array) for array in arrays]
        targets = [kind.describe(output) for output in outputs]
        self.compiled.launch(self.compiled.kernel, sources, targets, frame.threads)

    def kind(self, arrays: Sequence[Any]) -> ArrayKind:
        """Return what kind of arrays the results are, given the inputs."""
        return (kind_of(arrays[0]) if arrays else None) or default_kind(self.group.device)

    def results(self, frame: Frame) -> list[Result]:
        """Return the outputs, each with its shape and the order of its axes.

        Raises:
            ShapeError: A minimum or maximum of nothing is asked for.
        """
        shape = frame.shape(self.group.shape)
        _refuse_empty(self._extrema, shape)
        order = keep_order([frame.registers[value] for value in self._inputs], shape)
        return [
            (value, frame.shape(value.shape), self._kept(order)) if reduced else (value, shape, order)
            for value, reduced in self._outputs
        ]

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


@frozen
class BoundStep(abc.ABC):
    """A step that stays with the core."""

    step: CoreStep

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset((*numbers_read(self.step), *numbers_written(self.step)))

    @abc.abstractmethod
    def run(self, frame: Frame) -> None:
        """Carry the step out."""
