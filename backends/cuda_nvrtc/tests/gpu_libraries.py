"""Array libraries on a CUDA device, each with the same few functions, and kernels that take time or fail."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import os
from typing import Any

import numpy as np
import pytest

from fuser_core.backend import Accept, CompileOptions, Device

NAMES = ("cupy", "torch", "jax", "numba", "pycuda")

_KERNELS = """
extern "C" __global__ void spin(unsigned long long cycles) {
    long long start = clock64();
    while (clock64() - start < (long long)cycles) {}
}
extern "C" __global__ void fail(unsigned long long address) { *(volatile int *)address = 1; }
"""


def require_device(index: int = 0) -> None:
    """Skip the test where there is no such device."""
    import fuser_cuda_nvrtc

    verdict = fuser_cuda_nvrtc.has_fusion_backend(Device("cuda", index))
    if not isinstance(verdict, Accept):
        pytest.skip(f"no CUDA device {index} can be used: {verdict.reason}")


@functools.cache
def _kernels() -> Any:
    from fuser_cuda_nvrtc.driver.choice import driver
    from fuser_cuda_nvrtc.machine import code_for

    found = driver()
    image, _ = code_for(_KERNELS, found.facts(0).sm, CompileOptions())
    return found.load(0, image, ["spin", "fail"])


def spin(stream: int, milliseconds: float = 20) -> None:
    """Keep a stream of device 0 busy for a while."""
    _kernels()["spin"].bind((1, 1), (1, 1), "Q", ())([int(milliseconds * 1.5e6)], stream or 1)


def fail(stream: int = 1) -> None:
    """Launch a kernel that writes where nobody may; the context is lost then."""
    _kernels()["fail"].bind((1, 1), (1, 1), "Q", ())([16], stream)


def copied(array: Any) -> np.ndarray:
    """Copy an array of any strides back, after what is on its stream: not every library does."""
    from cuda.bindings import driver as api

    def call(answer: tuple[Any, ...]) -> Any:
        assert int(answer[0]) == 0, answer[0]
        return answer[1] if len(answer) > 1 else None

    interface = array.__cuda_array_interface__
    shape, dtype = tuple(interface["shape"]), np.dtype(interface["typestr"])
    strides = interface.get("strides") or np.empty(shape, dtype).strides
    if 0 in shape:
        return np.empty(shape, dtype)
    steps = [(size - 1) * stride for size, stride in zip(shape, strides, strict=True)]
    before = -sum(step for step in steps if step < 0)
    memory = np.empty(before + sum(step for step in steps if step > 0) + dtype.itemsize, np.uint8)
    call(api.cuCtxPushCurrent(call(api.cuDevicePrimaryCtxRetain(call(api.cuDeviceGet(0))))))
    call(api.cuStreamSynchronize(interface.get("stream") or 1))
    call(api.cuMemcpyDtoH(memory.ctypes.data, interface["data"][0] - before, memory.nbytes))
    call(api.cuCtxPopCurrent())
    return np.ndarray(shape, dtype, memory, before, strides)


class Library:
    """A library; `get` returns one, or skips the test."""

    def array(self, host: np.ndarray) -> Any:
        """Copy an array to the device, on the current stream."""
        raise NotImplementedError

    def host(self, array: Any) -> np.ndarray:
        """Copy an array back; waits for the current stream only."""
        raise NotImplementedError

    def stream(self) -> Any:
        """Return a new stream; ``None`` where the library has none to choose."""
        return None

    def handle(self, stream: Any) -> int:
        """Return its handle."""
        raise NotImplementedError

    def on(self, stream: Any) -> Any:
        """Return a block in which a stream is the current one."""
        return contextlib.nullcontext()

    def after(self, stream: Any, other: Any) -> None:
        """Make a stream wait for another, as users of the library do."""

    def double(self, array: Any) -> Any:
        """Return twice an array, by the library's own kernel on the current stream."""
        return array + array


class CuPy(Library):
    def __init__(self):
        import cupy

        self.cupy, self.type = cupy, cupy.ndarray

    def array(self, host):
        return self.cupy.asarray(host)

    def host(self, array):
        return self.cupy.asnumpy(array)

    def stream(self):
        return self.cupy.cuda.Stream(non_blocking=True)

    def handle(self, stream):
        return stream.ptr

    def on(self, stream):
        return stream

    def after(self, stream, other):
        stream.wait_event(other.record())


class Torch(Library):
    def __init__(self):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("this PyTorch has no CUDA")
        self.torch, self.type = torch, torch.Tensor

    def array(self, host):
        return self.torch.from_numpy(np.array(host)).cuda()

    def host(self, array):
        return array.cpu().numpy()

    def stream(self):
        return self.torch.cuda.Stream()

    def handle(self, stream):
        return stream.cuda_stream

    def on(self, stream):
        return self.torch.cuda.stream(stream)

    def after(self, stream, other):
        stream.wait_stream(other)


class JAX(Library):
    def __init__(self):
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # else nobody else has any memory
        import jax

        try:
            self.device = jax.devices("cuda")[0]
        except RuntimeError as error:
            pytest.skip(f"this JAX has no CUDA: {error}")
        jax.config.update("jax_enable_x64", True)
        self.jax, self.type = jax, type(jax.numpy.ones(1))

    def array(self, host):
        return self.jax.device_put(host, self.device)

    def host(self, array):
        return np.asarray(array)


class Numba(Library):
    def __init__(self):
        from numba import cuda

        if not cuda.is_available():
            pytest.skip("this Numba has no CUDA")
        self.cuda, self.type, self.current = cuda, type(cuda.device_array(1)), 0

    def array(self, host):
        return self.cuda.to_device(np.ascontiguousarray(host), stream=self.current)

    def host(self, array):
        return copied(array)

    def stream(self):
        return self.cuda.stream()

    def handle(self, stream):
        return int(getattr(stream.handle, "value", stream.handle))

    @contextlib.contextmanager
    def on(self, stream):
        before, self.current = self.current, stream
        yield
        self.current = before

    def double(self, array):
        return array  # Numba has no operations of its own


class PyCUDA(Library):
    def __init__(self):
        import pycuda.driver

        pycuda.driver.init()
        self.context = pycuda.driver.Device(0).retain_primary_context()
        self.context.push()
        atexit.register(self.context.pop)  # PyCUDA aborts where its contexts are not left
        from pycuda import gpuarray

        self.driver, self.gpuarray, self.type = pycuda.driver, gpuarray, gpuarray.GPUArray

    def array(self, host):
        return self.gpuarray.to_gpu(np.ascontiguousarray(host))

    def host(self, array):
        return copied(array)

    def double(self, array):
        return array  # its own kernels need a CUDA toolkit


_CLASSES = {"cupy": CuPy, "torch": Torch, "jax": JAX, "numba": Numba, "pycuda": PyCUDA}


@functools.cache
def _made(name: str) -> Library:
    return _CLASSES[name]()


def get(name: str) -> Library:
    """Return a library, or skip the test where it, or a device, is missing."""
    require_device()
    if name == "jax":
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    try:
        importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"{name} is not installed: {error}")
    return _made(name)
