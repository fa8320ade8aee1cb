"""Preparation of a graph: views and repetitions are moved to where they cost nothing.

Each reader of a view gets one of its own, so that a view can be a part of every group that reads it, and PyTorch makes
those that it reads itself. A repetition (`expand`) goes where the reader's other operands have the sizes anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.fx import GraphModule, Node

from fuser_core.torch_compile.operators import is_free
from fuser_core.torch_compile.symbols import is_same

__all__ = ["prepare_graph"]

_BROADCASTING = frozenset("add sub mul div where eq ne lt le gt ge maximum minimum pow".split())
"""Operators whose result has the sizes to which their operands broadcast."""


def prepare_graph(module: GraphModule) -> None:
    """Rewrite a graph in place; it computes what it did."""
    for node in module.graph.nodes:
        if _is(node, "expand"):
            _drop_repetition(node)
    module.graph.eliminate_dead_code()
    for node in reversed(module.graph.nodes):
        if is_free(node):
            _share_out(node)


def _is(node: Node, name: str) -> bool:
    return node.op == "call_function" and getattr(node.target, "overloadpacket", None) is getattr(torch.ops.aten, name)


def _drop_repetition(node: Node) -> None:
    source = node.args[0]
    assert isinstance(source, Node)
    for reader in list(node.users):
        others = [item for item in reader.args if isinstance(item, Node) and item is not node]
        if any(_is(reader, name) for name in _BROADCASTING) and _are_enough(others, source, reader):
            reader.replace_input_with(node, source)


def _are_enough(others: Sequence[Node], source: Node, reader: Node) -> bool:
    """Say whether the other operands have the result's sizes, and all are of one dtype, whatever their ranks."""
    values = [other.meta.get("val") for other in others]
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    dtypes = {each.dtype for each in (source.meta["val"], *tensors)}
    return len(dtypes) == 1 and any(_has_shape(each, reader.meta["val"].shape) for each in tensors)


def _has_shape(tensor: torch.Tensor, shape: Sequence[Any]) -> bool:
    return len(tensor.shape) == len(shape) and all(map(is_same, tensor.shape, shape))


def _share_out(node: Node) -> None:
    """Give each reader but the first a view of its own."""
    for reader in list(node.users)[1:]:
        with node.graph.inserting_before(node):
            own = node.graph.node_copy(node, lambda item: item)
        reader.replace_input_with(node, own)
