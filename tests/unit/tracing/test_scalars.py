"""Python numbers as arguments: run-time values that promote weakly, static only where the function looks at them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse

X = np.arange(4.0)
SMALL = np.arange(4, dtype=np.uint8)


def test_a_new_value_recompiles_nothing(compiler, traces):
    fused = fuse(lambda x, s: x * s + 1)
    for value in (2.0, 3.0, -0.0, math.inf, 1e300):
        np.testing.assert_array_equal(fused(X[1:], value), X[1:] * value + 1)
    assert len(compiler.compiled) == 1
    assert len(traces) == 1


@pytest.mark.parametrize("dtype", ["i1", "u1", "i8", "f2", "f4", "f8", "c8"])
@pytest.mark.parametrize("value", [2, 2.0, 2j, True])
def test_numbers_promote_weakly(agree, dtype, value):
    agree(lambda x, s: (x + s, s - x, x * s), np.arange(3).astype(dtype), value)


@pytest.mark.parametrize("value", [300, -1])
def test_a_number_out_of_range_raises_as_numpy_does(value):
    fused = fuse(lambda x, s: x + s)
    fused(SMALL, 1)
    with pytest.raises(OverflowError, match=f"Python integer {value} out of bounds for uint8"):
        fused(SMALL, value)
    with pytest.raises(OverflowError, match="out of bounds for uint8"):
        fuse(lambda x: x + 300)(SMALL)


@pytest.mark.parametrize("dtype", ["u1", "i4", "u8", "i8"])
@pytest.mark.parametrize("value", [300, -1, 2**63, -(2**63), 2**70])
def test_comparison_with_a_number_out_of_range_is_exact(agree, dtype, value):
    agree(lambda x, s: (x < s, s < x, x >= s, x == s, s != x), np.arange(3).astype(dtype), value)


@pytest.mark.parametrize("value", [300, -1, 2**70])
def test_comparison_with_a_literal_out_of_range_is_exact(agree, value):
    agree(lambda x: (x < value, x == value, value <= x), SMALL)


def test_a_branch_makes_a_number_static_and_only_then(traces, same):
    def plain(x, mode, s):
        return x * s if mode else x + s

    fused = fuse(plain)
    for mode, value in [(True, 1.0), (True, 2.0), (False, 2.0), (False, 3.0), (True, 4.0)]:
        same(fused(X, mode, value), plain(X, mode, value))
    assert len(traces) == 2


def test_a_comparison_guards_its_outcome_not_the_number(traces, same):
    def plain(x, s):
        return x * s if s > 0 else -x

    fused = fuse(plain)
    for value in (1.0, 2.0, 5.5):
        same(fused(X, value), plain(X, value))
    assert len(traces) == 1
    same(fused(X, -1.0), plain(X, -1.0))
    assert len(traces) == 2
    assert "True, which the function asked for at" in fused.explain(X, 1.0)


@pytest.mark.parametrize("convert", [int, float, complex, bool, math.sqrt, round, hash, str])
def test_a_converted_number_is_never_stale(convert, same):
    def plain(x, s):
        result = convert(s)
        return x + (len(result) if isinstance(result, str) else result % 7 if convert is hash else result)

    fused = fuse(plain)
    for value in (4.0, 9.0, 2.25, 0.0):
        same(fused(X, value), plain(X, value))


def test_nan_and_the_sign_of_zero_are_told_apart(traces):
    fused = fuse(lambda x, s: x + math.copysign(1, float(s)))
    for value in (0.0, -0.0, math.nan, math.nan):
        np.testing.assert_array_equal(fused(X, value), X + math.copysign(1, value))
    assert len(traces) == 3


@given(
    left=st.one_of(st.integers(-20, 20), st.floats(-9, 9)),
    right=st.one_of(st.integers(1, 5), st.floats(0.5, 4)),
)
def test_arithmetic_of_numbers_is_python_s(left, right):
    def plain(x, a, b):
        return x, a + b, a - b, a * b, a / b, a // b, a % b, -a, abs(a), a == b, a < b, a >= b, 2 + a, 3 - a, a**2

    expected = plain(X, left, right)[1:]
    actual = _arithmetic(X, left, right)[1:]
    assert list(map(type, actual)) == list(map(type, expected))
    assert actual == expected


@fuse
def _arithmetic(x, a, b):
    return x, a + b, a - b, a * b, a / b, a // b, a % b, -a, abs(a), a == b, a < b, a >= b, 2 + a, 3 - a, a**2


@pytest.mark.parametrize("values", [(4.0, -4.0), (-4.0, 4.0)])
def test_a_root_may_become_complex(values, same):
    def plain(x, s):
        return x + s**0.5

    fused = fuse(plain)
    for value in values:
        same(fused(X, value), plain(X, value))


@pytest.mark.parametrize(("first", "second"), [(2, -2), (-2, 2)])
def test_an_integer_power_may_become_a_float(first, second, same):
    def plain(x, n):
        return x + 2**n

    fused = fuse(plain)
    same(fused(X, first), plain(X, first))
    same(fused(X, second), plain(X, second))


def test_division_of_numbers_by_zero_raises_as_python_does(agree):
    agree(lambda x, s: x + 1 / s, X, 0.0)


def test_divmod_of_numbers(agree):
    agree(lambda x, n: x + divmod(n, 3)[1], X, 5)


def test_a_negative_integer_power_raises_as_numpy_does(agree):
    agree(lambda x, n: x**n, np.arange(1, 4), -1)
    with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed"):
        fuse(lambda x, n: x**n)(np.arange(1, 4), -1)


def test_numbers_meet_ufuncs_and_numpy_scalars(agree):
    agree(lambda x, s: (np.sqrt(s), np.float32(2) * s, s * np.float64(3), np.where(x > s, s, 0)), X, 2.0)


def test_a_number_is_returned_as_a_number(agree):
    agree(lambda x, s: (x, s, s + 1, s > 0), X, 2)


@pytest.mark.parametrize("value", [1, 1.0, True])
def test_isinstance_sees_the_type_of_a_number(agree, value):
    agree(lambda x, s: x + (10 if isinstance(s, float) else 20 if isinstance(s, bool) else 30), X, value)


def test_isscalar_sees_a_number(agree):
    agree(lambda x, s: x + (1 if np.isscalar(s) else 2), X, 2.0)


def test_a_number_with_a_fraction_is_no_index():
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        fuse(lambda x, s: x * list(range(9))[s])(X, 2.0)
