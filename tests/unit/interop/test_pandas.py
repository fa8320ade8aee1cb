"""Fused functions on pandas' Series and DataFrames, and as the engine of its ``apply`` and ``map``."""

import numpy as np
import pytest

from fuser_core import ArgumentError, FuserWarning, FusionDeclinedError, fuse

pd = pytest.importorskip("pandas", reason="pandas is not installed")

S = pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"], name="s")
T = pd.Series([1, 2, 3], index=["b", "c", "d"], name="t")
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]}, index=["x", "y"])

needs_engines = pytest.mark.skipif(pd.__version__.partition(".")[0] < "3", reason="pandas before 3 has no engines")


def curve(x, y, n=2.0):
    return np.exp(x) * y + n


def test_index_and_name_are_kept():
    fused = fuse(curve)
    for _ in range(2):
        pd.testing.assert_series_equal(fused(S, S), np.exp(S) * S + 2)
    assert fused.last_run.backend == "fallback_numpy"
    assert fused.last_run.cache == "hit"
    assert fused(S, S.rename("other")).name is None
    assert "exp(%0)" in fused.explain(S, S)


def test_misaligned_indexes_are_aligned_as_ufuncs_align_them():
    pd.testing.assert_series_equal(fuse(lambda x, y: x + y)(S, T), np.add(S, T))
    frame = FRAME.rename(index={"y": "z"})
    pd.testing.assert_frame_equal(fuse(lambda x, y: x * y)(FRAME, frame), np.multiply(FRAME, frame))


def test_an_array_beside_misaligned_indexes_is_refused():
    pd.testing.assert_series_equal(fuse(curve)(S, np.arange(3.0)), np.exp(S) * np.arange(3.0) + 2)
    with pytest.raises(ArgumentError, match="an array without an index meets pandas objects of several indexes"):
        fuse(lambda x, y, z: x + y + z)(S, T, np.ones(3))


def test_repeated_labels_that_do_not_align_are_pandas_s_error():
    twice = pd.Series([1.0, 2.0], index=["a", "a"])
    with pytest.raises(ValueError, match="duplicate"):
        fuse(lambda x, y: x + y)(twice, S)


def test_several_results_and_containers():
    low, high = fuse(lambda d: (d["x"] - 1, d["x"] > 2))({"x": S})
    pd.testing.assert_series_equal(low, S - 1)
    pd.testing.assert_series_equal(high, S > 2)


def test_frames():
    pd.testing.assert_frame_equal(fuse(lambda x: x * 2 + 1)(FRAME), FRAME * 2 + 1)
    half, twice = fuse(lambda x, n: (x / n, x * n))(FRAME, 2)
    pd.testing.assert_frame_equal(half, FRAME / 2)
    pd.testing.assert_frame_equal(twice, FRAME * 2)


@pytest.mark.parametrize(
    ("function", "args", "reason"),
    [
        (lambda x: x - x.mean(), (S,), "this one works along an axis"),
        (lambda x: x.fillna(0), (S,), "no attribute 'fillna'"),
        (lambda x: x + 1, (S.astype("Float64"),), "pandas' dtype Float64"),
        (lambda x: x + x, (pd.Series(["a", "b"], dtype=object),), "pandas' dtype object"),
        (lambda x, y: x + y, (FRAME, pd.Series([1.0, 2.0], index=["a", "b"])), "pandas aligns in its own way"),
        (lambda x, y: x + y, (FRAME, np.ones(2)), "pandas broadcasts in its own way"),
        (lambda x: x * len(x), (S,), "works along an axis"),
        (lambda x: x if (x > 0).all() else -x, (S,), "a branch on the value"),
    ],
)
def test_what_needs_pandas_is_called_as_it_is(function, args, reason):
    with pytest.warns(FuserWarning, match=rf"{reason}.*the function itself was called"):
        found = fuse(function)(*args)
    assert found.equals(function(*args))


@needs_engines
def test_the_engine_of_apply():
    pd.testing.assert_frame_equal(FRAME.apply(lambda c: c * 2 + 1, engine=fuse), FRAME * 2 + 1)
    pd.testing.assert_series_equal(FRAME.apply(lambda c: c.sum(), engine=fuse(threads=1)), FRAME.sum())
    rows = FRAME.apply(lambda row, n: row["a"] * row["b"] + n, axis=1, engine=fuse, args=(1,))
    pd.testing.assert_series_equal(rows, FRAME["a"] * FRAME["b"] + 1)
    raw = FRAME.apply(lambda c: c * 2, raw=True, engine=fuse)
    pd.testing.assert_frame_equal(raw, FRAME.astype(float) * 2)
    raw = FRAME.apply(lambda row: row.max(), axis=1, raw=True, engine=fuse)
    pd.testing.assert_series_equal(raw, FRAME.max(axis=1))


@needs_engines
def test_the_engine_of_map():
    pd.testing.assert_series_equal(S.map(lambda v: v * v + 1, engine=fuse), S * S + 1)
    holed = pd.Series([1.0, np.nan])
    pd.testing.assert_series_equal(
        holed.map(lambda v: np.nan_to_num(v) + 1, na_action="ignore", engine=fuse), pd.Series([2.0, np.nan])
    )


@needs_engines
def test_what_the_engine_refuses():
    with pytest.raises(FusionDeclinedError, match="maps functions that give one result per element"):
        S.map(lambda v: v.sum(), engine=fuse)
    with pytest.raises(FusionDeclinedError, match=r"axis=1 takes functions that give a number per row, .* a tuple"):
        FRAME.apply(lambda row: (row["a"], row["b"]), axis=1, engine=fuse)
    with pytest.raises(FusionDeclinedError, match=r"an array as long as a column \(2\), .* an array of shape \(1,\)"):
        FRAME.apply(lambda c: c[1:] * 2, engine=fuse)
    with pytest.raises(ArgumentError, match=r"the column 'a' is of dtype object.*convert it with astype"):
        FRAME.astype(object).apply(lambda c: c + 1, engine=fuse)
