"""Runner: one backend, driven through the core as a call drives it, with nobody to fall back to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core.arguments import describe_arguments
from fuser_core.backend import CompileOptions, Decline, FusedKernel, Group
from fuser_core.config import use_backends
from fuser_core.discovery import State, registry
from fuser_core.errors import FusionDeclinedError, UnknownBackendError
from fuser_core.graph import Graph, GraphBuilder
from fuser_core.interface import register_fusion, run_fusion
from fuser_core.kernel_spec import Request, spec_of
from fuser_core.ops import ELEMENTWISE
from fuser_core.plugin import Plugin
from fuser_core.testing.compare import expect
from fuser_core.testing.placement import HOST, PlacedProgram, Placement

__all__ = ["Runner", "build", "single"]

_MOST_SHOWN = 4
"""Operands that the message of a wrong result shows."""


def build(inputs: int, body: Callable[[GraphBuilder], Sequence[int]]) -> Graph:
    """Return the graph that a function builds; it returns the numbers of the outputs."""
    builder = GraphBuilder(inputs)
    return builder.build(body(builder))


def single(name: str, arity: int = 1, *, outputs: int = 1, **attributes: Any) -> Graph:
    """Return a graph of one operation of all its inputs; the name is one of ``np::`` unless it says otherwise."""
    full = name if "::" in name else f"np::{name}"
    return build(arity, lambda graph: graph.add(full, range(arity), outputs=outputs, **attributes).outputs)


class Runner:
    """One backend.

    Attributes:
        name: Its name.
        plugin: The loaded plugin.
        placement: Where its arrays are.
    """

    def __init__(self, name: str, placement: Placement = HOST) -> None:
        """Find a backend.

        Args:
            name: Its name.
            placement: Where it is to run.

        Raises:
            UnknownBackendError: It is not installed, or could not be loaded; the message says why.
        """
        records = {record.name: record for record in registry.records()}
        if name not in records:
            raise UnknownBackendError(f"no backend named {name!r} is installed; installed: {', '.join(records)}")
        plugin = records[name].plugin
        if records[name].state is not State.LOADED or plugin is None:
            raise UnknownBackendError(f"the backend {name!r} is {records[name].state.value}: {records[name].reason}")
        self.name = name
        self.plugin: Plugin = plugin
        self.placement = placement

    def program(self, graph: Graph, arguments: Sequence[Any]) -> PlacedProgram:
        """Return the program of a graph in which this backend holds every group; it is given NumPy's arrays.

        Raises:
            FusionDeclinedError: It declines a part; the message has its reason.
            AssertionError: One of its hooks failed, which is no refusal.
        """
        placed = [self.placement.put(argument) for argument in arguments]
        request = Request((self.name,), fallback=False)
        try:
            program, _ = spec_of(register_fusion(graph)).program(describe_arguments(placed), placed, request)
        except FusionDeclinedError as error:
            if f"{self.name}: a defect of the plugin: " in str(error):
                raise AssertionError(f"a hook failed, which is no refusal: {self.plugin.defects}") from error
            raise
        return PlacedProgram(program, self.placement)

    def compile(self, group: Group, *, fast_math: bool = False) -> FusedKernel:
        """Have a group compiled that the backend has compiled before, past every cache of the core."""
        kernel = self.plugin.compile(group, self.plugin.options_for(CompileOptions(fast_math)))
        assert not isinstance(kernel, Decline), f"it declines a group that it compiled before: {kernel.reason}"
        return kernel

    def launch(self, kernel: FusedKernel, group: Group, operands: Sequence[Any], threads: int = 2) -> Any:
        """Launch a kernel by itself and return its one output, of the shape of the first operand.

        Args:
            kernel: Compiled for ``group``.
            group: With one output, no reductions, and its inputs numbered as the graph's are.
            operands: NumPy's, by the numbers of the group's inputs.
            threads: The most threads to use.
        """
        placement = self.placement
        (value,) = group.outputs
        sources = [placement.put(operands[each.id]) for each in group.inputs]
        out = placement.put(np.zeros(np.shape(operands[0]), value.dtype))
        describe = placement.describe
        declined = self.plugin.launch(kernel, [describe(source) for source in sources], [describe(out)], threads)
        assert declined is None, f"the launch of a kernel that is no chain was declined: {declined}"
        return placement.get(out)

    def check(self, graph: Graph, arguments: Sequence[Any], threads: int = 1) -> None:
        """Run a graph with this backend alone and compare its outputs with the oracle's.

        Raises:
            FusionDeclinedError: The backend declines a part.
            AssertionError: A result is wrong.
        """
        arguments = [self.placement.native(argument) for argument in arguments]
        program = self.program(graph, arguments)  # first, since what is declined is not evaluated for nothing
        expected = expect(graph, arguments)
        with np.errstate(all="ignore"):  # what NumPy computes between the kernels warns as NumPy does
            results = program.run(list(arguments), threads)
        elementwise = all(node.op.removeprefix("np::") in ELEMENTWISE for node in graph.nodes)
        operands = arguments if elementwise and len(arguments) <= _MOST_SHOWN else ()
        for position, (result, expectation) in enumerate(zip(results, expected, strict=True)):
            expectation.check(result, f"output {position} of\n{graph}\n", operands)

    def check_dispatch(self, graph: Graph, arguments: Sequence[Any]) -> None:
        """Run a graph the whole way, where the fallback serves what this backend declines, and compare.

        On a device nothing does: there a program that this backend declines is none to compare.

        Raises:
            AssertionError: A result is wrong.
        """
        if not self.placement.on_host:
            with contextlib.suppress(FusionDeclinedError):
                self.check(graph, arguments)
            return
        expected = expect(graph, arguments)
        stack = ["below", *arguments]
        with use_backends(self.name), np.errstate(all="ignore"):
            run_fusion(register_fusion(graph), stack)
        assert stack.pop(0) == "below", "run_fusion touched what lies below its arguments"
        for position, (result, expectation) in enumerate(zip(stack, expected, strict=True)):
            expectation.check(result, f"output {position} of\n{graph}\n")
