"""The plan: a typed program over symbolic shapes, between a graph and the kernels.

Every dtype and every cast is explicit. `Elementwise` and `Reduce` are what backends hold. The other kinds stay with the
core: a `View` of a materialised array moves no data, a `Reshape` moves it only where it has to, the parts of a `Concat`
are written in their place by the kernels that compute them, an `Opaque` call is a function of another library, a
`Check` refuses data that NumPy refuses, and `Host` and `Box` make a Python number (a size, a scalar argument) once per
call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fuser_core.axes import Axis, format_axes
from fuser_core.records import frozen
from fuser_core.shapes import Dim
from fuser_core.values import Constant, DType, HostValue, Operand, Value

__all__ = [
    "Box",
    "Check",
    "Concat",
    "Constant",
    "DType",
    "Elementwise",
    "Guard",
    "Host",
    "HostValue",
    "Opaque",
    "Operand",
    "Plan",
    "Reduce",
    "Reshape",
    "Step",
    "Value",
    "View",
    "format_step",
    "numbers_read",
    "numbers_written",
]


@frozen
class Elementwise:
    """One neutral operation of :data:`fuser_core.ops.ELEMENTWISE` on operands that broadcast to the outputs' shape."""

    op: str
    inputs: tuple[Operand, ...]
    outputs: tuple[Value, ...]


@frozen
class Reduce:
    """One neutral reduction of :data:`fuser_core.ops.REDUCTIONS`; the reduced axes vanish from the output's shape."""

    op: str
    input: Value
    axes: tuple[int, ...]
    output: Value

    @property
    def inputs(self) -> tuple[Value]:
        return (self.input,)

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


@frozen
class View:
    """An index map onto a materialised array: slices, new axes, integer indices, transposition.

    Attributes:
        input: The array that is looked at.
        indices: Per axis of the input, the integer index that removes it, or ``None``.
        axes: Per axis of the output, the input's axis it walks or a new one.
        output: The view.
    """

    input: Value
    indices: tuple[int | None, ...]
    axes: tuple[Axis, ...]
    output: Value

    @property
    def inputs(self) -> tuple[Value]:
        return (self.input,)

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


@frozen
class Reshape:
    """The elements of a materialised array, in C order, in another shape: a view, or a copy where memory needs one.

    Attributes:
        input: The array.
        output: Of as many elements.
        contiguous: Whether the result has no gaps in memory, as that of `numpy.ravel`, even where a view could have.
    """

    input: Value
    output: Value
    contiguous: bool = False

    @property
    def inputs(self) -> tuple[Value]:
        return (self.input,)

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


@frozen
class Concat:
    """Arrays put together along an axis; all of one dtype and, but for that axis, of one shape."""

    inputs: tuple[Value, ...]
    axis: int
    output: Value

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


@frozen
class Opaque:
    """A call that no kernel holds: ``function(*inputs)`` gives the outputs, in a tuple if there are several."""

    name: str
    function: Callable[..., Any]
    inputs: tuple[Operand | HostValue | complex, ...]
    outputs: tuple[Value, ...]


@frozen
class Check:
    """What NumPy refuses when it sees the data: ``function(*inputs)`` raises, or the last input is the output."""

    name: str
    function: Callable[..., None]
    inputs: tuple[Value, ...]
    output: Value

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


@frozen
class Host:
    """A Python operation on numbers; ``size`` reads a dimension instead (its only input is a `Dim`)."""

    op: str
    inputs: tuple[HostValue | complex | Dim, ...]
    output: HostValue

    @property
    def outputs(self) -> tuple[HostValue]:
        return (self.output,)


@frozen
class Box:
    """A Python number converted to a 0-d array, with NumPy's range check."""

    input: HostValue
    output: Value

    @property
    def inputs(self) -> tuple[HostValue]:
        return (self.input,)

    @property
    def outputs(self) -> tuple[Value]:
        return (self.output,)


Step = Elementwise | Reduce | View | Reshape | Concat | Opaque | Check | Host | Box
"""Any step; each has ``inputs`` and ``outputs``."""


@frozen
class Guard:
    """A fact about sizes that a plan rests on: ``left == right`` in every call that uses it."""

    left: Dim
    right: Dim

    def __str__(self) -> str:
        return f"{self.left} == {self.right}"


@frozen
class Plan:
    """A typed program.

    Attributes:
        inputs: One per argument; a `HostValue` for a Python scalar.
        steps: In an order in which they can be executed.
        outputs: What the program returns; a Python number where that is fixed.
        unboxed: Per output, whether NumPy returns a scalar instead of a 0-d array.
        guards: Facts about sizes that hold in every call served by this plan.
    """

    inputs: tuple[Value | HostValue, ...]
    steps: tuple[Step, ...]
    outputs: tuple[Operand | HostValue | complex, ...]
    unboxed: tuple[bool, ...]
    guards: tuple[Guard, ...]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"plan({', '.join(map(str, self.inputs))}):"
        for guard in self.guards:
            yield f"  where {guard}"
        for step in self.steps:
            yield f"  {format_step(step)}"
        yield f"  return ({', '.join(_name(value) for value in self.outputs)})"


def numbers_read(step: Step) -> list[int]:
    """Return the numbers of the arrays and Python numbers that a step reads."""
    return [item.id for item in step.inputs if isinstance(item, Value | HostValue)]


def numbers_written(step: Step) -> list[int]:
    """Return the numbers of the arrays and Python numbers that a step computes."""
    return [item.id for item in step.outputs]


def format_step(step: Step) -> str:
    """Render one step as a line of text."""
    if isinstance(step, Host | Box):
        name = f"host.{step.op}" if isinstance(step, Host) else "box"
        return f"{step.output} = {name}({', '.join(map(str, step.inputs))})"
    targets = ", ".join(map(str, step.outputs))
    operands_text = ", ".join(_name(operand) for operand in step.inputs)
    match step:
        case Elementwise():
            return f"{targets} = {step.op}({operands_text})"
        case Reduce():
            return f"{targets} = {step.op}[axes={step.axes}]({operands_text})"
        case View():
            return f"{targets} = view{format_axes(step.indices, step.axes)}({operands_text})"
        case Reshape():
            return f"{targets} = {'ravel' if step.contiguous else 'reshape'}({operands_text})"
        case Concat():
            return f"{targets} = concat[axis={step.axis}]({operands_text})"
        case Opaque():
            return f"{targets} = call {step.name}({operands_text})"
        case Check():
            return f"{targets} = check {step.name}({operands_text})"


def _name(value: Operand | HostValue | complex) -> str:
    return f"%{value.id}" if isinstance(value, Value) else str(value)
