"""Calls between kernels: every backend reads what a library returns, wherever it lies in memory."""

import numpy as np
import pytest

from fuser_core import fuse, opaque, use_backends

GRID = np.random.default_rng(3).normal(0, 1, (37, 41))
windows = np.lib.stride_tricks.sliding_window_view
turned = opaque(np.asfortranarray)
reversed_rows = opaque(lambda a: a.copy()[::-1])
largest = opaque(lambda a: a.max())


@pytest.mark.parametrize("order", [["cpu_llvm"], []])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.diagonal(x * 2, 3) * 2 + 1,
        lambda x: windows(x * 2, (3, 5)).mean((-1, -2)) * 2,
        lambda x: (windows(x, 4, 1) * np.arange(4.0)).sum(-1),
        lambda x: np.fft.ifft2(np.fft.fft2(x * 2) * 3).real + x,
        lambda x: np.linalg.qr(x.T).Q * 2 + x.T,
        lambda x: turned(x * 2) * x + reversed_rows(x),
        lambda x: x / largest(np.abs(x)) - np.median(x),
        lambda x: np.exp(x - np.logaddexp.reduce(x, 1, keepdims=True)),
        lambda x: x[np.argsort(x[:, 0])[:, None], np.arange(3)] * 2,
        lambda x: np.sort(x[x[:, 0].argmax()] * 2) + x,
        lambda x: np.einsum("ij,ij->i", x, x * 2) + np.einsum("ij,kj->i", x, x),
        lambda x: np.broadcast_to(np.percentile(x, (10, 90), 1)[..., None], (2, *x.shape)) + x,
    ],
)
def test_results_are_read_where_they_lie(function, order):
    fused = fuse(function)
    with use_backends(*order):
        for x in (GRID, GRID[5:, 3:], np.asfortranarray(GRID)):
            np.testing.assert_allclose(fused(x), function(x), rtol=1e-9, atol=1e-9)
            assert fused.last_run.backend == (order or ["fallback_numpy"])[0]
