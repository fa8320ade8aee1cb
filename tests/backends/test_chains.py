"""Chained kernels on every backend: the results of separate kernels to the bit, for any shape, layout and threads."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.chaining import BoundChain

ROWS = 100


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def layer_norm(x, gain):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * gain


def rms_norm(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * gain


def z_score(x):
    mean, deviation = x.mean(-1, keepdims=True), x.std(-1, keepdims=True)
    return (x - mean) / deviation, mean, deviation[..., 0]


def cosine(x, y):
    return (x * y).sum(-1) / np.sqrt((x * x).sum(-1) * (y * y).sum(-1))


def over_planes(x):
    plane = x.reshape(x.shape) / x.sum((1, 2), keepdims=True)
    return plane, plane.max(1), x.any(-1)


def middle(x):
    return x - x.min(1, keepdims=True), x.sum(1)


def complex_norm(x):
    z = x + 1j * x
    return z / z.sum(-1, keepdims=True)


ONE = {"softmax": softmax, "log_softmax": log_softmax, "z_score": z_score, "complex": complex_norm}
MORE = {"layer_norm": (layer_norm, (-1,)), "rms_norm": (rms_norm, (-1,)), "cosine": (cosine, (0, -1))}
PLANES = {"over_planes": over_planes, "middle": middle}


def _both(function, arrays, threads, monkeypatch):
    """Return the results of the chain, and see that its kernels one by one give the same."""
    fused = fuse(function, threads=threads)
    chained = fused(*arrays)
    with monkeypatch.context() as patch:
        patch.setattr(BoundChain, "may_run_as_one", lambda *_: False)
        single = fused(*arrays)
    pairs = zip(*(each if isinstance(each, tuple) else (each,) for each in (chained, single)), strict=True)
    for own, other in pairs:
        assert own.shape == other.shape
        assert own.dtype == other.dtype
        assert own.strides == other.strides
        np.testing.assert_array_equal(own, other)
    return chained


def _agree(found, expected, dtype):
    found, expected = (each if isinstance(each, tuple) else (each,) for each in (found, expected))
    for own, true in zip(found, expected, strict=True):
        assert own.dtype == true.dtype
        np.testing.assert_allclose(
            own, true, rtol=3e-4 if dtype == "f4" else 1e-10, atol=1e-5 if dtype == "f4" else 1e-12
        )


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ONE)
def test_functions_of_rows(name, dtype, threads, backend, monkeypatch):
    rng = np.random.default_rng(1)
    for shape in ((ROWS, 33), (64, 1), (3000, 7), (129, 5, 40), (70, 40_000)[: 2 if threads == 2 else 0] or (70, 9)):
        x = rng.uniform(0.5, 2.0, shape).astype(dtype)
        if name == "z_score" and shape[-1] == 1:
            continue
        _agree(_both(ONE[name], [x], threads, monkeypatch), ONE[name](x), dtype)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", MORE)
def test_functions_of_several_arrays(name, dtype, backend, monkeypatch):
    rng = np.random.default_rng(2)
    function, axes = MORE[name]
    for shape in ((ROWS, 33), (3000, 64), (70, 5, 1030)):
        x = rng.uniform(0.5, 2.0, shape).astype(dtype)
        y = rng.uniform(0.5, 2.0, shape if 0 in axes else shape[-1]).astype(dtype)
        _agree(_both(function, [x, y], 2, monkeypatch), function(x, y), dtype)


@pytest.mark.parametrize("name", PLANES)
def test_other_axes(name, backend, monkeypatch):
    x = np.random.default_rng(3).uniform(0.5, 2.0, (ROWS, 6, 50))
    _agree(_both(PLANES[name], [x], 2, monkeypatch), PLANES[name](x), "f8")


def standardised(x, axis):
    mean, deviation = x.mean(axis, keepdims=True), x.std(axis, keepdims=True)
    return (x - mean) / deviation, mean


def smoothed(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True), e.sum(axis)


def unit(x, axis):
    return x / np.sqrt((x * x).sum(axis, keepdims=True))


ALONG = {"standardised": standardised, "smoothed": smoothed, "unit": unit}
AXES = [
    *[((300, 33), 0), ((40, 2000), 0), ((12, 20_000), 0), ((8, 9000), 1), ((3000, 5), 0)],
    *[((9, 40, 70), 1), ((9, 40, 70), (0, 2)), ((9, 40, 70), (0, 1)), ((1, 90, 50), 1), ((9, 40, 70), 2)],
    *[((4, 6, 20, 30), (0, 2, 3)), ((4, 6, 20, 30), (2, 3)), ((4, 6, 20, 30), 2), ((4, 6, 20, 30), (1, 3))],
]


def _orders(x):
    """The same numbers with the axes in other orders in memory, and with gaps."""
    yield x
    yield np.asfortranarray(x)
    yield np.swapaxes(np.ascontiguousarray(np.swapaxes(x, 0, 1)), 0, 1)
    gaps = np.zeros([2 * size for size in x.shape], x.dtype)[tuple([slice(None, None, 2)] * x.ndim)]
    gaps[...] = x
    yield gaps[::-1]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("shape", "axis"), AXES)
@pytest.mark.parametrize("name", ALONG)
def test_along_any_axes(name, shape, axis, dtype, backend, monkeypatch):
    own = ALONG[name]

    def function(x):
        return own(x, axis)

    x = np.random.default_rng(7).uniform(0.5, 2.0, shape).astype(dtype)
    for threads, view in zip((1, 2, 5, 2), _orders(x), strict=True):
        _agree(_both(function, [view], threads, monkeypatch), function(view), dtype)


def _views(x):
    wide = np.zeros((x.shape[0] * 2, x.shape[1] * 3), x.dtype)
    wide[::2, 1::3] = x
    yield wide[::2, 1::3]
    yield np.asfortranarray(x)
    yield x[::-1]
    yield x[:, ::-1]
    shifted = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    shifted[...] = x
    yield shifted
    yield np.broadcast_to(x[:1], x.shape)
    yield np.broadcast_to(x[:, :1], x.shape)


def test_layouts(backend, monkeypatch):
    for view in _views(np.random.default_rng(4).uniform(0.5, 2.0, (ROWS, 300))):
        found = _both(softmax, [view], 2, monkeypatch)
        _agree(found, softmax(view), "f8")


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(60, 400), columns=st.integers(1, 3000), threads=st.integers(1, 3), seed=st.integers(0, 9))
def test_any_size(backend, rows, columns, threads, seed):
    x = np.random.default_rng(seed).normal(size=(rows, columns)).astype("f4")
    np.testing.assert_allclose(_SOFTMAX[threads](x), softmax(x.astype("f8")), rtol=1e-5, atol=1e-7)


_SOFTMAX = {threads: fuse(softmax, threads=threads) for threads in (1, 2, 3)}


def test_out_and_special_values(backend):
    x = np.random.default_rng(5).normal(size=(ROWS, 70))
    x[3, 4], x[5, 6], x[7] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        expected = softmax(x)
    fused = fuse(softmax)
    result = np.empty((ROWS, 140))[:, ::2]
    assert fused(x, out=result) is result
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    fused(x, out=x)
    np.testing.assert_allclose(x, expected, rtol=1e-12)
