"""The compiler that PyTorch calls: graphs of AOTAutograd with their groups replaced by fused ones."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from functorch.compile import min_cut_rematerialization_partition
from torch._dynamo.backends.common import aot_autograd
from torch.fx import GraphModule, Node
from torch.fx.graph import _BoxedCodeGen
from torch.fx.passes.utils.fuser_utils import fuse_by_partitions

from fuser_core.errors import ArgumentError
from fuser_core.torch_compile.claims import Claims
from fuser_core.torch_compile.decompositions import decompositions
from fuser_core.torch_compile.fused_group import FusedGroup
from fuser_core.torch_compile.lowering import lower_nodes
from fuser_core.torch_compile.operators import is_free
from fuser_core.torch_compile.partition import devices_in, group_nodes, refusal_of
from fuser_core.torch_compile.preparation import prepare_graph
from fuser_core.torch_compile.report import note_compilation
from fuser_core.torch_compile.tensors import device_of

__all__ = ["compile_graph"]

_PREFIX = "fuser_group"


def compile_graph(module: GraphModule, example_inputs: Sequence[Any], **options: Any) -> Callable[..., Any]:
    """Compile a graph; this is what ``torch.compile(..., backend="fuser")`` calls.

    Args:
        module: The graph that was captured.
        example_inputs: Of the call at hand, as fake tensors.
        options: None is known.

    Raises:
        ArgumentError: There are options.
    """
    if any(value is not None for value in options.values()):
        raise ArgumentError(
            f"the backend fuser was given {', '.join(options)}, and takes no options; set FUSER_BACKENDS or "
            "FUSER_NUM_THREADS, or call torch.compile without"
        )
    compiled: Callable[..., Any] = aot_autograd(
        fw_compiler=functools.partial(_compile, "forward"),
        bw_compiler=functools.partial(_compile, "backward"),
        inference_compiler=functools.partial(_compile, "inference"),
        decompositions=dict(decompositions()),
        partition_fn=min_cut_rematerialization_partition,
    )(module, example_inputs)
    return compiled


def _compile(kind: str, module: GraphModule, example_inputs: Sequence[Any]) -> Callable[[list[Any]], Any]:  # noqa: ARG001
    """Return a function that takes the inputs as a list, which it empties so that memory is free early."""
    prepare_graph(module)
    sizes: list[int] = []
    reasons: dict[str, str] = {}
    for device in devices_in(module):
        own = device_of(device)
        assert own is not None
        claims = Claims(own)
        groups = group_nodes(module, claims)
        sizes += [sum(not is_free(node) for node in nodes) for nodes in groups]
        taken = {node for nodes in groups for node in nodes}
        reasons.update(_reasons(module, claims, taken))
        _replace(module, groups, claims)
    eager = Counter(_name(node) for node in module.graph.nodes if _runs(node))
    note_compilation(kind, sizes, eager, {name: reason for name, reason in reasons.items() if name in eager})
    module.graph.set_codegen(_BoxedCodeGen())
    module.recompile()
    run = module.forward
    boxed: Callable[[list[Any]], Any] = functools.partial(run)
    boxed._boxed_call = True  # type: ignore[attr-defined]  # noqa: SLF001 - AOTAutograd asks for it
    return boxed


def _replace(module: GraphModule, groups: Sequence[Mapping[Node, Any]], claims: Claims) -> None:
    """Put one call in the place of each group."""
    before = {node.name for node in module.graph.nodes}
    fuse_by_partitions(module, [dict(nodes) for nodes in groups], prefix=_PREFIX, always_return_tuple=False)
    for node in list(module.graph.nodes):
        if node.op != "call_module" or node.name in before:
            continue
        inner = module.get_submodule(str(node.target))
        assert isinstance(inner, GraphModule)
        fused = _fuse(str(node.target), inner, claims)
        with module.graph.inserting_before(node):
            call = module.graph.call_function(fused, node.args)
        call.meta = dict(node.meta)
        node.replace_all_uses_with(call)
        module.graph.erase_node(node)
        module.delete_submodule(str(node.target))


def _fuse(name: str, inner: GraphModule, claims: Claims) -> FusedGroup:
    given = [node for node in inner.graph.nodes if node.op == "placeholder"]
    nodes = [node for node in inner.graph.nodes if node.op == "call_function"]
    returned = inner.graph.output_node().args[0]
    results = list(returned) if isinstance(returned, tuple | list) else [returned]
    graph, inputs = lower_nodes(nodes, results)
    fused = FusedGroup(name, graph, [given.index(node) for node in inputs], inner.forward, claims.device)
    fused.expect([node.meta["val"] for node in results])
    return fused


def _runs(node: Node) -> bool:
    return node.op == "call_function" and isinstance(node.target, torch._ops.OpOverload)  # noqa: SLF001 - as FX has it


def _name(node: Node) -> str:
    return str(node.target)


def _reasons(module: GraphModule, claims: Claims, taken: set[Node]) -> dict[str, str]:
    """Return, by operator, why it is in no group."""
    found: dict[str, str] = {}
    for node in module.graph.nodes:
        if _runs(node) and node not in taken:
            found[_name(node)] = refusal_of(claims, node) or "its group would hold nothing else"
    return found
