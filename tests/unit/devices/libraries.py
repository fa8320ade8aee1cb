"""Array libraries of GPUs that are not installed: as much of each as the core asks for, on the host's memory.

What is here was written from the libraries' documentation.
"""

import contextlib
import ctypes
import types

import numpy as np

from fuser_core.arrays import dlpack


class _Memory:
    """Bytes on a GPU, and a place among them."""

    def __init__(self, block, offset=0, device_id=0):
        self.block, self.offset, self.device_id = block, offset, device_id

    @property
    def ptr(self):
        return self.block.ctypes.data + self.offset

    def __add__(self, offset):
        return _Memory(self.block, self.offset + offset, self.device_id)

    __int__ = ptr.fget

    def array(self, shape, dtype, strides):
        return np.ndarray(shape, dtype, self.block, self.offset, strides)


def _new(size, device_id=0):
    return _Memory(np.zeros(max(size, 1), np.uint8), 0, device_id)


def _dtype(name):
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def _dense(shape, dtype):
    return np.empty(shape, dtype).strides


class _Base:
    """What all arrays here have; ``host`` is for tests to look at."""

    @property
    def host(self):
        return self.memory.array(self.shape, self.numpy_dtype, self.byte_strides)


def cupy():
    """Return a module like CuPy, whose current device is 0 and whose current stream on device ``n`` is ``n * 16``."""
    module = types.ModuleType("cupy")
    module.current = [0]

    class ndarray(_Base):  # noqa: N801 - as the library calls it
        def __init__(self, shape, dtype=float, memptr=None, strides=None):
            self.shape, self.dtype = tuple(shape), np.dtype(dtype)
            self.strides = _dense(shape, dtype) if strides is None else tuple(strides)
            self.data = _new(int(np.prod(shape)) * self.dtype.itemsize, module.current[0]) if memptr is None else memptr

        memory, numpy_dtype, byte_strides = (
            property(lambda self, name=name: getattr(self, name)) for name in ("data", "dtype", "strides")
        )
        __cuda_array_interface__ = property(lambda self: {"version": 3})

    @contextlib.contextmanager
    def on(index):
        before, module.current[0] = module.current[0], index
        yield
        module.current[0] = before

    def asarray(array, order):
        assert order == "C"
        made = ndarray(array.shape, array.dtype)
        made.host[...] = array
        return made

    ndarray.__module__ = "cupy"
    module.ndarray, module.empty, module.asarray = ndarray, ndarray, asarray
    module.asnumpy = lambda array: array.host.copy()
    module.cuda = types.SimpleNamespace(
        Device=on,
        runtime=types.SimpleNamespace(getDevice=lambda: module.current[0]),
        get_current_stream=lambda index: types.SimpleNamespace(ptr=index * 16),
    )
    return {"cupy": module}


def torch():  # noqa: C901 - one library
    """Return a module like PyTorch."""
    module = types.ModuleType("torch")
    names = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()

    class dtype:  # noqa: N801 - as the library calls it
        def __init__(self, name):
            self.name, self.is_complex = name, name.startswith("complex")

        def __repr__(self):
            return f"torch.{self.name}"

    class Tensor(_Base):
        layout, requires_grad, is_cuda = "torch.strided", False, True
        __cuda_array_interface__ = property(lambda self: {"version": 3})

        def __init__(self, memory, dtype, shape, stride):
            self.memory, self.dtype, self.shape, self.steps = memory, dtype, tuple(shape), tuple(stride)
            self.device = f"cuda:{memory.device_id}"

        numpy_dtype = property(lambda self: _dtype(self.dtype.name))
        byte_strides = property(lambda self: tuple(step * self.element_size() for step in self.steps))

        def stride(self):
            return self.steps

        def element_size(self):
            return self.numpy_dtype.itemsize

        def get_device(self):
            return self.memory.device_id

        def data_ptr(self):
            return self.memory.ptr

        def new_empty_strided(self, shape, stride, dtype=None):
            return empty_strided(shape, stride, dtype or self.dtype, ("cuda", self.get_device()))

        def storage_offset(self):
            return self.memory.offset // self.element_size()

        def is_conj(self):
            return False

        is_neg = is_conj

        def as_strided(self, shape, stride, storage_offset):
            assert all(step >= 0 for step in stride), "as_strided: Negative strides are not supported"
            memory = _Memory(self.memory.block, storage_offset * self.element_size(), self.memory.device_id)
            return Tensor(memory, self.dtype, shape, stride)

        def to(self, place):
            made = empty_strided(self.shape, self.steps, self.dtype, place)
            made.host[...] = self.host
            return made

        def cpu(self):
            return types.SimpleNamespace(numpy=self.host.copy)

    def empty_strided(shape, stride, dtype, device):
        size = _dtype(dtype.name).itemsize * max(int(np.prod(shape)), 1)
        return Tensor(_new(size, device[1]), dtype, shape, stride)

    def from_numpy(array):
        made = empty_strided(
            array.shape,
            [stride // array.itemsize for stride in array.strides],
            getattr(module, array.dtype.name),
            ("cpu", 0),
        )
        made.host[...] = array
        made.is_cuda, made.device = False, "cpu"
        return made

    for name in (*names, "bfloat16", "float8"):
        setattr(module, name, dtype(name))
    Tensor.__module__ = "torch"
    module.Tensor, module.empty_strided, module.from_numpy = Tensor, empty_strided, from_numpy
    module.strided, module.device = "torch.strided", lambda kind, index: (kind, index)
    module._C = types.SimpleNamespace(_cuda_getCurrentRawStream=lambda index: index * 16)
    return {"torch": module}


def pycuda():
    """Return modules like those of PyCUDA, with a context on device 1 of two."""
    parent, module, driver = (types.ModuleType(name) for name in ("pycuda", "pycuda.gpuarray", "pycuda.driver"))
    driver.Context = types.SimpleNamespace(get_device=lambda: "device 1")
    driver.Device = lambda index: f"device {index}"
    driver.Device.count = lambda: 2

    class GPUArray(_Base):
        __cuda_array_interface__ = property(lambda self: {"version": 3})

        def __init__(self, shape, dtype, allocator=_new, base=None, gpudata=None, strides=None):
            self.shape, self.dtype, self.allocator, self.base = tuple(shape), np.dtype(dtype), allocator, base
            self.strides = _dense(shape, dtype) if strides is None else tuple(strides)
            size = int(np.prod(shape))
            self.gpudata = gpudata
            if gpudata is None and size:
                self.gpudata = allocator(size * self.dtype.itemsize)

        numpy_dtype = property(lambda self: self.dtype)
        byte_strides = property(lambda self: self.strides)

        @property
        def memory(self):
            if isinstance(self.gpudata, int):
                block = self.base.memory.block
                return _Memory(block, self.gpudata - block.ctypes.data)
            return self.gpudata

        def get(self):
            return self.host.copy()

    def to_gpu(array, allocator):
        made = GPUArray(array.shape, array.dtype, allocator)
        made.host[...] = array
        return made

    GPUArray.__module__ = "pycuda.gpuarray"
    module.GPUArray, module.to_gpu = GPUArray, to_gpu
    return {"pycuda": parent, "pycuda.gpuarray": module, "pycuda.driver": driver}


def numba():
    """Return modules like those of Numba."""
    parent, module = types.ModuleType("numba"), types.ModuleType("numba.cuda")

    class DeviceNDArray(_Base):
        stream = 0

        def __init__(self, shape, strides, dtype, gpu_data=None):
            self.shape, self.strides, self.dtype = tuple(shape), tuple(strides), np.dtype(dtype)
            self.memory = _new(int(np.prod(shape)) * self.dtype.itemsize) if gpu_data is None else gpu_data.memory
            device = types.SimpleNamespace(device=types.SimpleNamespace(id=self.memory.device_id))
            self.gpu_data = types.SimpleNamespace(
                memory=self.memory,
                context=device,
                view=lambda offset: types.SimpleNamespace(memory=self.memory + offset),
            )

        numpy_dtype = property(lambda self: self.dtype)
        byte_strides = property(lambda self: self.strides)

        device_ctypes_pointer = property(lambda self: types.SimpleNamespace(value=self.memory.ptr))

        @property
        def __cuda_array_interface__(self):
            return {"version": 3, "data": (self.memory.ptr, False), "stream": self.stream or None}

        def copy_to_host(self):
            return self.host.copy()

    def device_array(shape, dtype, strides=None):
        return DeviceNDArray(shape, _dense(shape, dtype) if strides is None else strides, dtype)

    def to_device(array):
        made = device_array(array.shape, array.dtype)
        made.host[...] = array
        return made

    DeviceNDArray.__module__ = "numba.cuda.cudadrv.devicearray"
    module.DeviceNDArray, module.device_array, module.to_device = DeviceNDArray, device_array, to_device
    return {"numba": parent, "numba.cuda": module}


def jax():
    """Return modules like those of JAX: arrays that are immutable, dense, and shown by DLPack alone."""
    parent, module = types.ModuleType("jax"), types.ModuleType("jax.dlpack")

    class ArrayImpl:
        place, deleted, parts = (dlpack.CUDA, 0), False, 1

        def __init__(self, host, capsule=None):
            assert host.flags.c_contiguous, "from_dlpack got array with non-default layout"
            self.host, self.shape, self.capsule, self.streams = host, host.shape, capsule, []

        def is_deleted(self):
            return self.deleted

        def devices(self):
            return set(range(self.parts))

        def __dlpack_device__(self):
            return self.place

        def __dlpack__(self, *, stream=None):
            self.streams.append(stream)
            host = self.host
            return dlpack.export(self.place, host.ctypes.data, host.dtype, host.shape, host.strides, keeper=self)

    def from_dlpack(array):
        tensor = dlpack.read(capsule := array.__dlpack__(stream=33))
        assert array.__dlpack_device__() == (dlpack.CUDA, 0)
        dense = np.empty(tensor.shape, tensor.dtype).strides
        assert tensor.strides == dense, "from_dlpack got array with non-default layout"
        size = int(np.prod(tensor.shape)) * tensor.dtype.itemsize
        memory = (ctypes.c_char * size).from_address(tensor.pointer)
        return ArrayImpl(np.ndarray(tensor.shape, tensor.dtype, memory), capsule)

    ArrayImpl.__module__ = "jaxlib._jax"
    parent.Array, parent.ArrayImpl, parent.dlpack, module.from_dlpack = ArrayImpl, ArrayImpl, module, from_dlpack
    return {"jax": parent, "jax.dlpack": module}
