"""What ``fuser-core explain`` shows, as data for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fuser_core import explain
from fuser_core.chaining import BoundChain
from fuser_core.cli.inputs import Input
from fuser_core.cli.source import Source
from fuser_core.graph import CONSTANT, Graph
from fuser_core.instructions import BoundGroup, BoundStep
from fuser_core.plan import Opaque, format_step
from fuser_core.program import Program

__all__ = ["as_data", "facts"]


def as_data(source: Source, inputs: Sequence[Input], program: Program, *, code: bool) -> dict[str, Any]:
    """Return the explanation of a graph as a tree of JSON's types.

    Args:
        source: The graph.
        inputs: What it is explained for.
        program: What it becomes.
        code: Whether each kernel's generated code is to be in it.
    """
    backends, reason = explain.served_by(program)
    return {
        "file": source.name,
        "graph": str(source.graph),
        "facts": facts(source.graph),
        "inputs": [
            {"name": name, "type": type_, "input": str(given), "assumed": given.assumed, "value": str(value)}
            for name, type_, given, value in zip(source.names, source.types, inputs, program.plan.inputs, strict=True)
        ],
        "plan": str(program.plan),
        "guards": [str(guard) for guard in program.plan.guards],
        "backends": backends.split(" + ") if program.groups else [],
        "reason": reason,
        "not_asked": [{"backend": name, "reason": why} for name, why in program.refused],
        "steps": [item for item in (_step(step, code=code) for step in program.members) if item],
        "chains": [len(step.groups) for step, _ in program.instructions if isinstance(step, BoundChain)],
    }


def facts(graph: Graph) -> dict[str, Any]:
    """Return what can be counted in a graph."""
    operations = Counter(node.op for node in graph.nodes if node.op != CONSTANT)
    return {
        "inputs": len(graph.inputs),
        "constants": sum(node.op == CONSTANT for node in graph.nodes),
        "operations": dict(sorted(operations.items())),
        "outputs": len(graph.outputs),
    }


def _step(instruction: Any, *, code: bool) -> dict[str, Any] | None:
    """Return what is executed at one place: a kernel, or a step of the core."""
    if isinstance(instruction, BoundStep):
        kind = "call" if isinstance(instruction.step, Opaque) else "core"
        return {"kind": kind, "operations": [format_step(instruction.step)]}
    if not isinstance(instruction, BoundGroup):
        return None
    group, compiled = instruction.group, instruction.compiled
    data = {
        "kind": "kernel",
        "backend": compiled.plugin.name,
        "device": str(group.device),
        "space": [str(dim) for dim in group.shape],
        "inputs": [str(value) for value in group.inputs],
        "outputs": [str(value) for value in group.outputs],
        "operations": [format_step(step) for step in group.steps],
        "declined": [{"backend": item.backend, "reason": item.reason} for item in instruction.turned],
        "milliseconds": round(compiled.seconds * 1e3, 3),
    }
    return {**data, "code": dict(compiled.artifacts)} if code else data
