"""Pictures: a graph, or a program with its kernels, drawn as Mermaid text for notebooks and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fuser_core.graph import CONSTANT, Graph, Node
from fuser_core.instructions import BoundGroup, BoundStep
from fuser_core.mermaid import Flowchart
from fuser_core.plan import HostValue, Opaque, Step, Value, format_step, numbers_read, numbers_written
from fuser_core.program import Program
from fuser_core.shapes import format_shape

__all__ = ["Picture", "draw_graph", "draw_program"]

_MOST_BOXES = 32
"""Operations that a picture shows one by one; of more it shows the first, how many are left out, and the last."""
_MOST_ARROWS = 250
"""Mermaid refuses to draw more than 500, older versions more than 280."""


class Picture:
    """A drawing; ``str()`` gives its Mermaid text, and a notebook shows it drawn."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<picture of {self._text.count(chr(10)) + 1} lines of Mermaid; str() gives them>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        return {"text/plain": self._text, "text/vnd.mermaid": self._text}


class _Box(NamedTuple):
    """One operation, input or output.

    Attributes:
        label: Its lines.
        reads: The values that arrows bring to it.
        writes: The values that it defines.
    """

    label: tuple[str, ...]
    reads: Sequence[int]
    writes: Sequence[int]


class _Part(NamedTuple):
    """Operations that stand together; with a title they are a kernel, in a frame of its own.

    Attributes:
        name: What the frame is called in the text; no two are called the same.
        title: Over the frame.
        boxes: The operations.
    """

    name: str
    title: str
    boxes: Sequence[_Box]


class _Drawing(NamedTuple):
    """What there is to draw, in order of execution."""

    inputs: Sequence[_Box]
    parts: Sequence[_Part]
    outputs: Sequence[_Box]


def draw_graph(graph: Graph) -> str:
    """Return a graph as a Mermaid flowchart; numbers of the program stand in the operations that read them."""
    constants = {node.outputs[0]: repr(node.attributes["value"]) for node in graph.nodes if node.op == CONSTANT}
    boxes = [
        _Box((_call(node, constants), ", ".join(f"%{value}" for value in node.outputs)), node.inputs, node.outputs)
        for node in graph.nodes
        if node.op != CONSTANT
    ]
    inputs = [_Box((f"%{value}",), (), (value,)) for value in graph.inputs]
    outputs = [
        _Box((f"output {position}", constants[value]) if value in constants else (f"output {position}",), (value,), ())
        for position, value in enumerate(graph.outputs)
    ]
    return _draw(_Drawing(inputs, [_Part("", "", boxes)], outputs))


def draw_program(program: Program, labels: Sequence[str] = (), results: Sequence[str] = ()) -> str:
    """Return a program as a Mermaid flowchart, with a frame around each kernel.

    Args:
        program: What to draw.
        labels: What the user calls its first inputs.
        results: What the user calls its outputs.
    """
    plan = program.plan
    inputs = []
    for position, value in enumerate(plan.inputs):
        name = labels[position] if position < len(labels) else f"input {position}"
        inputs.append(_Box((name, _typed(value)), (), (value.id,)))
    outputs = []
    for position, output in enumerate(plan.outputs):
        name = results[position] if position < len(results) else f"output {position}"
        if isinstance(output, Value | HostValue):
            outputs.append(_Box((name,), (output.id,), ()))
        else:
            outputs.append(_Box((name, str(output)), (), ()))
    return _draw(_Drawing(inputs, list(_parts(program)), outputs))


def _parts(program: Program) -> Iterator[_Part]:
    number = 0
    for instruction in program.members:
        if isinstance(instruction, BoundGroup):
            group = instruction.group
            title = f"kernel {number}: {instruction.compiled.plugin.name} over {format_shape(group.shape)}"
            yield _Part(f"kernel{number}", title, [*map(_box, group.steps)])
            number += 1
        elif isinstance(instruction, BoundStep):
            yield _Part("", "", [_box(instruction.step)])


def _box(step: Step) -> _Box:
    targets, _, call = format_step(step).partition(" = ")
    label = f"another library: {call.removeprefix('call ')}" if isinstance(step, Opaque) else call
    return _Box((_spaced(label), targets), numbers_read(step), numbers_written(step))


def _call(node: Node, constants: Mapping[int, str]) -> str:
    """Return a node's operation as its text has it, with numbers in the place of constants."""
    head = str(node).partition(" = ")[2].rpartition("(")[0]
    return _spaced(f"{head}({', '.join(constants.get(value, f'%{value}') for value in node.inputs)})")


def _spaced(call: str) -> str:
    """Return a call so that its text needs no entity: ``](`` would begin a link."""
    return call.replace("](", "] (")


def _typed(value: Value | HostValue) -> str:
    return str(value) if isinstance(value, Value) else f"{value}: {value.type.__name__}"


def _draw(drawing: _Drawing) -> str:
    most = _MOST_BOXES
    while (chart := _Draft(drawing, most).chart).edges > _MOST_ARROWS and most > 4:
        most //= 2
    return str(chart)


class _Draft:
    """One attempt to draw: not more than so many operations, and half as many inputs and outputs."""

    def __init__(self, drawing: _Drawing, most: int) -> None:
        self.chart = Flowchart()
        self._home: dict[int, str] = {}
        self._reads: list[tuple[str, int]] = []
        self._count = 0
        self._row(drawing.inputs, most // 2, "input", "inputs")
        self._body(drawing.parts, most)
        self._row(drawing.outputs, most // 2, "output", "outputs")
        for name, value in self._reads:
            if value in self._home:
                self.chart.arrow(self._home[value], name)

    def _row(self, boxes: Sequence[_Box], most: int, shape: str, noun: str) -> None:
        head, hidden, tail = _split(boxes, most)
        for box in head:
            self._node(box.label, [box], shape)
        if hidden:
            self._node([f"... {len(hidden)} more {noun}"], hidden, "more")
        for box in tail:
            self._node(box.label, [box], shape)

    def _body(self, parts: Sequence[_Part], most: int) -> None:
        head, hidden, tail = _split(parts, most // 2)
        sizes = [len(part.boxes) for part in (*head, *tail)]
        each = next((share for share in range(most, 2, -1) if sum(min(size, share) for size in sizes) <= most), 2)
        for part in head:
            self._part(part, each)
        if hidden:
            self._node(_summary(hidden), [box for part in hidden for box in part.boxes], "more")
        for part in tail:
            self._part(part, each)

    def _part(self, part: _Part, most: int) -> None:
        if part.title:
            self.chart.open(part.name, part.title)
        self._row(part.boxes, most, "box", "operations")
        if part.title:
            self.chart.close()

    def _node(self, label: Sequence[str], boxes: Sequence[_Box], shape: str) -> None:
        """Add a node that stands for some boxes."""
        name = f"n{self._count}"
        self._count += 1
        self.chart.node(name, label, shape)
        self._home.update((value, name) for box in boxes for value in box.writes)
        self._reads += [(name, value) for box in boxes for value in box.reads]


def _split(items: Sequence[Any], most: int) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    """Cut a sequence into the first items, those to leave out, and the last; never leaves out a single one."""
    if len(items) <= most + 1:
        return items, (), ()
    first = (most + 1) // 2
    last = len(items) - (most - first)
    return items[:first], items[first:last], items[last:]


def _summary(parts: Sequence[_Part]) -> list[str]:
    kernels = [part for part in parts if part.title]
    operations = sum(len(part.boxes) for part in kernels)
    steps = len(parts) - len(kernels)
    lines = [f"... {len(kernels)} more kernels, {operations} operations"] if kernels else []
    return [*lines, f"... {steps} more steps of the core"] if steps else lines
