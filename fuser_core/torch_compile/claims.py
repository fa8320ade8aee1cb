"""Claims: which nodes some compiler's kernels hold. Each is typed by our rules, and must be what PyTorch says it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.fx import Node

from fuser_core import flags
from fuser_core.arguments import ArgSpec, ArraySpec, ScalarSpec
from fuser_core.backend import Decline, Device, Role
from fuser_core.config import backend_order
from fuser_core.discovery import registry
from fuser_core.graph import Graph
from fuser_core.plan import Check, Elementwise, Opaque, Reduce, Value
from fuser_core.selection import Policy, select_backends
from fuser_core.semantics import PlanBuilder, Term
from fuser_core.specialize import apply_node, declare_inputs, sizes_of
from fuser_core.torch_compile.lowering import lower_calls
from fuser_core.torch_compile.operators import UnclaimedError, constant_of, read_node
from fuser_core.torch_compile.symbols import NUMBERS, is_number, shape_example
from fuser_core.torch_compile.tensors import device_of, numpy_dtype

__all__ = ["Claims"]

_CPU = Device("cpu")
_GRAPH_ERRORS = (ArithmeticError, AssertionError, IndexError, KeyError, TypeError, ValueError)
"""What rules raise of operands that they do not take; ours derive from these."""


class _Argument(NamedTuple):
    """An operand of a node, as far as rules look at it."""

    spec: ArraySpec | ScalarSpec
    shape: tuple[int, ...]


class Claims:
    """Which nodes kernels hold on one device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        policy = Policy(backend_order(), True, flags.enabled(device))
        plugins = select_backends(registry.records(), policy, device).plugins
        self._compilers = [plugin for plugin in plugins if plugin.role is Role.COMPILER]
        self._reasons: dict[Node, str | None] = {}

    def refusal(self, node: Node) -> str | None:
        """Return why no kernel holds a node; ``None`` if one does."""
        if node not in self._reasons:
            try:
                self._check(node)
                self._reasons[node] = None
            except UnclaimedError as error:
                self._reasons[node] = str(error)
        return self._reasons[node]

    def _check(self, node: Node) -> None:
        if not self._compilers:
            raise UnclaimedError(f"no compiler for {self.device} is in use")
        result = node.meta.get("val")
        if not isinstance(result, torch.Tensor):
            raise UnclaimedError("it does not compute one tensor")
        if constant_of(node) is not None:
            return
        if device_of(result.device) != self.device:
            raise UnclaimedError(f"it computes on {result.device}")
        expected = _describe(result, self.device)
        call = read_node(node)
        graph, inputs = lower_calls([(node, call)], [node])
        arguments = [_describe_input(source.meta.get("val"), self.device) for source in inputs]
        if not any(_is_on(source.meta.get("val"), self.device) for source in inputs):
            raise UnclaimedError("none of its operands is on its device")
        builder, term = _type_graph(graph, ArgSpec(self.device, tuple(each.spec for each in arguments)), arguments)
        _compare(term, expected, builder)
        for step in builder.steps:
            if isinstance(step, Opaque | Check):
                raise UnclaimedError(f"{step.name} is a call, which PyTorch makes by itself")
            if isinstance(step, Elementwise | Reduce):
                self._ask(step)

    def _ask(self, step: Elementwise | Reduce) -> None:
        verdicts = [plugin.supports(step, self.device) for plugin in self._compilers]
        declines = [verdict for verdict in verdicts if isinstance(verdict, Decline)]
        if len(declines) == len(verdicts):
            raise UnclaimedError(declines[0].reason)


def _type_graph(graph: Graph, spec: ArgSpec, arguments: Sequence[_Argument]) -> tuple[PlanBuilder, Term]:
    """Return the steps of a graph, and its result.

    Raises:
        UnclaimedError: Its rules do not take such arguments.
    """
    builder = PlanBuilder(sizes_of(arguments), specific=True)
    terms: dict[int, Term] = dict(enumerate(declare_inputs(builder, spec)))
    try:
        for node in graph.nodes:
            made = apply_node(builder, node, [terms[number] for number in node.inputs])
            terms.update(zip(node.outputs, made, strict=True))
    except _GRAPH_ERRORS as error:
        raise UnclaimedError(str(error)) from error
    return builder, terms[graph.outputs[0]]


def _is_on(value: Any, device: Device) -> bool:
    return isinstance(value, torch.Tensor) and device_of(value.device) == device


def _describe_input(value: Any, device: Device) -> _Argument:
    if is_number(value):
        return _Argument(ScalarSpec(NUMBERS[type(value)]), ())
    if not isinstance(value, torch.Tensor):
        raise UnclaimedError(f"an operand is a {type(value).__name__}")
    return _describe(value, device)


def _describe(tensor: torch.Tensor, device: Device) -> _Argument:
    """Return what rules look at of a tensor.

    Raises:
        UnclaimedError: Kernels on a device take no such tensor.
    """
    own = device_of(tensor.device)
    if own != device and not (own == _CPU and not tensor.ndim):
        raise UnclaimedError(f"a tensor is on {tensor.device}")
    if tensor.layout is not torch.strided or tensor.is_quantized:
        raise UnclaimedError(f"a tensor is {tensor.dtype if tensor.is_quantized else tensor.layout}")
    dtype = numpy_dtype(tensor.dtype)
    if dtype is None or (tensor.dtype is torch.bfloat16 and own == _CPU):
        raise UnclaimedError(f"kernels on {device} take no tensors of {tensor.dtype}")
    shape = shape_example(tensor)
    if shape is None:
        raise UnclaimedError("a size is known from data only")
    ones = sum(1 << axis for axis, size in enumerate(shape) if size == 1)
    return _Argument(ArraySpec(dtype, len(shape), ones, False), shape)


def _compare(term: Term, expected: _Argument, builder: PlanBuilder) -> None:
    """Refuse a result of another dtype or shape than PyTorch has."""
    assert isinstance(expected.spec, ArraySpec)
    if not isinstance(term, Value):
        raise UnclaimedError("its result is a number")
    shape = tuple(map(builder.size, term.shape))
    if term.dtype != expected.spec.dtype or shape != expected.shape:
        raise UnclaimedError(
            f"it is {expected.spec.dtype}{list(expected.shape)} here and {term.dtype}{list(shape)} by our rule"
        )
