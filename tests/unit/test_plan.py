"""Plans and shapes: text, equality by bits, and symbolic sizes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.arguments import describe_arguments
from fuser_core.axes import SourceAxis, viewed_shape
from fuser_core.graph import GraphBuilder
from fuser_core.plan import Constant, Elementwise, HostValue, Reduce, Value, format_step
from fuser_core.shapes import Called, SizeOf, SliceLength, evaluate, format_shape, product, quotient, total
from fuser_core.specialize import specialize

F8 = np.dtype("f8")


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (np.float64(1), np.float64(1), True),
        (np.float64("nan"), np.float64("nan"), True),
        (np.float64(0.0), np.float64(-0.0), False),
        (np.float64(1), np.float32(1), False),
        (np.int64(1), np.float64(1), False),
        (np.int8(1), np.bool_(True), False),
        (np.complex128(complex(0, -0.0)), np.complex128(0), False),
    ],
)
def test_constants_are_equal_by_bits(left, right, equal):
    assert (Constant(left) == Constant(right)) is equal
    assert (hash(Constant(left)) == hash(Constant(right))) is equal


def test_a_constant_is_no_number():
    assert Constant(np.float64(1)) != 1.0
    assert str(Constant(np.float32(0.5))) == "np.float32(0.5)"
    assert Constant(np.float32(0.5)).dtype == np.float32


def test_steps_as_text():
    x = Value(0, F8, (SizeOf(0, 0), 1))
    y = Value(1, F8, (SizeOf(0, 0), 1))
    total = Value(2, F8, (1,))
    assert str(x) == "%0: float64(n0.0, 1)"
    assert str(HostValue(3, int)) == "$3"
    assert (
        format_step(Elementwise("add", (x, Constant(F8.type(2))), (y,)))
        == "%1: float64(n0.0, 1) = add(%0, np.float64(2.0))"
    )
    assert format_step(Reduce("sum", y, (0,), total)) == "%2: float64(1,) = sum[axes=(0,)](%1)"


def test_a_plan_as_text():
    builder = GraphBuilder(2)
    (part,) = builder.add("np::getitem", (0,), index=(slice(1, None), 0, None)).outputs
    (sum_,) = builder.add("np::add", (part, 1)).outputs
    (total,) = builder.add("np::sum", (sum_,), axis=0).outputs
    graph = builder.build([total, 1])
    arguments = [np.ones((4, 2)), 2.5]
    text = str(specialize(graph, describe_arguments(arguments), arguments))
    assert text.startswith("plan(%0: float64(n0.0, n0.1), $1):\n")
    assert "= box($1)" in text
    assert "len(n0.0[1::])" in text
    assert "view[axis 0 1::, None, axis 1 at 0](%0)" in text
    assert "sum[axes=(0,)](" in text
    assert text.endswith(", $1)")


def test_guards_as_text():
    builder = GraphBuilder(2)
    graph = builder.build(builder.add("np::add", (0, 1)).outputs)
    arguments = [np.ones(4), np.ones(4)]
    plan = specialize(graph, describe_arguments(arguments), arguments)
    assert [str(guard) for guard in plan.guards] == ["n0.0 == n1.0"]
    assert "  where n0.0 == n1.0" in str(plan)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((), "()"),
        ((1,), "(1,)"),
        ((SizeOf(0, 1), 3), "(n0.1, 3)"),
        ((SliceLength(SizeOf(0, 0), 1, None, 2),), "(len(n0.0[1::2]),)"),
    ],
)
def test_shapes_as_text(shape, text):
    assert format_shape(shape) == text


_bound = st.none() | st.integers(-12, 12)
_step = st.none() | st.integers(-4, 4).filter(bool)


@given(st.integers(0, 10), st.lists(st.tuples(_bound, _bound, _step), max_size=3))
def test_the_length_of_slices_is_python_s(size, slices):
    dim, items = SizeOf(0, 0), range(size)
    for bounds in slices:
        dim, items = SliceLength(dim, *bounds), items[slice(*bounds)]
    assert evaluate(dim, lambda value, axis: size) == len(items)


@given(st.integers(0, 10), st.lists(st.tuples(_bound, _bound, _step), max_size=6))
def test_slices_of_slices_have_python_s_length(size, slices):
    shape, items = (SizeOf(0, 0),), range(size)
    for bounds in slices:
        shape, items = viewed_shape(shape, [SourceAxis(0, *bounds)]), items[slice(*bounds)]
    assert evaluate(shape[0], lambda value, axis: size) == len(items)


@pytest.mark.parametrize(
    ("bounds", "text"),
    [((1, None, None), "len(n0.0[9::])"), ((None, -2, None), "len(n0.0[:-18:])"), ((None, None, -1), "n0.0")],
)
def test_slices_at_one_end_are_one_slice(bounds, text):
    shape = (SizeOf(0, 0),)
    for _ in range(9):
        shape = viewed_shape(shape, [SourceAxis(0, *bounds)])
    assert str(shape[0]) == text


def test_sizes_may_be_nested_deeply():
    def nested(first):
        dim = first
        for _ in range(5000):
            dim = total([SliceLength(dim, 1, None, 2), SizeOf(1, 0), 3])
        return dim

    left, right, other = nested(SizeOf(0, 0)), nested(SizeOf(0, 0)), nested(SizeOf(0, 1))
    assert left == right
    assert hash(left) == hash(right)
    assert left != other
    assert evaluate(left, lambda value, axis: 4) == 13  # n // 2 + 4 + 3 ends there


def test_sizes_that_a_function_computes():
    def halves(*sizes):
        return [size // 2 for size in sizes]

    parts = (SizeOf(0, 0), total([SizeOf(0, 1), 4]))
    first, second = (Called(halves, parts, place) for place in range(2))
    assert format_shape((first, second)) == "(shape(n0.0, (n0.1 + 4))[0], shape(n0.0, (n0.1 + 4))[1])"
    assert evaluate(total([first, second]), lambda value, axis: 10 + axis) == 5 + 7
    assert first == Called(halves, parts, 0)
    assert hash(first) == hash(Called(halves, parts, 0))
    assert len({first, second, Called(halves, parts[:1], 0), Called(max, parts, 0)}) == 4


def test_a_fixed_dimension_asks_nobody():
    assert evaluate(5, lambda value, axis: 1 / 0) == 5


@given(st.lists(st.integers(0, 4) | st.builds(SizeOf, st.just(0), st.integers(0, 2)), max_size=5), st.data())
def test_products_and_their_quotients_are_python_s(dims, data):
    sizes = [data.draw(st.integers(0, 5)) for _ in range(3)]

    def evaluated(dim):
        return evaluate(dim, lambda value, axis: sizes[axis])

    values = [evaluated(dim) for dim in dims]
    assert evaluated(product(dims)) == math.prod(values)
    some = data.draw(st.lists(st.sampled_from(range(len(dims))), unique=True)) if dims else []
    divisor = math.prod(values[place] for place in some)
    if divisor:
        rest = math.prod(value for place, value in enumerate(values) if place not in some)
        assert evaluated(quotient(product(dims), product([dims[place] for place in some]))) == rest


def test_a_size_divided_by_its_factors_is_what_is_left():
    rows, columns = SizeOf(0, 0), SizeOf(0, 1)
    assert quotient(product([rows, columns]), columns) == rows
    assert str(quotient(product([rows, columns, 6]), product([columns, 4]))) == "((n0.0 * 6) // 4)"
    assert str(product([rows, product([columns, 2])])) == "(n0.0 * n0.1 * 2)"
    assert product([rows, 0]) == 0
    assert evaluate(quotient(rows, columns), lambda value, axis: 0) == 0
