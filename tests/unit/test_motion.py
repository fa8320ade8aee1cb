"""Views move above what computes a value: where that is cheaper than memory, where it costs nothing, and where not."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.axes import NewAxis, SourceAxis, composed, look
from fuser_core.bench.workloads import WORKLOADS

X = np.linspace(-1, 1, 600).reshape(20, 30)


def _kernels(function, *arguments):
    fused = fuse(function)
    np.testing.assert_array_equal(fused(*arguments), function(*arguments))
    text = str(fused.explain(*arguments))
    assert "kernel 0" in text
    return text.count("\n  kernel "), text


def test_a_cheap_value_is_computed_again_where_it_is_looked_at():
    count, text = _kernels(WORKLOADS["blur_single"].function, X.astype("f4"))
    assert count == 1
    assert text.count("= view[") == 9


def test_views_of_views_of_one_array_are_found_equal():
    count, text = _kernels(WORKLOADS["horizontal_diffusion"].function, X)
    assert count == 1
    assert text.count("= view[") == 13
    assert "50 operations" in text


def test_what_takes_long_is_computed_once():
    count, text = _kernels(lambda x: np.diff(np.exp(x)) * np.diff(np.exp(x)), X)
    assert count == 2
    assert text.count("= exp(") == 1


def test_a_cheap_value_goes_to_those_who_look_though_something_slow_is_below():
    def twice(x):
        slow = np.exp(x)
        sums = slow[1:] + slow[:-1]
        return sums[1:] - sums[:-1]

    count, text = _kernels(twice, X)
    assert count == 2
    assert text.count("= exp(") == 1


def test_what_is_directly_computed_from_something_slow_stays():
    def twice(x):
        sums = np.exp(x) * 2
        return sums[1:] - sums[:-1]

    count, text = _kernels(twice, X)
    assert count == 2
    assert text.count("= exp(") == 1


def test_sweeps_are_computed_again_only_as_far_as_that_is_cheap():
    def sweeps(x):
        for _ in range(6):
            x = 0.25 * (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:])
        return x

    count, text = _kernels(sweeps, X)
    assert count == 3
    assert text.count("= multiply(") == 3 * (1 + 4)


def test_a_value_that_is_returned_is_not_computed_again():
    function = fuse(lambda x: (x + 1, (x + 1)[1:] - (x + 1)[:-1]))
    for result, expected in zip(function(X), (X + 1, (X + 1)[1:] - (X + 1)[:-1]), strict=True):
        np.testing.assert_array_equal(result, expected)
    assert str(function.explain(X)).count("= add(") == 1


def test_a_value_that_others_read_as_a_whole_is_not_computed_again():
    count, text = _kernels(lambda x: ((x + 1) * (x + 1))[:-1] + np.diff((x + 1) * (x + 1), axis=0) + (x + 1).sum(), X)
    assert count >= 2
    assert text.count("= add(") <= 4


@st.composite
def _views(draw, shape):
    """An index map of an array of a shape, as a `View` holds it."""
    bound = st.none() | st.integers(-4, 4)
    indices, axes = [], []
    for axis, size in enumerate(shape):
        if size and draw(st.integers(0, 4)) == 0:
            indices.append(draw(st.integers(-size, size - 1)))
        else:
            indices.append(None)
            axes.append(SourceAxis(axis, draw(bound), draw(bound), draw(st.sampled_from([None, None, None, 1, 2, -1]))))
    axes = draw(st.permutations(axes))
    if draw(st.booleans()):
        axes.insert(draw(st.integers(0, len(axes))), NewAxis())
    return tuple(indices), tuple(axes)


@given(st.data())
def test_a_view_of_a_view_is_one_view_wherever_it_says_so(data):
    array = np.arange(5 * 6 * 3).reshape(5, 6, 3)[: data.draw(st.integers(0, 5)), : data.draw(st.integers(1, 6))]
    first = data.draw(_views(array.shape))
    below = look(array, *first)
    second = data.draw(_views(below.shape))
    whole = composed(first, second)
    if whole is not None:
        np.testing.assert_array_equal(look(array, *whole), look(below, *second))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (slice(1, None), slice(None, -1), slice(1, -1)),
        (slice(1, -1), slice(2, -3), slice(3, -4)),
        (slice(None, None, -1), slice(None), slice(None, None, -1)),
        (slice(None, 3), slice(None, -1), None),
        (slice(-3, None), slice(1, None), None),
        (slice(None, None, 2), slice(1, None), None),
    ],
)
def test_slices_compose_where_they_do_for_every_size(first, second, expected):
    def axis(own):
        return (None,), (SourceAxis(0, own.start, own.stop, own.step),)

    assert composed(axis(first), axis(second)) == (None if expected is None else axis(expected))


_OPERATIONS = st.sampled_from(["add", "multiply", "maximum", "divide"])
_SHIFTS = st.tuples(*4 * [st.integers(0, 1)])


@pytest.mark.filterwarnings("ignore:.*may change unseen")
@given(st.lists(st.tuples(_OPERATIONS, _SHIFTS), min_size=1, max_size=6).map(tuple), st.integers(0, 5))
def test_random_programs_of_shifts_give_the_same_bits(program, kept):
    def function(x):
        values = [x]
        for operation, (a, b, c, d) in program:
            left = values[-1][a : a - 1 or None, b : b - 1 or None]
            right = values[-1][c : c - 1 or None, d : d - 1 or None]
            values.append(getattr(np, operation)(left, right))
        return values[-1], values[min(kept, len(values) - 1)] + 1

    with np.errstate(all="ignore"):
        for result, expected in zip(fuse(function)(X), function(X), strict=True):
            np.testing.assert_array_equal(result, expected)


def test_views_along_every_axis_compose():
    for order in itertools.permutations(range(2)):
        count, _ = _kernels(lambda x, order=order: (x[1:] + x[:-1]).transpose(order)[1:-1] * 2, X)
        assert count == 1
