"""Functions of NumPy's that are called between kernels: what their results show, who writes where, and what is kept."""

import tracemalloc
import warnings

import numpy as np
import pytest

from fuser_core import fuse, specialize
from fuser_core.semantics.library import CALLED

GRID = np.arange(12.0).reshape(3, 4)
windows = np.lib.stride_tricks.sliding_window_view


def test_equal_calls_are_made_once():
    fused = fuse(lambda x: np.fft.fft(x) * np.fft.fft(x).conj() + np.fft.fft(x, axis=0))
    np.testing.assert_allclose(fused(GRID), fused.__wrapped__(GRID))
    assert fused.explain(GRID).count("call of another library") == 2
    same = fuse(lambda x: (np.sort(x), np.sort(x)))(GRID)
    assert not np.may_share_memory(*same)


def test_equal_values_share_no_memory_through_views():
    first, view, window = fuse(lambda x: (x * 2, np.diagonal(x * 2), windows(x * 2, 2, 0)))(GRID)
    assert not np.may_share_memory(first, view)
    assert not np.may_share_memory(view, window)
    assert {f"np::{name}" for name, entry in CALLED.items() if entry.view} < specialize._VIEWS


def _view_of_argument(x):
    return (
        np.diagonal(x),
        windows(x, 2, 0),
        np.diag(x),
        np.einsum("ii->i", x[:, :3]),
        np.linalg.matrix_power(x[:, :3], 1),
    )


def test_views_show_the_argument():
    for found, wanted in zip(fuse(_view_of_argument)(GRID), _view_of_argument(GRID), strict=True):
        assert np.may_share_memory(found, GRID) == np.may_share_memory(wanted, GRID)
        assert found.strides == wanted.strides
        np.testing.assert_array_equal(found, wanted)


def _written_before(x):
    doubled = x * 2
    doubled += 1
    return np.diagonal(doubled), doubled


def _written_after(x):
    doubled = x * 2
    view = np.diagonal(doubled)
    doubled += 1
    return view, doubled


def _row_written(x):
    doubled = x * 2
    row = doubled[x[:, 0].argmax()]
    row += 1
    return row, doubled


def _let_go(x):
    doubled = x * 2
    largest = np.diagonal(doubled).max()
    doubled += largest
    return doubled


@pytest.mark.parametrize("function", [_written_before, _written_after, _row_written, _let_go])
def test_writes_are_seen_by_views(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fused = fuse(function)
        result, expected = fused(GRID), function(GRID)
    for found, wanted in zip(result, expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert (fused.last_run.backend == "python") is (function in (_written_after, _row_written))


def test_results_go_into_out():
    function = fuse(lambda x: (np.fft.fft(x).real, np.sort(-x), np.diagonal(x * 2)))
    out = (np.zeros((3, 4)), np.zeros((3, 4)), np.zeros(3))
    assert function(GRID, out=out)[1] is out[1]
    for found, wanted in zip(out, function.__wrapped__(GRID), strict=True):
        np.testing.assert_allclose(found, wanted)
    own = GRID.copy()
    fuse(lambda x: np.sort(-x)[::-1] + x)(own, out=own)
    np.testing.assert_array_equal(own, np.sort(-GRID)[::-1] + GRID)
    written = fuse(lambda x: np.median(x, 0, out=x[0] * 2) + np.cumsum(x, 0, out=x * 1))(GRID)
    np.testing.assert_array_equal(written, np.median(GRID, 0) + np.cumsum(GRID, 0))


def test_kernels_around_calls_stay_whole():
    text = fuse(lambda x: np.exp(np.sort(np.sqrt(x) * 2 + 1, 0) - 1).sum(0)).explain(GRID)
    assert text.count("kernel ") == 2
    text = fuse(lambda x: (np.einsum("ij,ij->i", x, x * 2), np.einsum("ij,j->", x, x[0]))).explain(GRID)
    assert "another library" not in text


def test_intermediates_die_after_the_call_that_reads_them():
    x = np.random.default_rng(0).random((128, 128))

    def long_way(x):
        for _ in range(6):
            x = np.sort(x * 2 + 1, 0) - np.cumsum(x, 0)
        return x

    fused = fuse(long_way)
    fused(x)
    tracemalloc.start()
    fused(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5.5 * x.nbytes
