"""Functions of NumPy's that are called between kernels: any operands and options, new sizes, errors."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import FuserWarning, UntraceableError, fuse
from fuser_core.semantics.library import CALLED
from fuser_core.testing.strategies import arrays
from fuser_core.testing.values import DTYPES
from unit.tracing.functions.judging import judge

GRID = np.arange(12.0).reshape(3, 4)
CUBE = np.random.default_rng(1).normal(0, 1, (3, 4, 5))
INEXACT = [dtype for dtype in DTYPES if dtype.kind in "fc" and dtype.itemsize > 2]
REAL = [dtype for dtype in DTYPES if dtype.kind != "c"]
windows = np.lib.stride_tricks.sliding_window_view

_axis = st.integers(-3, 2)


def _ordinary(dtype, shape, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 2, shape) if dtype.kind in "fc" else rng.integers(0, 5, shape)
    return np.asarray(values + 1j * rng.normal(0, 2, shape) if dtype.kind == "c" else values).astype(dtype)


@given(
    st.sampled_from(DTYPES),
    st.sampled_from("fft ifft rfft irfft hfft ihfft".split()),
    st.none() | st.integers(0, 9),
    _axis,
)
def test_transforms(dtype, name, n, axis):
    transform = getattr(np.fft, name)
    judge(lambda x: transform(x * 1, n, axis) * 2, _ordinary(dtype, (3, 4, 5), 3), ulps=64)


@given(
    st.sampled_from("fftn ifftn rfftn irfftn fft2 rfft2 irfft2".split()),
    st.none() | st.lists(st.integers(-1, 6), min_size=1, max_size=3).map(tuple),
    st.lists(_axis, min_size=1, max_size=3).map(tuple),
)
def test_transforms_of_several_axes(name, sizes, axes):
    transform = getattr(np.fft, name)
    judge(lambda x: transform(x, sizes, axes) + 1, CUBE, ulps=64)


@given(
    arrays(dtypes=REAL),
    st.none() | _axis | st.just((0, 1)),
    st.booleans(),
    st.sampled_from((50, (0, 30.5), ((1, 2), (3, 4)))),
)
def test_quantiles(array, axis, keepdims, q):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        judge(lambda x: (np.percentile(x, q, axis, keepdims=keepdims), np.median(x, axis, keepdims=keepdims)), array)


@given(st.sampled_from(DTYPES), _axis, st.booleans(), st.integers(-5, 5))
def test_sorting_and_places(dtype, axis, keepdims, kth):
    array = _ordinary(dtype, (3, 4, 2), 5)
    judge(lambda x: (np.partition(x, kth, axis), np.argpartition(x, kth, axis)), array)
    judge(lambda x: (np.argmax(x, axis, keepdims=keepdims), np.take_along_axis(x, np.argsort(x, axis), axis)), array)


_label = st.sampled_from("ijk")


@given(
    st.lists(st.lists(_label, min_size=0, max_size=3), min_size=1, max_size=3),
    st.none() | st.lists(_label, max_size=3, unique=True),
    st.sampled_from(DTYPES),
)
def test_einsum(inputs, output, dtype):
    text = ",".join(map("".join, inputs)) + ("" if output is None else f"->{''.join(output)}")
    sizes = {"i": 2, "j": 3, "k": 4}
    operands = [_ordinary(dtype, [sizes[label] for label in labels], place) for place, labels in enumerate(inputs)]
    judge(lambda *arrays: np.einsum(text, *arrays), *operands, ulps=256)


_item = st.one_of(
    st.integers(-3, 2),
    st.none(),
    st.just(...),
    st.slices(4),
    st.sampled_from([[0], [1, 0], [[1], [0]], [[0, -1], [1, 1]], [5, 0], [[0, 1, 0]]]).map(np.array),
)


@given(st.lists(_item, min_size=1, max_size=4).filter(lambda items: sum(item is ... for item in items) <= 1))
def test_indexing_by_arrays(items):
    judge(lambda x, *index: x[index] * 2, CUBE, *items)


def _sizes(function, *shapes):
    fused = fuse(function)
    for place, shape in enumerate(shapes):
        x = _ordinary(np.dtype(float), shape, place)
        np.testing.assert_allclose(fused(x), function(x), rtol=1e-9, atol=1e-9)
        assert fused.last_run.backend != "python"
        assert place == 0 or fused.last_run.cache == "hit", shape
    assert fused._dispatcher is not None
    assert sum(len(entries) for entries in fused._dispatcher._entries.values()) == 1


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.fft.irfft(np.fft.rfft(x * 2), x.shape[-1]) + x,
        lambda x: np.fft.fftshift(np.fft.fft2(x)).real + x,
        lambda x: np.fft.fft(x, 2 * x.shape[0], axis=0).real.sum(0) * 2,
        lambda x: np.linalg.svd(x, full_matrices=False).S * 2,
        lambda x: np.linalg.qr(x * 2).R + 1,
        lambda x: np.linalg.inv(x @ x.T + 99 * np.linalg.matrix_power(x @ x.T, 0)) * 2,
        lambda x: np.einsum("ij,kj->ik", x, x) + np.einsum("ij,ij->i", x, x),
        lambda x: np.tensordot(x, x, ([0], [0])) * 2,
        lambda x: np.kron(x, x) * 2,
        lambda x: np.diagonal(x, 1) + x.trace(),
        lambda x: np.tril(x) * 2 + np.triu(x, 1),
        lambda x: np.median(x * 2, 0) + np.percentile(x, 30),
        lambda x: np.quantile(x, (0.2, 0.7), axis=1) * 2,
        lambda x: np.cov(x) * 2,
        lambda x: np.convolve(x[0] * 2, x[1], "same") * 2 + np.convolve(x[0], x[1][:2], "same"),
        lambda x: windows(x * 2, 2, 1).mean(-1) * 2,
        lambda x: np.pad(x * 2, ((1, 0), (2, 3)), "edge") + 1,
        lambda x: np.tile(x, (2, 3)) * 2,
        lambda x: np.repeat(x, 2) + 1,
        lambda x: np.ediff1d(x) * 2,
        lambda x: np.cumsum(x) + np.ravel(x),
        lambda x: np.take_along_axis(x, np.argsort(x, 0), 0) * 2,
        lambda x: x[x[:, 0].argmax()] * 2,
        lambda x: x[np.argsort(x[:, 0])[:, None], np.argsort(x[0])] * 2,
        lambda x: np.trapezoid(x, axis=0) * 2,
        lambda x: np.logaddexp.reduce(x, 1) * 2,
    ],
)
def test_new_sizes_trace_and_compile_nothing(function):
    _sizes(function, (3, 6), (5, 7), (2, 9), (6, 6))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.linalg.inv(x) @ x,
        lambda x: np.linalg.solve(x @ x.T, x[:2]) + 1,
        lambda x: np.linalg.cholesky(-x @ x.T),
        lambda x: np.linalg.svd(x[0]),
        lambda x: np.linalg.multi_dot([x, x, x]),
        lambda x: np.fft.fft(x, axis=5),
        lambda x: np.fft.fft(x, -1) * 2,
        lambda x: np.fft.fftn(x, (2, 2), (0,)),
        lambda x: np.fft.fft(x, norm="no"),
        lambda x: np.einsum("ij,jk->ik", x, x),
        lambda x: np.einsum("ij->ijk", x),
        lambda x: np.tensordot(x, x, 1),
        lambda x: np.percentile(x, 101),
        lambda x: np.median(x, 2),
        lambda x: np.partition(x, 4),
        lambda x: np.pad(x, -1),
        lambda x: np.pad(x, 1, "nothing"),
        lambda x: np.diag(x[None]),
        lambda x: np.diagonal(x, 0, 0, 0),
        lambda x: np.take(x, 9, 0),
        lambda x: np.take(x, [0, 1], 2),
        lambda x: np.take(x, x, 0),
        lambda x: np.take_along_axis(x, np.array([0]), 0),
        lambda x: np.interp(x, [0, 1], [0, 1, 2]),
        lambda x: np.searchsorted(x, 0),
        lambda x: np.cumsum(x, 2),
        lambda x: np.sort(x, kind="no"),
        lambda x: np.sort(x, kind="stable", stable=True),
        lambda x: np.matmul(x, x),
        lambda x: np.matmul(x, 2.0),
        lambda x: windows(x, 9),
        lambda x: x[np.array([0, 1]), np.array([0, 1, 2])],
        lambda x: x[np.array([0, 1]), 9],
        lambda x: x[np.array([0, 9])],
        lambda x: x[0, 0, np.array([0])],
        lambda x: np.subtract.reduce(x, axis=(0, 1)),
        lambda x: np.convolve(x, x[0]),
        lambda x: np.nanargmax(x * np.nan, 0),
        lambda x: np.tile(x, -1),
    ],
)
def test_errors_are_numpy_s(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as expected:  # noqa: PT011 - NumPy's own is what is looked for
            function(GRID)
        warnings.simplefilter("error", FuserWarning)
        with pytest.raises(type(expected.value)) as caught:
            fuse(function)(GRID)
    assert type(caught.value) is type(expected.value)
    assert str(caught.value) == str(expected.value)


def test_masks_are_refused_with_a_way_out():
    for function in (lambda x: x[x > 1, 0], lambda x: x[np.array([0]), x[0] > 1]):
        with pytest.raises(UntraceableError, match=r"indexing with an object of type .* numpy\.where"):
            fuse(fallback=False)(function)(GRID)


def test_the_table_names_functions_of_numpy_s():
    for name, entry in CALLED.items():
        assert callable(entry.function), name
        assert entry.family in ("matmul", *{other.family for other in CALLED.values()})
