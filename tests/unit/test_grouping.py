"""Grouping: which steps share a kernel, and that the order of kernels is one in which they can run."""

# ruff: noqa: PT031  the warning and the result are checked together

import functools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.arguments import describe_arguments
from fuser_core.backend import Device, Limits, Reduce
from fuser_core.discovery import registry
from fuser_core.graph import GraphBuilder
from fuser_core.grouping import Assigned, form_groups
from fuser_core.plan import Box, Host, HostValue, Value
from fuser_core.specialize import specialize
from fuser_core.testing.fakes import AcceptingBackend, OnlyBackend, installed

GRID = np.arange(12.0).reshape(3, 4)
COLUMN = np.arange(4.0)


def _groups(function, *args):
    """Return the operations of every group that a fake compiler is asked for, in order."""
    backend = AcceptingBackend()
    with installed("fake", backend), np.errstate(all="ignore"):
        np.testing.assert_allclose(fuse(function)(*args), function(*args))
    return [[step.op for step in group.steps] for group in backend.compiled]


def test_a_chain_is_one_kernel():
    assert _groups(lambda x: np.sqrt(x * 2 + 1) - x, GRID) == [["multiply", "add", "sqrt", "subtract"]]


def test_siblings_that_share_an_input_are_one_kernel():
    backend = AcceptingBackend()
    with installed("fake", backend):
        fuse(lambda x: (x + 1, x * 2, -x, (x * x).sum(), x.max()))(GRID)
    (group,) = backend.compiled
    assert [step.op for step in group.steps] == ["add", "multiply", "negative", "multiply", "sum", "max"]
    assert len(group.inputs) == 1
    assert len(group.outputs) == 5


def test_unrelated_steps_stay_apart():
    backend = AcceptingBackend()
    with installed("fake", backend):
        fuse(lambda x, y: (x + 1, y + 1))(GRID, COLUMN)
    assert sum(len(group.steps) for group in backend.compiled) <= 2


def test_a_reduction_ends_the_kernel_of_what_feeds_it():
    assert _groups(lambda x: (x * x + 1).sum(), GRID) == [["multiply", "add", "sum"]]


def test_what_follows_a_reduction_waits():
    assert _groups(lambda x: x - x.max(), GRID) == [["max"], ["subtract"]]


def test_reductions_over_equal_axes_share_a_kernel():
    assert _groups(lambda x: x.min(axis=0) + x.max(axis=0), GRID) == [["min", "max"], ["add"]]


def test_reductions_over_different_axes_do_not():
    backend = AcceptingBackend()
    with installed("fake", backend):
        fuse(lambda x: (x.sum(axis=0), x.sum(axis=1)))(GRID)
    assert sorted([step.axes for step in group.steps] for group in backend.compiled) == [[(0,)], [(1,)]]


def test_a_value_of_lower_rank_is_not_computed_again():
    assert _groups(lambda x, y: x * np.exp(y) + 1, GRID, COLUMN) == [["exp"], ["multiply", "add"]]


def test_an_opaque_call_splits():
    assert _groups(lambda x: ((x + 1) @ (x * 2).T) - 1, GRID) == [["add", "multiply"], ["subtract"]]


def test_an_unsupported_step_splits():
    backend = OnlyBackend({"add", "multiply"})
    with installed("fake", backend), pytest.warns(UserWarning, match="this fake has no sqrt"):
        fused = fuse(lambda x: np.sqrt(x + 1) * 2 + 1)
        np.testing.assert_array_equal(fused(GRID), np.sqrt(GRID + 1) * 2 + 1)
    assert [[step.op for step in group.steps] for group in backend.compiled] == [["add"], ["multiply", "add"]]


def test_a_step_beside_the_unsupported_one_stays_in_the_first_kernel():
    backend = OnlyBackend({"add", "multiply"})
    with installed("fake", backend), pytest.warns(UserWarning, match="this fake has no"):
        fused = fuse(lambda x: (np.sqrt(x + 1), x * 2))
        fused(GRID)
    assert sorted(
        functools.reduce(operator.iadd, ([step.op for step in group.steps] for group in backend.compiled), [])
    ) == ["add", "multiply"]


def test_intermediates_that_nobody_needs_are_no_outputs():
    backend = AcceptingBackend()
    with installed("fake", backend):
        fuse(lambda x: ((x + 1) * 2, x - 1))(GRID)
    (group,) = backend.compiled
    assert len(group.steps) == 3
    assert len(group.outputs) == 2


def test_two_backends_share_a_plan():
    with (
        installed("one", OnlyBackend({"add"}, priority=2)),
        installed("two", OnlyBackend({"sqrt"}, priority=1)),
        pytest.warns(UserWarning, match="this fake has no"),
    ):
        fused = fuse(lambda x: np.sqrt(x + 1) * 2)
        np.testing.assert_array_equal(fused(GRID), np.sqrt(GRID + 1) * 2)
        assert fused.last_run.backend == "one + two + fallback_numpy"


OPERATIONS = ["add", "multiply", "sqrt", "sum0", "sum1", "max", "expand", "matmul", "slice"]


@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 30), st.integers(0, 30)), max_size=14), st.data())
def test_any_schedule_can_be_executed(recipe, data):
    plan = _plan(recipe)
    ops = data.draw(st.sets(st.sampled_from(["add", "multiply", "sqrt", "sum", "max"])))
    limits = data.draw(st.builds(Limits, st.none() | st.integers(1, 4), st.none() | st.integers(1, 6)))
    with installed("fake", OnlyBackend(ops, limits=limits)):
        plugins = [record.plugin for record in registry.records() if record.name in ("fake", "fallback_numpy")]
        schedule = form_groups(plan, plugins, Device("cpu"))
    known = {value.id for value in plan.inputs}
    steps = 0
    for item in schedule:
        if isinstance(item, Assigned):
            group = item.group
            arrays = len(group.inputs) + len(group.outputs)
            assert item.plugins[0].name == "fallback_numpy" or not limits.excess(len(group.steps), arrays)
            assert {value.id for value in group.inputs} <= known
            local = {value.id for value in group.inputs}
            reduced = set()
            for step in group.steps:
                read = {operand.id for operand in step.inputs if isinstance(operand, Value)}
                assert read <= local
                assert read.isdisjoint(reduced)
                local |= {value.id for value in step.outputs}
                if isinstance(step, Reduce):
                    assert step.input.shape == group.shape
                    reduced.add(step.output.id)
                else:
                    assert step.outputs[0].shape == group.shape
            assert len({step.axes for step in group.reductions}) <= 1
            assert reduced <= {value.id for value in group.outputs}
            assert group.outputs
            known |= {value.id for value in group.outputs}
            steps += len(group.steps)
        else:
            operands = (item.input,) if isinstance(item, Box) else item.inputs
            assert {operand.id for operand in operands if isinstance(operand, Value | HostValue)} <= known
            known |= {value.id for value in ((item.output,) if isinstance(item, Host | Box) else item.outputs)}
            steps += 1
    assert steps == len(plan.steps)
    assert {output.id for output in plan.outputs if isinstance(output, Value)} <= known


def _plan(recipe):
    """Make a plan of square matrices and rows by a recipe of operations and operands."""
    builder = GraphBuilder(2)
    matrices = [0, 1]
    for op, left, right in recipe:
        a, b = matrices[left % len(matrices)], matrices[right % len(matrices)]
        match op:
            case "add" | "multiply" | "matmul":
                node = builder.add(f"np::{op}", (a, b))
            case "sqrt":
                node = builder.add("np::sqrt", (a,))
            case "sum0" | "sum1":
                node = builder.add("np::sum", (a,), axis=int(op[-1]), keepdims=True)
                node = builder.add("np::add", (node.outputs[0], b))
            case "max":
                node = builder.add("np::max", (a,), axis=None)
                node = builder.add("np::multiply", (node.outputs[0], b))
            case "expand":
                node = builder.add("np::transpose", (a,), axes=None)
            case _:
                node = builder.add("np::getitem", (a,), index=(slice(None, None, -1),))
        matrices.append(node.outputs[0])
    arguments = [np.ones((4, 4)), np.ones((4, 4))]
    graph = builder.build(matrices[-3:])
    return specialize(graph, describe_arguments(arguments), arguments)
