"""Specialisation: what nobody needs is dropped, equal steps are computed once, and broadcasting is NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.arguments import describe_arguments
from fuser_core.errors import ShapeError
from fuser_core.graph import GraphBuilder
from fuser_core.plan import Box, Host
from fuser_core.semantics import names
from fuser_core.shapes import SizeOf, evaluate
from fuser_core.specialize import specialize

X = np.ones((2, 3))


def _plan(builder, outputs, *arguments):
    return specialize(builder.build(outputs), describe_arguments(arguments), arguments)


def _ops(plan):
    return [getattr(step, "op", type(step).__name__) for step in plan.steps]


def test_unused_steps_are_dropped():
    builder = GraphBuilder(1)
    used = builder.add("np::sqrt", (0,)).outputs
    builder.add("np::exp", (0,))
    builder.add("np::sum", used)
    assert _ops(_plan(builder, used, X)) == ["sqrt"]


def test_a_step_with_one_used_result_stays():
    builder = GraphBuilder(2)
    quotient, _ = builder.add("np::divmod", (0, 1), outputs=2).outputs
    plan = _plan(builder, [quotient], X, X)
    assert _ops(plan) == ["divmod"]


def test_equal_steps_are_computed_once():
    builder = GraphBuilder(1)
    (a,) = builder.add("np::sqrt", (0,)).outputs
    (b,) = builder.add("np::sqrt", (0,)).outputs
    assert _ops(_plan(builder, builder.add("np::add", (a, b)).outputs, X)) == ["sqrt", "add"]


@pytest.mark.parametrize(
    ("left", "right", "steps"), [(0.0, -0.0, 3), (1.0, 1.0, 2), (1, 1.0, 2), (float("nan"),) * 2 + (2,)]
)
def test_equal_constants_are_equal_by_bits(left, right, steps):
    builder = GraphBuilder(1)
    (a,) = builder.add("np::multiply", (0, builder.constant(left))).outputs
    (b,) = builder.add("np::multiply", (0, builder.constant(right))).outputs
    assert len(_plan(builder, builder.add("np::add", (a, b)).outputs, X).steps) == steps


def test_operands_in_another_order_are_another_step():
    builder = GraphBuilder(2)
    (a,) = builder.add("np::subtract", (0, 1)).outputs
    (b,) = builder.add("np::subtract", (1, 0)).outputs
    assert _ops(_plan(builder, [a, b], X, X)) == ["subtract", "subtract"]


def test_numbers_are_computed_first_and_boxed_once():
    builder = GraphBuilder(2)
    (scaled,) = builder.add("np::sqrt", (0,)).outputs
    (number,) = builder.add("py::add", (1, builder.constant(1)), type=float).outputs
    (a,) = builder.add("np::multiply", (scaled, number)).outputs
    (b,) = builder.add("np::add", (a, number)).outputs
    plan = _plan(builder, [b], X, 2.5)
    assert [type(step) for step in plan.steps[:2]] == [Host, Box]
    assert _ops(plan)[2:] == ["sqrt", "multiply", "add"]


def test_casts_are_explicit_and_made_once():
    builder = GraphBuilder(2)
    (a,) = builder.add("np::add", (0, 1)).outputs
    (b,) = builder.add("np::multiply", (0, 1)).outputs
    plan = _plan(builder, [a, b], X.astype("f4"), X)
    assert _ops(plan) == ["cast", "add", "multiply"]


_sizes = st.integers(0, 3)


@given(st.lists(st.lists(_sizes, max_size=3).map(tuple), min_size=1, max_size=3))
def test_broadcasting_is_numpy_s(shapes):
    arrays = [np.ones(shape) for shape in shapes]
    builder = GraphBuilder(len(arrays))
    total = 0
    for position in range(1, len(arrays)):
        (total,) = builder.add("np::add", (total, position)).outputs
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ShapeError, match="operands could not be broadcast together with shapes"):
            _plan(builder, [total], *arrays)
        return
    plan = _plan(builder, [total], *arrays)

    def size_of(value, axis):
        return arrays[value].shape[axis]

    assert tuple(evaluate(dim, size_of) for dim in plan.outputs[0].shape) == expected
    assert all(evaluate(guard.left, size_of) == evaluate(guard.right, size_of) for guard in plan.guards)


def test_guarded_sizes_are_spelt_alike():
    builder = GraphBuilder(3)
    (a,) = builder.add("np::add", (0, 1)).outputs
    (b,) = builder.add("np::add", (a, 2)).outputs
    plan = _plan(builder, [b], X, X, X)
    assert {step.outputs[0].shape for step in plan.steps} == {(SizeOf(0, 0), SizeOf(0, 1))}
    assert len(plan.guards) == 4


def test_the_message_shows_the_shapes():
    builder = GraphBuilder(2)
    with pytest.raises(
        ShapeError, match=r"with shapes \(2,3\) \(2,\) in `add`; each axis must have equal sizes or the size 1"
    ):
        _plan(builder, builder.add("np::add", (0, 1)).outputs, X, np.ones(2))


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ((2, 3), (2, 3), "matmul: the last axis of the first operand has size 3"),
        ((), (3,), "matmul: an operand has no dimensions"),
    ],
)
def test_matmul_tells_what_does_not_fit(left, right, words):
    builder = GraphBuilder(2)
    with pytest.raises(ShapeError, match=words):
        _plan(builder, builder.add("np::matmul", (0, 1)).outputs, np.ones(left), np.ones(right))


def test_transposing_tells_what_does_not_fit():
    builder = GraphBuilder(1)
    with pytest.raises(
        ShapeError, match=r"axes don't match array: transpose\(axes=\(0,\)\) of an array of 2 dimensions"
    ):
        _plan(builder, builder.add("np::transpose", (0,), axes=(0,)).outputs, X)
    builder = GraphBuilder(1)
    with pytest.raises(ValueError, match="repeated axis"):
        _plan(builder, builder.add("np::transpose", (0,), axes=(0, 0)).outputs, X)


def test_the_table_of_operations_is_sorted():
    assert names() == sorted(set(names()))
    assert {"np::add", "np::where", "np::sum", "py::size"} <= set(names())
