"""Traced functions of NumPy's with random operands and options: any shape, layout, mix of dtypes, axis."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from fuser_core.testing.strategies import argument_lists, arrays
from fuser_core.testing.values import DTYPES
from unit.tracing.functions.judging import judge

REAL = [dtype for dtype in DTYPES if dtype.kind != "c"]
FLOATS = [dtype for dtype in DTYPES if dtype.kind == "f"]
GRID = np.arange(24.0).reshape(2, 3, 4)

_axis = st.integers(-3, 2)
_lists = argument_lists()


def _ordinary(dtype, shape, seed):
    """Return numbers around 0 without special values, whose sums stay small."""
    rng = np.random.default_rng(seed)
    values = rng.normal(1, 2, shape) if dtype.kind in "fc" else rng.integers(0, 5, shape)
    return np.asarray(values + 1j * rng.normal(0, 2, shape) if dtype.kind == "c" else values).astype(dtype)


@given(arrays(dtypes=FLOATS), st.integers(-3, 20))
def test_round(array, decimals):
    judge(lambda x, n: (np.round(x, n), x.round(decimals)), array, decimals)


@given(_lists, st.booleans())
def test_isclose(arguments, equal_nan):
    judge(lambda x, y: np.isclose(x, y, equal_nan=equal_nan), arguments[0], arguments[-1])


@given(arrays(dtypes=REAL), st.floats(), st.none() | st.integers(-9, 9), st.none() | st.floats(-9, 9))
def test_nan_to_num(array, nan, posinf, neginf):
    judge(lambda x: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf), array)


@given(_lists)
def test_select(arguments):
    def choose(*values):
        return np.select(
            [np.isnan(values[0]), values[0] == values[0]], [values[0], values[-1]], values[len(values) // 2]
        )

    judge(choose, *arguments)


@given(arrays(dtypes=[dtype for dtype in DTYPES if dtype.kind in "biu"]), st.integers(0, 3))
def test_round_of_integers(array, decimals):
    judge(lambda x: np.round(x, decimals if array.dtype.kind != "b" else 0), array)


@given(_lists, st.sampled_from(DTYPES))
def test_full_like(arguments, dtype):
    kinds = [np.result_type(argument).kind for argument in (arguments[0], arguments[-1])]
    assume(kinds[0] not in "iu" or kinds[1] not in "fc")  # floats that do not fit have a rule of their own
    judge(lambda x, y: (np.full_like(x, y), np.zeros_like(y, dtype=dtype)), arguments[0], arguments[-1])


@given(arrays(), st.lists(st.none() | st.just(-1), max_size=3))
def test_axes_of_size_one_come_and_go(array, extra):
    index = tuple(None for item in extra if item is None)

    def reshaped(x):
        longer = x[(..., *index)]
        return np.squeeze(longer), longer.reshape(1, *longer.shape), np.reshape(longer, x.shape), np.atleast_3d(x)

    judge(reshaped, array)


@given(_axis, _axis, _axis, st.integers(-5, 5))
def test_turning(first, second, third, times):
    judge(lambda x: (np.moveaxis(x, first, second), np.flip(x, third) + 1, np.rollaxis(x, first, second)), GRID)
    judge(lambda x: (np.swapaxes(x, first, second), np.rot90(x, times, (second, third))), GRID)


@given(_lists)
def test_broadcast_arrays(arguments):
    judge(lambda *args: np.broadcast_arrays(*args), *arguments)  # noqa: PLW0108  it has another signature
    judge(lambda x, y: np.broadcast_to(y, np.shape(x)), arguments[0], arguments[-1])


@given(arrays(), st.integers(-9, 9), _axis, st.integers(0, 3))
def test_roll_and_diff(array, shift, axis, times):
    judge(lambda x: np.roll(x, shift, axis), array)
    judge(lambda x: np.diff(x, times, axis), array)


@given(_lists, _axis)
def test_joins(arguments, axis):
    judge(lambda x, y: np.concatenate([x, y, x], axis), arguments[0], arguments[-1])
    judge(lambda x, y: (np.stack([x, y], axis), np.hstack([y, x])), arguments[0], arguments[-1])


@given(arrays(), st.integers(-4, 3), st.booleans())
def test_running_totals_and_sorting(array, axis, stable):
    judge(lambda x: (np.cumsum(x, axis), np.maximum.accumulate(x, axis)), array)
    judge(lambda x: np.sort(x, axis, stable=stable), array)


_reduced = st.none() | st.integers(-2, 1) | st.just((0, 1)) | st.just(())


@given(st.sampled_from(DTYPES), _reduced, st.booleans(), st.integers(0, 3), st.integers(0, 99), st.booleans())
def test_spreads(dtype, axis, keepdims, ddof, seed, masked):
    mask = np.random.default_rng(seed).random((5, 4)) < 0.7 if masked else True

    def spread(x):
        return np.var(x, axis, None, None, ddof, keepdims, where=mask), np.std(x, axis, ddof=ddof, keepdims=keepdims)

    judge(spread, _ordinary(dtype, (5, 4), seed), ulps=16)


@given(st.sampled_from(FLOATS), _reduced, st.booleans(), st.integers(0, 99))
def test_without_nans(dtype, axis, keepdims, seed):
    array = _ordinary(dtype, (5, 4), seed)
    array[np.random.default_rng(seed).random((5, 4)) < 0.4] = np.nan

    def reduced(x):
        return [
            function(x, axis, keepdims=keepdims)
            for function in (np.nansum, np.nanmin, np.nanmax, np.nanmean, np.nanprod, np.nanvar, np.nanstd)
        ]

    judge(reduced, array, ulps=32)


@given(st.sampled_from(DTYPES), st.none() | _axis, st.booleans(), st.integers(0, 99))
def test_average(dtype, axis, keepdims, seed):
    weights = np.random.default_rng(seed).integers(0, 3, (2, 3, 4))
    judge(
        lambda x, w: np.average(x, axis, w, returned=True, keepdims=keepdims),
        *(_ordinary(dtype, (2, 3, 4), seed), weights),
        ulps=16,
    )
