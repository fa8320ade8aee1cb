"""Specialisation: what nobody needs is dropped, equal steps are computed once, and broadcasting is NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.arguments import describe_arguments
from fuser_core.errors import ShapeError
from fuser_core.graph import GraphBuilder
from fuser_core.plan import Box, Constant, Host
from fuser_core.semantics import names
from fuser_core.shapes import SizeOf, evaluate
from fuser_core.specialize import specialize
from fuser_core.testing.runner import Runner

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


def test_equal_views_are_one_that_all_read():
    function = fuse(lambda x: (x[1:] - x[:-1]) * (x[1:] + x[:-1]) + x[2:].sum())
    x = np.linspace(0, 1, 7)
    np.testing.assert_array_equal(function(x), (x[1:] - x[:-1]) * (x[1:] + x[:-1]) + x[2:].sum())
    assert str(function.explain(x)).count("= view[") == 3


def test_a_view_that_is_returned_stays_one_of_its_own():
    function = fuse(lambda x: (x[1:], x[1:], x[1:] * 2))
    x = np.linspace(0, 1, 7)
    first, second, doubled = function(x)
    assert first is not second
    assert np.shares_memory(first, x) and np.shares_memory(second, x)  # noqa: PT018 - both or neither
    np.testing.assert_array_equal(doubled, x[1:] * 2)


@pytest.mark.parametrize(
    ("left", "right", "steps"), [(0.0, -0.0, 3), (3.0, 3.0, 2), (3, 3.0, 2), (float("nan"),) * 2 + (2,)]
)
def test_equal_constants_are_equal_by_bits(left, right, steps):
    builder = GraphBuilder(1)
    (a,) = builder.add("np::multiply", (0, builder.constant(left))).outputs
    (b,) = builder.add("np::multiply", (0, builder.constant(right))).outputs
    assert len(_plan(builder, builder.add("np::add", (a, b)).outputs, X).steps) == steps


@pytest.mark.parametrize(
    ("op", "dtype", "steps"),
    [
        *[(op, "i4", 1) for op in ("add", "multiply", "maximum", "minimum", "fmax", "bitwise_xor", "gcd", "lcm")],
        *[(op, "?", 1) for op in ("add", "multiply", "maximum", "bitwise_and", "logical_xor")],
        *[(op, "f8", 1) for op in ("equal", "not_equal", "logical_or")],
        *[(op, "f8", 2) for op in ("add", "multiply", "maximum", "fmin", "hypot", "arctan2")],  # two NaNs, two zeros
        *[(op, "i4", 2) for op in ("subtract", "left_shift", "floor_divide", "less")],
    ],
)
def test_swapped_operands_give_an_equal_step_where_results_are_equal(op, dtype, steps):
    builder = GraphBuilder(2)
    (a,) = builder.add(f"np::{op}", (0, 1)).outputs
    (b,) = builder.add(f"np::{op}", (1, 0)).outputs
    (c,) = builder.add("np::not_equal", (a, b)).outputs
    plan = _plan(builder, [c], X.astype(dtype), X.astype(dtype))
    assert _ops(plan) == [*[op] * steps, "not_equal"]


@pytest.mark.parametrize(("op", "mirror"), [("greater", "less"), ("greater_equal", "less_equal")])
def test_a_comparison_and_its_mirror_image_are_one_step(op, mirror):
    builder = GraphBuilder(2)
    (a,) = builder.add(f"np::{op}", (0, 1)).outputs
    (b,) = builder.add(f"np::{mirror}", (1, 0)).outputs
    assert len(_plan(builder, builder.add("np::bitwise_xor", (a, b)).outputs, X, X).steps) == 2


def test_a_step_is_simplified_before_it_is_compared():
    builder = GraphBuilder(2)
    (same,) = builder.add("np::multiply", (0, builder.constant(1.0))).outputs
    (a,) = builder.add("np::add", (same, 1)).outputs
    (b,) = builder.add("np::add", (0, 1)).outputs
    assert _ops(_plan(builder, builder.add("np::divide", (a, b)).outputs, X, X)) == ["add", "divide"]


def test_what_is_returned_has_memory_of_its_own():
    builder = GraphBuilder(1)
    (same,) = builder.add("np::multiply", (0, builder.constant(1.0))).outputs
    (again,) = builder.add("np::negative", builder.add("np::negative", (0,)).outputs).outputs
    (view,) = builder.add("np::getitem", (same,), index=(slice(1, None),)).outputs
    graph = builder.build([same, again, same, view])
    results = Runner("fallback_numpy").program(graph, [X]).run([X], 1)
    assert not any(np.may_share_memory(result, X) for result in results)
    assert not np.may_share_memory(results[0], results[1])
    assert np.may_share_memory(results[0], results[2])  # one array that is returned twice
    assert np.may_share_memory(results[0], results[3])  # and looked at
    for result, expected in zip(results, [X, X, X, X[1:]], strict=True):
        np.testing.assert_array_equal(result, expected)


def test_constants_are_folded():
    builder = GraphBuilder(1)
    two, three = builder.constant(np.float32(2)), builder.constant(3)
    (six,) = builder.add("np::multiply", (two, three)).outputs
    quotient, rest = builder.add("np::divmod", (six, builder.constant(np.float32(4))), outputs=2).outputs
    (total,) = builder.add("np::add", (0, builder.add("np::add", (quotient, rest)).outputs[0])).outputs
    plan = _plan(builder, [total], X.astype("f4"))
    assert _ops(plan) == ["add"]
    assert plan.steps[0].inputs[1] == Constant(np.float32(3))


def test_a_folded_output_is_a_scalar_or_an_array_as_numpy_has_it():
    builder = GraphBuilder(0)
    (scalar,) = builder.add("np::sqrt", (builder.constant(np.float32(2)),)).outputs
    (array,) = builder.add("np::where", (builder.constant(True), builder.constant(1.5), scalar)).outputs
    graph = builder.build([scalar, array, scalar])
    program = Runner("fallback_numpy").program(graph, [])
    results = program.run([], 1)
    assert [step.op for step in program.plan.steps] == ["cast"]
    assert results[0] == results[2] == np.sqrt(np.float32(2))
    assert [type(result) for result in results] == [np.float32, np.ndarray, np.float32]
    assert results[1].shape == ()
    assert results[1].dtype == np.where(True, 1.5, np.float32(2)).dtype


def test_an_error_of_constants_is_an_error_of_the_call():
    builder = GraphBuilder(0)
    (power,) = builder.add("np::power", (builder.constant(np.int64(2)), builder.constant(np.int64(-1)))).outputs
    program = Runner("fallback_numpy").program(builder.build([power]), [])
    with pytest.raises(ValueError, match="Integers to negative integer powers"):
        program.run([], 1)


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
        ((2, 3), (2, 3), "matmul: Input operand 1 has a mismatch in its core dimension 0"),
        ((), (3,), "matmul: Input operand 0 does not have enough dimensions"),
    ],
)
def test_matmul_tells_what_does_not_fit(left, right, words):
    builder = GraphBuilder(2)
    with pytest.raises(ValueError, match=words):
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
