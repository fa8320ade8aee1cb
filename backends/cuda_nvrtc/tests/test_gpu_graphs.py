"""On a device: calls that are captured into a CUDA graph, and replayed with other numbers in the same memory."""

from __future__ import annotations

import numpy as np
import pytest

import gpu_libraries
from fuser_core import fuse

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.filterwarnings("default")]

X = np.random.default_rng(2).normal(size=(64, 1000)).astype("f4")


def softmax(x):
    power = np.exp(x - x.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


FUNCTIONS = {
    "elementwise": lambda x: x * 2 + 1,
    "softmax": softmax,
    "whole sum": lambda x: (x * x).sum(),
    "several": lambda x: (x.sum(axis=0) + 1, np.concatenate([x, -x])),
}


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_captured_with_torch(name):
    library = gpu_libraries.get("torch")
    torch = library.torch
    fused, x = fuse(FUNCTIONS[name], fallback=False), library.array(X)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # as PyTorch wants it: what is captured has run before, on another stream
        for _ in range(3):
            fused(x)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = fused(x)
    for turn in range(3):
        x.copy_(torch.from_numpy(X * turn))
        graph.replay()
        for found, wanted in zip(as_tuple(results), as_tuple(FUNCTIONS[name](X * np.float32(turn))), strict=True):
            np.testing.assert_allclose(library.host(found), wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["elementwise", "softmax", "whole sum"])
def test_captured_with_cupy(name):
    library = gpu_libraries.get("cupy")
    fused, x = fuse(FUNCTIONS[name], fallback=False), library.array(X)
    stream = library.stream()
    with stream:
        out = library.cupy.empty_like(fused(x))
        for _ in range(2):
            fused(x, out=out)
        stream.synchronize()
        stream.begin_capture()
        fused(x, out=out)
        graph = stream.end_capture()
        for turn in range(3):
            x[...] = library.array(X * turn)
            graph.launch(stream)
            np.testing.assert_allclose(library.host(out), FUNCTIONS[name](X * np.float32(turn)), rtol=1e-4, atol=1e-4)
