"""The untyped SSA graph of array operations that a front end produces, and its text.

A graph names operations by their origin (``np::add``); it knows no dtype and no shape, so one graph serves them all.
Values are numbered in the order of their definition, which makes the text canonical: graphs that differ only in the
names of their values print alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fuser_core.errors import GraphError
from fuser_core.records import frozen

__all__ = ["CONSTANT", "Graph", "GraphBuilder", "Node"]

CONSTANT = "prim::Constant"
"""Operation of a node without operands whose attribute ``value`` is a Python number."""

_NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


@frozen
class Node:
    """One operation.

    Attributes:
        op: Qualified name, ``namespace::name``.
        inputs: Numbers of the values it reads.
        outputs: Numbers of the values it defines.
        attributes: Static parameters by name, as hashable Python values.
        function: What an opaque call calls; ``None`` for operations with a meaning of their own.
    """

    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    attributes: Mapping[str, Any] = _NO_ATTRIBUTES
    function: Callable[..., Any] | None = None

    def __str__(self) -> str:
        targets = ", ".join(f"%{value}" for value in self.outputs)
        attributes = ", ".join(f"{name}={_literal(value)}" for name, value in sorted(self.attributes.items()))
        operands = ", ".join(f"%{value}" for value in self.inputs)
        return f"{targets} = {self.op}{f'[{attributes}]' if attributes else ''}({operands})"


@frozen
class Graph:
    """A straight-line program over arrays and Python numbers.

    Attributes:
        inputs: Numbers of its input values.
        nodes: In an order in which they can be executed.
        outputs: Numbers of the values that it returns.
    """

    inputs: tuple[int, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        defined: set[int] = set()
        _define(self.inputs, defined, "the inputs")
        for node in self.nodes:
            _check_defined(node.inputs, defined, node)
            _define(node.outputs, defined, node)
        _check_defined(self.outputs, defined, "return")

    def __str__(self) -> str:
        header = f"graph({', '.join(f'%{value}' for value in self.inputs)}):"
        footer = f"  return ({', '.join(f'%{value}' for value in self.outputs)})"
        return "\n".join([header, *(f"  {node}" for node in self.nodes), footer])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        from fuser_core.picture import draw_graph  # only notebooks ask for it

        return {"text/plain": str(self), "text/vnd.mermaid": draw_graph(self)}

    def canonical(self) -> Graph:
        """Return the same program with values numbered in the order of their definition, inputs first."""
        defined = (*self.inputs, *(value for node in self.nodes for value in node.outputs))
        number = {value: position for position, value in enumerate(defined)}
        if all(value == position for value, position in number.items()):
            return self
        nodes = []
        for node in self.nodes:
            inputs = tuple(number[value] for value in node.inputs)
            outputs = tuple(number[value] for value in node.outputs)
            nodes.append(Node(node.op, inputs, outputs, node.attributes, node.function))
        positions = tuple(range(len(self.inputs)))
        return Graph(positions, tuple(nodes), tuple(number[value] for value in self.outputs))

    @property
    def cache_key(self) -> tuple[object, ...]:
        """A hashable value that is equal for graphs that compute the same by the same steps."""
        functions = tuple(node.function for node in self.nodes if node.function is not None)
        return (str(self), functions)


def _define(values: Sequence[int], defined: set[int], where: object) -> None:
    for value in values:
        if value in defined:
            raise GraphError(f"%{value} is defined twice, at last in `{where}`; give each value its own name")
        defined.add(value)


def _literal(value: object) -> str:
    """Return a value as `parse_ir` reads it back."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return value.__name__ if isinstance(value, type) else repr(value)


def _check_defined(values: Sequence[int], defined: set[int], where: object) -> None:
    for value in values:
        if value not in defined:
            raise GraphError(f"%{value} is used before it is defined, in `{where}`; define each value before its use")


class GraphBuilder:
    """Builds a graph node by node; inputs may be added at any time."""

    def __init__(self, inputs: int = 0) -> None:
        self._next = inputs
        self._inputs = list(range(inputs))
        self._nodes: list[Node] = []

    def input(self) -> int:
        """Add an input and return the number of its value."""
        self._next += 1
        self._inputs.append(self._next - 1)
        return self._next - 1

    def add(
        self,
        op: str,
        inputs: Sequence[int] = (),
        *,
        outputs: int = 1,
        function: Callable[..., Any] | None = None,
        **attributes: Any,
    ) -> Node:
        """Append a node, which defines as many new values as it has outputs."""
        values = tuple(range(self._next, self._next + outputs))
        self._next += outputs
        self._nodes.append(Node(op, tuple(inputs), values, MappingProxyType(attributes), function))
        return self._nodes[-1]

    def constant(self, value: complex) -> int:
        """Append a constant and return the number of its value."""
        return self.add(CONSTANT, value=value).outputs[0]

    def build(self, outputs: Sequence[int]) -> Graph:
        """Return the graph, with the given values as outputs and the inputs numbered first."""
        return Graph(tuple(self._inputs), tuple(self._nodes), tuple(outputs)).canonical()
