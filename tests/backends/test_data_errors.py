"""What NumPy refuses when it sees the data, by every backend: negative powers of integers, and weights of sum zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core import fuse, parse_ir, register_fusion, run_fusion
from fuser_core.testing.runner import single

REFUSED = "Integers to negative integer powers are not allowed"
X, Y = np.arange(1, 6), np.array([1, 2, 3, 0, 2])
BAD = np.array([1, 2, 3, -1, 2])


@fuse
def _power(x, y):
    return x**y + 1


def _outcome(function, *arguments):
    """Return the result, or the error, as what can be compared."""
    try:
        result = function(*arguments)
    except (ValueError, OverflowError) as error:
        return type(error), str(error)
    return type(result), result.dtype, result.shape, result.tolist()


def _agree(x, y):
    assert _outcome(_power, x, y) == _outcome(_power.__wrapped__, x, y)


@pytest.mark.parametrize("dtype", "bhilBHIL")
@pytest.mark.parametrize("exponents", "bhilBHIL")
def test_every_pair_of_integers(backend, dtype, exponents):
    x = X.astype(dtype)
    _agree(x, Y.astype(exponents))
    _agree(x, np.arange(-2, 3).astype(exponents))  # of unsigned integers the greatest ones
    _agree(x, Y.astype(exponents)[::-1, None])
    _agree(x[:1], np.array([[2], [-1]]).astype(exponents))


SHAPES = st.sampled_from([(), (1,), (4,), (0,), (3, 1), (3, 4), (0, 4), (3, 0), (1, 1)])


@settings(max_examples=60)
@given(shapes=st.tuples(SHAPES, SHAPES), data=st.data())
def test_any_shapes(fuser_backend, shapes, data):
    x, y = (
        np.array(data.draw(st.lists(st.integers(-1, 4), min_size=size, max_size=size)), int).reshape(shape)
        for shape, size in ((shape, int(np.prod(shape))) for shape in shapes)
    )
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return
    fused = fuse(lambda a, b: a**b, backend=fuser_backend)
    for left, right in [(x, y), (x, y[()])]:
        assert _outcome(fused, left, right) == _outcome(fused.__wrapped__, left, right)


@pytest.mark.parametrize("number", [3, 0, -1, np.int64(2), np.int64(-2), np.int8(-1), True])
def test_an_exponent_that_is_a_number(backend, number):
    for x in (X, X.astype("i1"), X.astype("u2"), np.empty(0, int), np.int64(3), X > 2):
        _agree(x, number)


def test_a_new_number_compiles_nothing(backend):
    fused = fuse(lambda x, n: x**n)
    for number in (3, 5, 7):
        np.testing.assert_array_equal(fused(X, number), X**number)
    assert fused.last_run.cache == "hit"
    with pytest.raises(ValueError, match=REFUSED):
        fused(X, -1)
    np.testing.assert_array_equal(fused(X, 4), X**4)


def test_an_error_leaves_out_and_arguments_as_they_were(backend):
    fused = fuse(lambda x, y: x**y)
    out = np.full(5, 77)
    with pytest.raises(ValueError, match=REFUSED):
        fused(X, BAD, out=out)
    assert out.tolist() == [77] * 5
    np.testing.assert_array_equal(fused(X, Y, out=out), X**Y)
    own = X.copy()
    with pytest.raises(ValueError, match=REFUSED):
        fused(own, BAD, out=own)
    assert own.tolist() == X.tolist()
    assert fused(own, Y, out=own) is own
    np.testing.assert_array_equal(own, X**Y)


def test_an_error_leaves_the_stack_as_it_was(backend):
    key, stack = register_fusion(single("power", 2)), ["below", X, BAD]
    with pytest.raises(ValueError, match=REFUSED):
        run_fusion(key, stack)
    assert stack[0] == "below"
    assert stack[1] is X
    assert stack[2] is BAD


def test_exponents_that_are_computed_beside_other_results(backend):
    fused = fuse(lambda x, y: (x + y, (x * 2) ** (y - 1), ((x + 3) ** (y - 1)).sum(), np.sqrt(x)))
    for result, expected in zip(fused(X, Y + 1), fused.__wrapped__(X, Y + 1), strict=True):
        np.testing.assert_array_equal(result, expected)
    with pytest.raises(ValueError, match=REFUSED):
        fused(X, Y)


def test_what_is_looked_at_does_not_matter(backend):
    fused = fuse(lambda x, y: (x**y)[:2])
    np.testing.assert_array_equal(fused(X, Y), [1, 4])
    with pytest.raises(ValueError, match=REFUSED):
        fused(X, BAD)


def test_many_elements_of_any_layout(backend):
    x = np.arange(300_000).reshape(300, 1000)
    y = x % 7
    for left, right in [(x, y), (x.T, y.T), (x[::-2, 1::3], y[::-2, 1::3]), (x[:, ::-1], y)]:
        np.testing.assert_array_equal(_power(left, right), left**right + 1)
    y[299, 998] = -1
    with pytest.raises(ValueError, match=REFUSED):
        _power(x, y)
    np.testing.assert_array_equal(_power(x[:299], y[:299]), x[:299] ** y[:299] + 1)


def test_the_check_is_told(backend):
    explanation = _power.explain(X, Y)
    assert "core: %2: int64(n0.0,) = check no negative powers(%4, %1)" in explanation
    assert "another library" not in explanation
    assert "any" not in _power.explain(X, Y.astype("u1"))


def test_torchscript_has_powers_of_its_own(backend):
    key = register_fusion(
        parse_ir("graph(%x : Tensor, %y : Tensor):\n  %z : Tensor = aten::pow(%x, %y)\n  return (%z)")
    )
    stack = [X, BAD]
    run_fusion(key, stack)
    assert stack[0].tolist() == [1, 4, 27, 0, 25]


def test_weights_of_sum_zero(backend):
    fused = fuse(lambda x, w: np.average(x, weights=w))
    assert fused(X, Y) == np.average(X, weights=Y)
    with pytest.raises(ZeroDivisionError, match="Weights sum to zero, can't be normalized"):
        fused(X, Y - Y)
    assert "check no weights of sum 0" in fused.explain(X, Y)
