"""On several devices: a call runs where its arrays are, whatever device is the current one."""

from __future__ import annotations

import numpy as np
import pytest

import gpu_libraries
from fuser_core import ArgumentError, fuse

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.filterwarnings("default")]

X = np.random.default_rng(4).normal(size=(200, 300)).astype("f4")


@pytest.fixture(autouse=True)
def _two():
    gpu_libraries.require_device(1)


def function(x, s):
    return x * s + 1, x.sum(), x[::-1] * np.arange(300, dtype="f4")


def test_cupy():
    library = gpu_libraries.get("cupy")
    fused = fuse(function, fallback=False)
    for index in (1, 0, 1):
        with library.cupy.cuda.Device(index):
            x = library.array(X)
        for s in (2.0, 3.0, 4.0):
            for found, wanted in zip(fused(x, s), function(X, s), strict=True):
                assert found.device.id == index
                with library.cupy.cuda.Device(index):
                    np.testing.assert_allclose(library.host(found), wanted, rtol=1e-4, atol=1e-3)
            assert library.cupy.cuda.runtime.getDevice() == 0


def test_torch():
    library = gpu_libraries.get("torch")
    fused = fuse(function, fallback=False)
    for index in (1, 0, 1):
        x = library.torch.from_numpy(X).to(f"cuda:{index}")
        for s in (2.0, 3.0, 4.0):
            for found, wanted in zip(fused(x, s), function(X, s), strict=True):
                assert found.get_device() == index
                np.testing.assert_allclose(library.host(found), wanted, rtol=1e-4, atol=1e-3)
            assert library.torch.cuda.current_device() == 0


def test_jax():
    library = gpu_libraries.get("jax")
    fused = fuse(function, fallback=False)
    for index in (1, 0, 1):
        x = library.jax.device_put(X, library.jax.devices("cuda")[index])
        for s in (2.0, 3.0, 4.0):
            for found, wanted in zip(fused(x, s), function(X, s), strict=True):
                assert found.devices() == x.devices()
                np.testing.assert_allclose(library.host(found), wanted, rtol=1e-4, atol=1e-3)


def test_arrays_of_two_devices():
    library = gpu_libraries.get("torch")
    x, y = (library.torch.from_numpy(X).to(f"cuda:{index}") for index in (0, 1))
    with pytest.raises(
        ArgumentError, match=r"x \(torch\.Tensor\) is on cuda:0, y \(torch\.Tensor\) is on cuda:1; copy"
    ):
        fuse(lambda x, y: x + y)(x, y)
