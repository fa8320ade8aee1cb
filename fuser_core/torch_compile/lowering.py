"""Lowering: nodes of a graph of PyTorch become one of our graphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch.fx import Node

from fuser_core.graph import Graph, GraphBuilder
from fuser_core.torch_compile.operators import Call, Size, read_node

__all__ = ["lower_calls", "lower_nodes"]


def lower_nodes(nodes: Iterable[Node], results: Sequence[Node]) -> tuple[Graph, tuple[Node, ...]]:
    """Return the graph of some nodes, in their order, and the nodes that are its inputs.

    Raises:
        UnclaimedError: One of them is none of our operations.
    """
    return lower_calls([(node, read_node(node)) for node in nodes], results)


def lower_calls(calls: Iterable[tuple[Node, Call]], results: Sequence[Node]) -> tuple[Graph, tuple[Node, ...]]:
    """Return the graph of nodes that were read; see `lower_nodes`."""
    builder = GraphBuilder()
    known: dict[Node, int] = {}
    inputs: list[Node] = []

    def value(node: Node) -> int:
        if node not in known:
            known[node] = builder.input()
            inputs.append(node)
        return known[node]

    def operand(item: Node | Size | int, first: Node) -> int:
        if isinstance(item, Node):
            return value(item)
        if isinstance(item, Size):
            return builder.add("aten::size", [value(first)], dim=item.axis).outputs[0]
        return builder.constant(item)

    for node, call in calls:
        first = call.operands[0] if call.operands else None
        numbers = [operand(item, first) for item in call.operands]
        known[node] = builder.add(call.op, numbers, **call.attributes).outputs[0]
    return builder.build([known[node] for node in results]), tuple(inputs)
