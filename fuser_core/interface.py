"""The nine functions of the original fuser's interface: register a graph once, run it many times.

`run_fusion` consults flags, registry and caches, dispatches to the first backend that accepts, and falls back
otherwise, so that the answer is always right.
"""

from __future__ import annotations

from collections import UserList
from collections.abc import Sequence
from typing import Any

from fuser_core import flags
from fuser_core.arguments import describe_arguments
from fuser_core.backend import Device, Role
from fuser_core.config import backend_order, default_threads
from fuser_core.discovery import registry
from fuser_core.errors import ArgumentError, FusionDeclinedError
from fuser_core.graph import Graph
from fuser_core.kernel_spec import KernelSpec, Request, register, spec_of
from fuser_core.kernels import n_compiled_kernels
from fuser_core.program import Program

__all__ = [
    "can_fuse_on_cpu",
    "can_fuse_on_gpu",
    "debug_get_fused_kernel_code",
    "debug_launch_graph",
    "n_compiled_kernels",
    "override_can_fuse_on_cpu",
    "override_can_fuse_on_gpu",
    "register_fusion",
    "run_fusion",
]

_CPU, _GPU = Device("cpu"), Device("cuda")


def register_fusion(graph: Graph) -> int:
    """Register a graph and return its key. Alpha-equivalent graphs share a key; nothing is compiled.

    Raises:
        ArgumentError: ``graph`` is something else.
    """
    if not isinstance(graph, Graph):
        raise ArgumentError(f"{type(graph).__qualname__} is no Graph; parse_ir makes one of its text")
    return register(graph)


def run_fusion(key: int, stack: list[Any] | UserList[Any]) -> None:
    """Run a registered graph on the last entries of a stack and replace them by the outputs.

    Args:
        key: What `register_fusion` returned.
        stack: Its last *n* entries are the inputs of a graph of *n* inputs. When this raises, it is untouched.

    Raises:
        UnknownKeyError: There is no such key.
        ArgumentError: The stack is no list or too short, or an entry is neither an array nor a number.
        ShapeError: The shapes do not fit together.
    """
    spec = spec_of(key)
    if not isinstance(stack, list | UserList):
        raise ArgumentError(f"the stack is a {type(stack).__qualname__}; pass a list, in which outputs replace inputs")
    count = len(spec.graph.inputs)
    if len(stack) < count:
        raise ArgumentError(f"the graph takes {count} inputs and the stack holds {len(stack)}; push them all")
    arguments = list(stack[len(stack) - count :])
    program = _program(spec, arguments, Request(backend_order()))
    outputs = program.run(arguments, default_threads())
    stack[len(stack) - count :] = outputs


def can_fuse_on_cpu() -> bool:
    """Say whether a CPU compiler is installed and CPU fusion is on."""
    return flags.can_fuse(_CPU)


def can_fuse_on_gpu() -> bool:
    """Say whether a GPU compiler is usable here and GPU fusion is on."""
    return flags.can_fuse(_GPU)


def override_can_fuse_on_cpu(value: bool) -> None:
    """Switch compilation for the CPU on or off; off, everything runs through the fallback."""
    flags.override("cpu", value)


def override_can_fuse_on_gpu(value: bool) -> None:
    """Switch compilation for GPUs on or off."""
    flags.override("cuda", value)


def debug_launch_graph(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """Run a graph through compilers only and return its outputs.

    Raises:
        ArgumentError: There are not as many inputs as the graph takes, or one is neither an array nor a number.
        FusionDeclinedError: Some step is accepted by no compiler; every reason is listed.
    """
    spec = spec_of(register_fusion(graph))
    arguments = _all_of(spec, inputs)
    return _program(spec, arguments, _compilers_only()).run(arguments, default_threads())


def debug_get_fused_kernel_code(graph: Graph, inputs: Sequence[Any]) -> str:
    """Return the code that compilers generate for a graph.

    Raises:
        ArgumentError: See `debug_launch_graph`.
        FusionDeclinedError: "could not run fusion for graph", and every reason.
    """
    spec = spec_of(register_fusion(graph))
    try:
        program = _program(spec, _all_of(spec, inputs), _compilers_only())
    except FusionDeclinedError as error:
        raise FusionDeclinedError(f"could not run fusion for graph: {error}") from error
    texts = [text for group in program.groups for text in group.compiled.artifacts.values()]
    return "\n".join(texts)


def _all_of(spec: KernelSpec, inputs: Sequence[Any]) -> list[Any]:
    count = len(spec.graph.inputs)
    if not isinstance(inputs, list | tuple):
        raise ArgumentError(f"the inputs are a {type(inputs).__qualname__}; pass a list of them")
    if len(inputs) != count:
        raise ArgumentError(f"the graph takes {count} inputs and was given {len(inputs)}; pass one for each")
    return list(inputs)


def _compilers_only() -> Request:
    """Return a request that no fallback may serve, not even one that is named among the backends in use."""
    order = backend_order()
    if order is not None:
        plugins = {record.name: record.plugin for record in registry.records()}
        order = tuple(name for name in order if (plugin := plugins.get(name)) is None or plugin.role is Role.COMPILER)
    return Request(order, fallback=False)


def _program(spec: KernelSpec, arguments: Sequence[Any], request: Request) -> Program:
    return spec.program(describe_arguments(arguments), arguments, request)[0]
