"""Variances on every backend: NumPy's for any axes, dtype and layout, and as near to the true ones where it is hard."""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.testing.values import LAYOUTS, arrange

RANDOM = np.random.default_rng(23)
NUMBERS = 3001
NOISE = RANDOM.standard_normal(NUMBERS)

HARD = {
    "ordinary": NOISE,
    "large offset": 1e8 + NOISE,
    "float32 with a large offset": (1e8 + 100 * NOISE).astype("f4"),
    "float32": NOISE.astype("f4"),
    "outlier first": np.r_[1e10, NOISE],
    "outlier in the middle": np.insert(NOISE, 1500, -1e10),
    "outlier last": np.r_[NOISE, 1e10],
    "a ramp": np.arange(NUMBERS) * 1.1 + 1e6,
    "a step": np.r_[np.zeros(NUMBERS // 2), np.full(NUMBERS // 2, 1e8)] + 1e-3 * NOISE[: NUMBERS // 2 * 2],
    "many magnitudes": np.exp(5 * NOISE),
    "tiny": 1e-140 * NOISE,
    "few": NOISE[:3],
}
SPREADS = {axis: fuse(lambda x, axis=axis: np.var(x, axis), threads=2) for axis in (None, 0, 1)}


def _exact(numbers):
    values = [Fraction(number) for number in numbers.tolist()]
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def _error(found, exact):
    return float(abs(Fraction(float(found)) - exact) / exact)


@pytest.mark.parametrize("kind", HARD)
def test_variances_are_as_near_to_the_true_ones_as_numpys(kind, backend):
    numbers = HARD[kind]
    exact, eps = _exact(numbers), np.finfo(numbers.dtype).eps
    arrays = {
        None: [numbers, np.tile(numbers, (60, 1)), np.repeat(numbers, 60)[::-1]],
        0: [np.repeat(numbers[:, None], 37, axis=1), np.repeat(numbers[:, None], 3, axis=1).copy("F")],
        1: [np.tile(numbers, (5, 1)), np.asfortranarray(np.tile(numbers, (70, 1)))],
    }
    for axis, layouts in arrays.items():
        for array in layouts:
            own = max(_error(found, exact) for found in np.atleast_1d(SPREADS[axis](array)))
            theirs = max(_error(found, exact) for found in np.atleast_1d(np.var(array, axis)))
            assert own <= max((8 + math.sqrt(numbers.size)) * eps, 2 * theirs), (axis, array.shape)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.lists(st.sampled_from([0, 1, 2, 3, 7, 16, 40, 300]), min_size=1, max_size=3).filter(
        lambda shape: math.prod(shape) < 20_000
    ),
    dtype=st.sampled_from(["f4", "f8", "i1", "i4", "u8", "?", "c8", "c16"]),
    layout=st.sampled_from(sorted(LAYOUTS)),
    options=st.fixed_dictionaries({"ddof": st.sampled_from([0, 1, 2, 0.5, 400]), "keepdims": st.booleans()}),
    data=st.data(),
)
def test_any_variance(backend, shape, dtype, layout, options, data):
    ddof, keepdims = options["ddof"], options["keepdims"]
    axes = data.draw(st.none() | st.sets(st.sampled_from(range(len(shape)))).map(tuple))
    random = np.random.default_rng(len(shape))
    array = random.uniform(-50, 60, shape).astype(dtype)
    array = arrange(array + 1j * array[::-1] if array.dtype.kind == "c" else array, layout)

    def spreads(x):
        return np.var(x, axes, ddof=ddof, keepdims=keepdims), x.std(axes, ddof=ddof), x.var(axes, "f8")

    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        expected, found = spreads(array), fuse(spreads)(array)
        wide = spreads(array.astype("G" if array.dtype.kind == "c" else "g"))
        off = [np.abs(true - each) for true, each in zip(expected, wide, strict=True)]
    for own, true, error in zip(found, expected, off, strict=True):
        assert (own.shape, own.dtype, type(own)) == (true.shape, true.dtype, type(true))
        eps = float(np.finfo(true.dtype).eps)
        # The rest of a rounding where equal numbers have 0 exactly; over no degrees of freedom that is inf, or nan.
        rest = 10 * eps * float(np.abs(array).max(initial=0))
        rest += float(np.max(error, where=np.isfinite(error), initial=0))  # NumPy may be further off than that
        pair = [np.where(np.isnan(each), np.inf, each) if ddof == 400 else each for each in (own, true)]
        np.testing.assert_allclose(*pair, rtol=100 * eps, atol=rest)


@pytest.mark.parametrize("shape", [(1,), (7,), (1000,), (300_001,), (500, 70), (70, 5000), (3, 4, 5)])
@pytest.mark.parametrize("number", [0.1, -3.3, 1e300, 1.7e308, 5e-324])
def test_equal_numbers_do_not_vary(shape, number, backend):
    array = np.full(shape, number)
    for axis in range(-1, len(shape)):
        with np.errstate(all="ignore"):
            theirs = np.var(array, None if axis < 0 else axis)
        if np.all(theirs == 0):
            assert np.all(fuse(lambda x, axis=axis: np.var(x, None if axis < 0 else axis))(array) == 0)


def test_what_is_not_finite_and_what_overflows(backend):
    with np.errstate(all="ignore"):
        for size in (1, 5, 40, 3000, 200_000):
            for place in sorted({0, size // 2, size - 1}):
                for number in (np.nan, np.inf, -np.inf):
                    x = np.ones(size)
                    x[place] = number
                    assert np.isnan(SPREADS[None](x))
                    columns = np.ones((size, 21))
                    columns[:, 3] = x
                    assert np.flatnonzero(np.isnan(SPREADS[0](columns))).tolist() == [3]
                if size > 1:
                    x = np.ones(size)
                    x[place] = 1e300
                    columns = np.ones((size, 21))
                    columns[:, 3] = x
                    assert SPREADS[None](x) == np.inf
                    assert np.flatnonzero(np.isinf(SPREADS[0](columns))).tolist() == [3]
                    columns[0, 3], columns[-1, 4] = np.inf, np.nan
                    assert np.flatnonzero(np.isnan(SPREADS[0](columns))).tolist() == [3, 4]


def test_squares_that_vanish(backend):
    for x in (np.array([0, 5e-324, 1e-323]), 2.0**-500 + 2.0**-538 * (np.arange(100) % 2), 1e-170 * NOISE):
        np.testing.assert_allclose(SPREADS[None](x), np.var(x), rtol=1e-2)
        np.testing.assert_allclose(SPREADS[0](np.repeat(x[:, None], 21, 1)), np.var(x), rtol=1e-2)


@pytest.mark.parametrize("shape", [(300_001,), (2000, 150), (150, 2000), (100_000, 3), (3, 100_000), (50, 60, 100)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_threads_change_nothing(shape, dtype, backend):
    x = RANDOM.standard_normal(shape).astype(dtype)
    for axis in (None, *range(len(shape))):
        one, *others = [fuse(lambda x, axis=axis: x.var(axis), threads=threads)(x) for threads in (1, 2, 5)]
        for other in others:
            np.testing.assert_array_equal(one, other)


def test_variances_are_verified(backend, monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", "1")
    for numbers in (NOISE, 1e6 + NOISE.astype("f4"), np.where(NOISE > 3, np.inf, NOISE), np.full(1000, 1e300)):
        x = numbers[:1000].reshape(50, 20)
        with np.errstate(all="ignore"):
            fuse(lambda x: (x.var(), x.std(0, ddof=1), (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)))(x)
