"""Instructions: what a program consists of, the state of a call, and how a kernel is run."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, Protocol

from fuser_core.arrays import NUMPY, Memory
from fuser_core.backend import Chain, Decline, Group
from fuser_core.errors import ShapeError
from fuser_core.grouping import Turned
from fuser_core.kernels import CompiledGroup
from fuser_core.layout import keep_order, kept_order
from fuser_core.plan import (
    Box,
    Check,
    Concat,
    Constant,
    Host,
    HostValue,
    Opaque,
    Operand,
    Reduce,
    Reshape,
    Value,
    View,
    numbers_read,
    numbers_written,
)
from fuser_core.records import frozen
from fuser_core.shapes import Dim, Shape, evaluate

__all__ = ["BoundGroup", "BoundKernel", "BoundStep", "CoreStep", "DeviceFrame", "Frame", "Instruction", "Result"]

CoreStep = Host | Box | View | Reshape | Concat | Opaque | Check
"""The steps that no backend holds."""


class Frame:
    """The state of one call: the value of every plan number computed so far.

    Attributes:
        memory: What handles the arrays in the registers: NumPy's, but for a `DeviceFrame`.
    """

    __slots__ = ("_sizes", "out", "registers", "threads")

    memory: Memory = NUMPY

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

    def operand(self, operand: Operand | HostValue | complex) -> Any:
        """Return the array, the constant or the Python number that a step reads."""
        if isinstance(operand, Value | HostValue):
            return self.registers[operand.id]
        return operand.value if isinstance(operand, Constant) else operand


class DeviceFrame(Frame):
    """The state of a call whose arrays are on a device."""

    __slots__ = ("memory",)

    def __init__(self, registers: dict[int, Any], out: dict[int, Any], threads: int, memory: Memory) -> None:
        super().__init__(registers, out, threads)
        self.memory = memory


class Instruction(Protocol):
    """One step of a program."""

    @property
    def numbers(self) -> frozenset[int]:
        """The values that it reads or computes, by their numbers in the plan."""

    def run(self, frame: Frame) -> None:
        """Compute the step's outputs into the frame's registers."""


Result = tuple[Value, tuple[int, ...], Sequence[int] | None]
"""What a kernel computes in one call: the value, its shape, and the order of its axes in memory; see `keep_order`."""


class BoundKernel(abc.ABC):
    """A kernel with what it reads and writes.

    Attributes:
        compiled: What is launched.
        numbers: The values that it reads or computes, by their numbers in the plan.
    """

    _may_decline = False

    def __init__(self, source: Group | Chain, compiled: CompiledGroup) -> None:
        self.compiled = compiled
        self._inputs = tuple(value.id for value in source.inputs)
        self.numbers = frozenset(value.id for value in (*source.inputs, *source.outputs))

    def run(self, frame: Frame) -> None:
        self.launch(frame, self.results(frame))

    def launch(self, frame: Frame, results: Sequence[Result]) -> Decline | None:
        """Allocate the results and launch.

        Args:
            frame: Where the inputs are, and the results go.
            results: What `results` returns for one.

        Returns:
            What the backend's hook does: nothing, or why it left the results unwritten.
        """
        registers, memory = frame.registers, frame.memory
        arrays = [registers[number] for number in self._inputs]
        targets = []
        for value, shape, order in results:
            output = self._given(value, shape, arrays, frame) if frame.out else None
            registers[value.id] = output = memory.allocate(shape, value.dtype, order) if output is None else output
            targets.append(memory.describe_result(output))
        sources = [memory.describe(array) for array in arrays]
        try:
            answer: Any = self.compiled.launch(self.compiled.kernel, sources, targets, frame.threads)
        except Exception as error:
            self.compiled.plugin.blame(error)
            raise
        if answer is not None and not (self._may_decline and isinstance(answer, Decline)):
            self.compiled.plugin.misanswered(answer)
            return None
        return answer

    @abc.abstractmethod
    def results(self, frame: Frame) -> list[Result]:
        """Return the outputs, each with its shape and the order of its axes.

        Raises:
            ShapeError: A minimum or maximum of nothing is asked for.
        """

    def _given(self, value: Value, shape: tuple[int, ...], inputs: Sequence[Any], frame: Frame) -> Any:
        """Return the caller's array for an output, if the kernel may write it while it reads its inputs."""
        given = frame.out.get(value.id)
        if given is None or given.dtype != value.dtype or given.shape != shape:
            return None
        memory = frame.memory
        overlapping = [array for array in inputs if memory.may_share(array, given)]
        return given if all(self._may_overwrite(value, memory.same(array, given)) for array in overlapping) else None

    @abc.abstractmethod
    def _may_overwrite(self, value: Value, same: bool) -> bool:
        """Say whether an output may be written where an input lies; ``same`` if it is the very same memory."""


class BoundGroup(BoundKernel):
    """A group and the kernel that serves it.

    Attributes:
        group: The steps, numbered as in the plan.
        turned: Which backends were asked before and why they refused.
        fresh: Whether the kernel was made for this program.
    """

    def __init__(self, group: Group, compiled: CompiledGroup, turned: tuple[Turned, ...], *, fresh: bool) -> None:
        super().__init__(group, compiled)
        self.group = group
        self.turned = turned
        self.fresh = fresh
        self._outputs = tuple((value, value.shape != group.shape) for value in group.outputs)
        self._gone = group.reductions[0].axes if group.reductions else ()
        self._extrema = tuple(step for step in group.reductions if step.op in ("min", "max"))

    def results(self, frame: Frame) -> list[Result]:
        shape = frame.shape(self.group.shape)
        _refuse_empty(self._extrema, shape)
        order = keep_order([frame.registers[value] for value in self._inputs], shape)
        return [
            (value, frame.shape(value.shape), kept_order(order, self._gone)) if reduced else (value, shape, order)
            for value, reduced in self._outputs
        ]

    def _may_overwrite(self, value: Value, same: bool) -> bool:
        return same and value.shape == self.group.shape


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
