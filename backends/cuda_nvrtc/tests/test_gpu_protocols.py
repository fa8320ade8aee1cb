"""On a device: arrays of JAX, and of libraries that are known by a protocol only."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import gpu_libraries
from fuser_core import ArgumentError, FusionDeclinedError, fuse
from fuser_core.arrays.lent_array import LentArray

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.filterwarnings("default")]

X = np.random.default_rng(1).normal(size=(300, 400)).astype("f4")


@pytest.fixture
def jax():
    return gpu_libraries.get("jax")


def test_a_slow_producer_and_a_consumer_of_jax(jax):
    """JAX works on streams of its own, and nobody but DLPack orders anything."""
    slow = jax.jax.jit(lambda x: jax.jax.lax.fori_loop(0, 2000, lambda _, y: jax.jax.numpy.sin(y), x) * 0 + x)
    after = jax.jax.jit(lambda y: (y * 2, y.sum()))
    fused = fuse(lambda x: x * 3 + 1, fallback=False)
    for turn in range(10):
        y = fused(slow(jax.array(X + turn)))
        doubled, total = after(y)
        wanted = (X + np.float32(turn)) * 3 + 1
        np.testing.assert_allclose(np.asarray(doubled), wanted * 2, rtol=1e-5)
        np.testing.assert_allclose(float(total), wanted.sum(dtype="f8"), rtol=1e-3)


def test_memory_is_not_given_away_while_jax_reads_it(jax):
    """A result goes as soon as JAX has been told to read it; the next call must not have its memory before."""
    slow = jax.jax.jit(lambda y: jax.jax.lax.fori_loop(0, 300, lambda _, z: z * 0 + y, y))
    fused = fuse(lambda x, s: x * 0 + s, fallback=False)
    x = jax.array(np.ones((2000, 2000), "f4"))
    fused(x, 0.0)
    read = [slow(fused(x, float(turn))) for turn in range(30)]
    for turn, each in enumerate(read):
        assert (np.asarray(each) == turn).all(), turn


def test_arguments_are_kept_until_they_have_been_read(jax):
    """An argument goes before the kernel that reads it has run; JAX must not have its memory before."""
    from fuser_core.arrays.lent_arrays import lender
    from fuser_core.backend import Device

    fused = fuse(lambda x: x + 1, fallback=False)
    fused(jax.array(X))
    results = []
    for turn in range(30):
        gpu_libraries.spin(lender(Device("cuda")).stream, 5)
        results.append(fused(jax.array(np.full((500, 500), turn, "f4"))))
        jax.array(np.full((500, 500), -1, "f4"))
    for turn, each in enumerate(results):
        assert (np.asarray(each) == turn + 1).all(), turn


def test_arrays_of_jax_are_not_written_to(jax):
    x = jax.array(X)
    with pytest.raises(ArgumentError, match="out= is a read-only array"):
        fuse(lambda x: x + 1, fallback=False)(x, out=x)
    np.testing.assert_array_equal(np.asarray(x), X)


def test_memory_comes_back(jax):
    cupy = gpu_libraries.get("cupy").cupy
    fused = fuse(lambda x: x * 2, fallback=False)
    x = jax.array(np.ones(1 << 24, "f4"))
    fused(x)
    gc.collect()
    cupy.cuda.runtime.deviceSynchronize()
    free = cupy.cuda.runtime.memGetInfo()[0]
    for _ in range(200):
        fused(x)
    cupy.cuda.runtime.deviceSynchronize()
    assert free - cupy.cuda.runtime.memGetInfo()[0] < 1 << 30  # of 12.5 GiB


def test_jax_with_other_libraries(jax):
    torch = gpu_libraries.get("torch")
    fused = fuse(lambda x, y: x * y + 1, fallback=False)
    for _ in range(3):
        assert type(fused(jax.array(X), torch.array(X))) is jax.type
        mixed = fused(torch.array(X), jax.array(X))
        assert type(mixed) is torch.type
        np.testing.assert_allclose(torch.host(mixed), X * X + 1, rtol=1e-6)


def test_what_of_jax_is_refused(jax):
    fused = fuse(lambda x: x + 1, fallback=False)
    with pytest.raises(FusionDeclinedError, match=r"the jax\.Array is on the CPU.* numpy\.asarray gives its memory"):
        fused(jax.jax.device_put(X, jax.jax.devices("cpu")[0]))
    gone = jax.array(X)
    gone.delete()
    with pytest.raises(FusionDeclinedError, match=r"the jax\.Array has been deleted"):
        fused(gone)


def test_bfloat16_of_jax(jax):
    pytest.importorskip("ml_dtypes")
    x = jax.array(X).astype("bfloat16")
    found = fuse(lambda x: x * x, fallback=False)(x)
    assert found.dtype == x.dtype
    np.testing.assert_array_equal(np.asarray(found).astype("f4"), np.asarray(x * x).astype("f4"))


class OfDLPack:
    """An array that shows its memory by DLPack and nothing else."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __dlpack__(self, *, stream=None):
        return self.array.__dlpack__(stream=stream)


class WithMaker(OfDLPack):
    """One of a library that takes DLPack as well."""

    @classmethod
    def from_dlpack(cls, other):
        import cupy

        return cls(cupy.from_dlpack(other))


class OfInterface:
    """An array that shows its memory by CUDA's interface, on a stream of its own."""

    def __init__(self, array, stream):
        self.array, self.shape, self.stream = array, array.shape, stream

    @property
    def __cuda_array_interface__(self):
        stream = None if self.stream is None else self.stream.ptr
        return {**self.array.__cuda_array_interface__, "version": 3, "stream": stream}


def test_arrays_of_dlpack():
    cupy = gpu_libraries.get("cupy")
    fused = fuse(lambda x: (x * 2, x.T, x[::2]), fallback=False)
    producer = cupy.stream()
    for turn in range(10):
        with cupy.on(producer):
            x = cupy.array(X + turn)
            gpu_libraries.spin(producer.ptr)
            x += 1
            results = fused(OfDLPack(x))
        wanted = X + np.float32(turn) + 1
        for found, right in zip(results, (wanted * 2, wanted.T, wanted[::2]), strict=True):
            assert type(found) is LentArray
            np.testing.assert_allclose(found.copy_to_host(), right, rtol=1e-6)
            np.testing.assert_allclose(cupy.host(cupy.cupy.asarray(found)), right, rtol=1e-6)
            np.testing.assert_allclose(cupy.host(cupy.cupy.from_dlpack(found)), right, rtol=1e-6)


def test_results_of_the_type_that_came_in():
    cupy = gpu_libraries.get("cupy")
    found = fuse(lambda x: x * 2, fallback=False)(WithMaker(cupy.array(X)))
    assert type(found) is WithMaker
    np.testing.assert_array_equal(cupy.host(found.array), X * 2)


@pytest.mark.parametrize("named", [True, False])
def test_arrays_of_the_interface(named):
    cupy = gpu_libraries.get("cupy")
    fused = fuse(lambda x: x * 2, fallback=False)
    producer = cupy.stream()
    for turn in range(10):
        with cupy.on(producer):
            x = cupy.array(X + turn)
            gpu_libraries.spin(producer.ptr)
            x += 1
            if not named:  # says that nobody has to wait
                producer.synchronize()
            found = fused(OfInterface(x, producer if named else None))
            if named:
                x *= 0  # after the kernel
        np.testing.assert_allclose(found.copy_to_host(), (X + np.float32(turn) + 1) * 2, rtol=1e-6)


def test_lent_arrays_go_in_again_and_to_torch():
    cupy, torch = gpu_libraries.get("cupy"), gpu_libraries.get("torch")
    fused = fuse(lambda x: x * 2, fallback=False)
    lent = fused(fused(OfDLPack(cupy.array(X))))
    assert type(lent) is LentArray
    np.testing.assert_allclose(torch.host(torch.torch.from_dlpack(lent)), X * 4, rtol=1e-6)
