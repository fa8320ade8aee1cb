"""Specialisation: a graph and an `ArgSpec` become a plan.

The rules of :mod:`fuser_core.semantics` type each node; dimensions that the guards equate are spelled the same way
throughout, so that equal shapes compare equal; and the passes of :mod:`fuser_core.passes` improve the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.arguments import ArgSpec, ArraySpec
from fuser_core.errors import GraphError
from fuser_core.graph import CONSTANT, Graph, Node
from fuser_core.passes import move_reshapes, move_views, place_parts, simplify
from fuser_core.plan import (
    Check,
    Concat,
    Constant,
    Elementwise,
    HostValue,
    Opaque,
    Plan,
    Reduce,
    Reshape,
    Step,
    Value,
    View,
)
from fuser_core.records import replace
from fuser_core.semantics import PlanBuilder, Term, rule_of
from fuser_core.semantics.foreign import ForeignCall, apply_foreign
from fuser_core.shapes import Dim, SizeOf

__all__ = ["apply_node", "declare_inputs", "sizes_of", "specialize"]

_VIEWS = frozenset(
    f"np::{name}"
    for name in """
        getitem transpose reshape ravel broadcast_to broadcast_arrays index einsum diag diagonal linalg.diagonal
        linalg.matrix_power lib.stride_tricks.sliding_window_view
    """.split()
)
"""Operations each of whose results may be the memory of the operand at its place."""


def specialize(graph: Graph, spec: ArgSpec, arguments: Sequence[Any]) -> Plan:
    """Return the typed plan of a graph for arguments like these.

    Args:
        graph: The program.
        spec: What the plan may rest on.
        arguments: The arguments of the call at hand. Only their sizes are read, to learn which axes broadcast; what
            the plan takes for granted about them is in its guards.

    Raises:
        ShapeError: The shapes of this call do not fit together.
        DTypeError: An operation has no loop for these dtypes.
    """
    builder = PlanBuilder(sizes_of(arguments), specific=True)
    inputs = declare_inputs(builder, spec)
    terms: dict[int, Term] = dict(enumerate(inputs))
    for node in graph.nodes:
        results = apply_node(builder, node, [terms[value] for value in node.inputs])
        terms.update(zip(node.outputs, results, strict=True))
    outputs = _separate_outputs(builder, graph, terms)
    unboxed = tuple(isinstance(output, Value) and output.id in builder.unboxed for output in outputs)
    plan = Plan(inputs, tuple(builder.steps), outputs, unboxed, tuple(builder.guards))
    return _improve(_respell(plan, builder.canonical), builder)


def _improve(plan: Plan, builder: PlanBuilder) -> Plan:
    """Return a plan of the same results that makes better kernels."""
    plan = simplify(plan)
    kept = frozenset(value.id for value in plan.outputs if isinstance(value, Value))
    steps = move_views(builder, move_reshapes(builder, plan.steps, kept), kept)
    steps = place_parts(builder, steps, kept)
    return replace(plan, steps=tuple(steps))


def _separate_outputs(builder: PlanBuilder, graph: Graph, terms: Mapping[int, Term]) -> tuple[Term, ...]:
    """Return the outputs; one that would share memory with another only because equal steps were merged is copied."""
    origins: dict[int, int] = {}
    for node in graph.nodes:
        if node.op in _VIEWS:
            origins.update((new, origins.get(old, old)) for new, old in zip(node.outputs, node.inputs, strict=False))
    owners: dict[int, int] = {}
    outputs: list[Term] = []
    for value in graph.outputs:
        origin = origins.get(value, value)
        term, source = terms[value], terms[origin]
        if isinstance(term, Value) and isinstance(source, Value) and owners.setdefault(source.id, origin) != origin:
            copied = builder.value(term.dtype, term.shape)
            builder.steps.append(Elementwise("cast", (term,), (copied,)))
            if term.id in builder.unboxed:
                builder.unboxed.add(copied.id)
            term = copied
        outputs.append(term)
    return tuple(outputs)


def sizes_of(arguments: Sequence[Any]) -> dict[SizeOf, int]:
    """Return the actual size of every axis of every argument."""
    return {
        SizeOf(value, axis): size
        for value, argument in enumerate(arguments)
        for axis, size in enumerate(getattr(argument, "shape", ()))
    }


def declare_inputs(builder: PlanBuilder, spec: ArgSpec) -> tuple[Value | HostValue, ...]:
    """Emit the inputs of a plan: they take the first numbers, in the order of the arguments."""
    inputs: list[Value | HostValue] = []
    for position, argument in enumerate(spec.args):
        if isinstance(argument, ArraySpec):
            shape = tuple(1 if argument.ones >> axis & 1 else SizeOf(position, axis) for axis in range(argument.ndim))
            inputs.append(builder.value(argument.dtype, shape))
            if argument.unboxed:
                builder.unboxed.add(position)
        else:
            inputs.append(builder.host_value(argument.type))
    return tuple(inputs)


def apply_node(builder: PlanBuilder, node: Node, terms: Sequence[Term]) -> tuple[Term, ...]:
    """Apply the rule of one node to its operands."""
    if node.op == CONSTANT:
        value = node.attributes["value"]
        return (Constant(value) if isinstance(value, np.generic) else value,)
    if isinstance(node.function, ForeignCall):
        return apply_foreign(node.function, builder, terms)
    results = rule_of(node.op)(builder, terms, node.attributes)
    if len(results) != len(node.outputs):
        raise GraphError(f"`{node}` names {len(node.outputs)} results of {len(results)}; name them all")
    return results


def _speller(canonical: Callable[[Dim], Dim]) -> Callable[[Any], Any]:
    """Return what respells the shape of a value, once for all places where it stands."""
    spelt: dict[int, Value] = {}

    def spell(item: Any) -> Any:
        if not isinstance(item, Value):
            return item
        if item.id not in spelt:
            spelt[item.id] = Value(item.id, item.dtype, tuple(map(canonical, item.shape)))
        return spelt[item.id]

    return spell


def _respell(plan: Plan, canonical: Callable[[Dim], Dim]) -> Plan:
    """Replace every dimension by the representative of those that the guards equate with it."""
    spell = _speller(canonical)

    def respell(step: Step) -> Step:
        match step:
            case Elementwise(op, inputs, outputs):
                return Elementwise(op, tuple(map(spell, inputs)), tuple(map(spell, outputs)))
            case Reduce(op, operand, axes, output):
                return Reduce(op, spell(operand), axes, spell(output))
            case View(operand, indices, axes, output):
                return View(spell(operand), indices, axes, spell(output))
            case Reshape(operand, output, contiguous):
                return Reshape(spell(operand), spell(output), contiguous)
            case Concat(inputs, axis, output):
                return Concat(tuple(map(spell, inputs)), axis, spell(output))
            case Opaque(name, function, inputs, outputs):
                return Opaque(name, function, tuple(map(spell, inputs)), tuple(map(spell, outputs)))
            case Check(name, function, inputs, output):
                return Check(name, function, tuple(map(spell, inputs)), spell(output))
            case _:
                return step

    return replace(
        plan,
        inputs=tuple(map(spell, plan.inputs)),
        steps=tuple(map(respell, plan.steps)),
        outputs=tuple(map(spell, plan.outputs)),
    )
