"""Partition: maximal convex groups of nodes that kernels hold, by PyTorch's own partitioner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.fx import GraphModule, Node
from torch.fx.passes.infra.partitioner import CapabilityBasedPartitioner
from torch.fx.passes.operator_support import create_op_support

from fuser_core.torch_compile.claims import Claims
from fuser_core.torch_compile.operators import is_free
from fuser_core.torch_compile.tensors import device_of

__all__ = ["devices_in", "group_nodes", "refusal_of"]

FEWEST = 2
"""Operations of a group, but for views: one alone is a kernel of PyTorch's as well."""


def refusal_of(claims: Claims, node: Node) -> str | None:
    """Return why a node is part of no group; a view is part of its reader's or of none."""
    if not is_free(node):
        return claims.refusal(node)
    chain = [node]
    while is_free(chain[-1]) and len(chain[-1].users) == 1:
        chain.append(next(iter(chain[-1].users)))
    if is_free(chain[-1]) or chain[-1].op == "output":
        return "it is a view that is returned"
    if claims.refusal(chain[-1]) is not None:
        return "it is a view that PyTorch reads"
    return next(filter(None, map(claims.refusal, chain)), None)


def devices_in(module: GraphModule) -> list[torch.device]:
    """Return the devices on which a graph computes."""
    values = [node.meta.get("val") for node in module.graph.nodes if node.op == "call_function"]
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    return [device for device in dict.fromkeys(each.device for each in tensors) if device_of(device) is not None]


def group_nodes(module: GraphModule, claims: Claims) -> Sequence[dict[Node, Any]]:
    """Return the groups of a graph: each can be computed at once, before all that reads it."""
    support = create_op_support(lambda submodules, node: refusal_of(claims, node) is None)  # noqa: ARG005 - PyTorch's
    partitioner = CapabilityBasedPartitioner(module, support, allows_single_node_partition=True)
    groups = [dict(partition.nodes) for partition in partitioner.propose_partitions()]
    for nodes in groups:
        _drop_views(nodes)
    return [nodes for nodes in groups if sum(not is_free(node) for node in nodes) >= FEWEST]


def _drop_views(nodes: dict[Node, Any]) -> None:
    """Leave the views to PyTorch that are read elsewhere: what a group returns has memory of its own."""
    leaving = [node for node in nodes if is_free(node)]
    while leaving:
        leaving = [node for node in nodes if is_free(node) and not node.users.keys() <= nodes.keys()]
        for node in leaving:
            del nodes[node]
