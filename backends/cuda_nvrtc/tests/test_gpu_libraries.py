"""On a device: arrays of each library go in and come out, on whatever stream they are used."""

from __future__ import annotations

import numpy as np
import pytest

import gpu_libraries
from fuser_core import fuse
from fuser_core.arrays import located

# The libraries warn of things of their own, which are no errors here.
pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.filterwarnings("default")]

X = np.random.default_rng(0).normal(size=(50, 60)).astype("f4")


@pytest.fixture(params=gpu_libraries.NAMES)
def library(request):
    return gpu_libraries.get(request.param)


@pytest.fixture(params=["cupy", "torch"])
def streamed(request):
    """A library whose users choose a stream for what they do next."""
    return gpu_libraries.get(request.param)


def several(x, y, s):
    return (
        np.exp(x) * y + s,
        x.sum(axis=0),
        x.T + x.max(),
        np.concatenate([x, x * 2]),
        x[1:, ::2],
        x[::-1],
        x.reshape(-1),
        x.T.ravel(),
        x * np.arange(60, dtype="f4"),
        x.max(),
        x,
    )


def test_functions(library):
    fused = fuse(several, fallback=False)
    for s in (2.0, 3.0, np.float32(1.5), 4.0):
        x, y = library.array(X), library.array(X[0].copy())
        results = fused(x, y, s)
        for found, wanted in zip(results, several(X, X[0], s), strict=True):
            assert type(found) is library.type
            host = np.asarray(library.host(found))
            assert host.dtype == wanted.dtype
            np.testing.assert_allclose(host, wanted, rtol=1e-5, atol=1e-6)
        assert results[-1] is x


def test_one_kernel_over_and_over(library):
    fused = fuse(lambda x, s: x * s + 1, fallback=False)
    for turn in range(50):
        x = library.array(X + turn)
        np.testing.assert_allclose(library.host(fused(x, 2.0)), (X + np.float32(turn)) * 2 + 1, rtol=1e-6)
    assert fused.last_run.cache == "hit"
    assert fused.last_run.backend == "cuda_nvrtc"


def test_empty_arrays_and_arrays_without_dimensions(library):
    fused = fuse(lambda x: (x[:0] * 2, x[:0].sum(axis=0), x.sum()), fallback=False)
    for _ in range(3):
        nothing, zeros, total = fused(library.array(X))
        assert tuple(nothing.shape) == (0, 60)
        np.testing.assert_array_equal(library.host(zeros), np.zeros(60, "f4"))
        np.testing.assert_allclose(library.host(total), X.sum(), rtol=1e-4)


def test_a_producer_on_one_stream_and_a_caller_on_another(streamed):
    """The user orders the two streams, as with any function of the library; the call stays on the caller's."""
    fused = fuse(lambda x: x * 3 + 1, fallback=False)
    fused(streamed.array(X))
    producer, caller = streamed.stream(), streamed.stream()
    for turn in range(10):
        with streamed.on(producer):
            x = streamed.array(X + turn)
            gpu_libraries.spin(streamed.handle(producer))
            x = streamed.double(x)
        streamed.after(caller, producer)
        with streamed.on(caller):
            assert located(x).stream == streamed.handle(caller)
            result = streamed.double(fused(x))
            found = streamed.host(result)
        np.testing.assert_allclose(found, ((X + np.float32(turn)) * 6 + 1) * 2, rtol=1e-5)


@pytest.mark.parametrize("names", [("cupy", "torch"), ("torch", "cupy")], ids="-".join)
def test_two_libraries_on_streams_of_their_own(names):
    """Nobody orders anything: the kernel waits for both, and who overwrites an argument waits for the kernel."""
    first, second = map(gpu_libraries.get, names)
    fused = fuse(lambda x, y: x * y + 1, fallback=False)
    fused(first.array(X), second.array(X))
    one, two = first.stream(), second.stream()
    for turn in range(10):
        with first.on(one), second.on(two):
            x, y = first.array(X), second.array(X + turn)
            gpu_libraries.spin(second.handle(two))
            y += y  # late, on the second stream
            result = fused(x, y)
            y *= 0  # after the kernel, though this stream is free
            found = first.host(result)
        assert type(result) is first.type
        np.testing.assert_allclose(found, X * (X + np.float32(turn)) * 2 + 1, rtol=1e-5)


@pytest.mark.parametrize("name", ["numba", "pycuda"])
def test_streams_that_wait_for_the_default_one(name):
    library = gpu_libraries.get(name)
    fused = fuse(lambda x: x * 3 + 1, fallback=False)
    fused(library.array(X))
    for turn in range(5):
        stream = library.stream()
        with library.on(stream):
            x = library.array(X + turn)
            gpu_libraries.spin(1 if stream is None else library.handle(stream))
            result = fused(x)
            np.testing.assert_allclose(library.host(result), (X + np.float32(turn)) * 3 + 1, rtol=1e-5)


def test_outputs_of_another_library():
    cupy, torch = gpu_libraries.get("cupy"), gpu_libraries.get("torch")
    x, out = torch.array(X), cupy.array(np.zeros_like(X))
    assert fuse(lambda x: x * 2, fallback=False)(x, out=out) is out
    np.testing.assert_array_equal(cupy.host(out), X * 2)


def test_tensors_that_require_a_gradient():
    torch = gpu_libraries.get("torch").torch
    fused = fuse(lambda x: x + 1, fallback=False)
    x = torch.ones(3, device="cuda", requires_grad=True)
    with pytest.raises(Exception, match=r"requires a gradient, which a fused function does not compute; pass tensor"):
        fused(x)
    assert fused(x.detach()).tolist() == [2, 2, 2]
    with torch.no_grad(), pytest.raises(Exception, match=r"Parameter is a subclass of torch\.Tensor with semantics of"):
        fused(torch.nn.Parameter(torch.ones(3, device="cuda")))


def test_bfloat16_of_torch():
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes, which has bfloat16 for NumPy, is not installed")
    torch = gpu_libraries.get("torch").torch
    fused = fuse(lambda x, y: (x * y + x, np.exp(x), x.sum(axis=0), x.max(), x.astype("f4") * 2.5), fallback=False)
    host = [torch.from_numpy(X), torch.from_numpy(X + 1)]
    tensors = [each.to(torch.bfloat16).cuda() for each in host]
    arrays = [each.to(torch.bfloat16).float().numpy().astype(ml_dtypes.bfloat16) for each in host]
    for _ in range(3):
        product, power, total, largest, wide = fused(*tensors)
        x, y = arrays
        assert {each.dtype for each in (product, power, total, largest)} == {torch.bfloat16}
        assert wide.dtype is torch.float32
        np.testing.assert_array_equal(product.float().cpu().numpy(), (x * y + x).astype("f4"))
        np.testing.assert_allclose(power.float().cpu().numpy(), np.exp(x.astype("f4")), rtol=1 / 128)
        np.testing.assert_allclose(total.float().cpu().numpy(), x.astype("f4").sum(axis=0), rtol=1 / 128, atol=1e-2)
        assert float(largest) == float(x.max())
        np.testing.assert_array_equal(wide.cpu().numpy(), x.astype("f4") * np.float32(2.5))
