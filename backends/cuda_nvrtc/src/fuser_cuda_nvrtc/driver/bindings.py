"""The driver through ``cuda.bindings.driver``."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fuser_cuda_nvrtc.driver.interface import DriverError, Facts

__all__ = ["BindingsDriver"]

_KEPT_BYTES = 64 << 20
"""Working memory that stays with the pool when nobody uses it."""


class BindingsDriver:
    """A `Driver`."""

    def __init__(self) -> None:
        """Find the driver.

        Raises:
            ImportError: The package is not installed.
            DriverError: There is no driver, or no device.
        """
        from cuda.bindings import driver

        self._api = driver
        self._call(driver.cuInit(0), "start the CUDA driver")

    def facts(self, index: int) -> Facts:
        return self._device(index).facts

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, _Function]:
        device = self._device(index)
        with device.current():
            module = _Module(self, device, image)
            return {name: module.function(name) for name in names}

    def allocate(self, index: int, size: int, stream: int) -> _Memory:
        return _Memory(self, self._device(index), size, stream)

    @functools.cache  # noqa: B019 (there is one driver in a process)
    def _device(self, index: int) -> _Device:
        return _Device(self, index)

    def _call(self, answer: tuple[Any, ...], what: str) -> Any:
        """Return what a function of the driver returned besides its status."""
        status = answer[0]
        if status != self._api.CUresult.CUDA_SUCCESS:
            _, text = self._api.cuGetErrorString(status)
            words = text.decode() if isinstance(text, bytes) else str(text)
            raise DriverError(f"cannot {what}: {words} ({status.name})")
        return answer[1] if len(answer) == 2 else answer[1:]


class _Device:
    """One device, its primary context, and its pool of working memory."""

    def __init__(self, driver: BindingsDriver, index: int) -> None:
        api, self._driver = driver._api, driver  # noqa: SLF001
        self._api, call = api, driver._call  # noqa: SLF001
        self.handle = call(api.cuDeviceGet(index), f"find CUDA device {index}")
        names = api.CUdevice_attribute
        wanted = (
            names.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
            names.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
            names.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT,
        )
        what = f"ask about CUDA device {index}"
        major, minor, processors = (call(api.cuDeviceGetAttribute(name, self.handle), what) for name in wanted)
        name = call(api.cuDeviceGetName(80, self.handle), what).rstrip(b"\0").decode()
        self.facts = Facts(10 * major + minor, processors, name)
        self._context = call(api.cuDevicePrimaryCtxRetain(self.handle), f"share the context of CUDA device {index}")
        self._address = int(self._context)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make the device's context the current one of this thread, for a while."""
        self._driver._call(self._api.cuCtxPushCurrent(self._context), "enter a context")  # noqa: SLF001
        try:
            yield
        finally:
            self._api.cuCtxPopCurrent()

    def is_current(self) -> bool:
        """Whether it is already."""
        status, context = self._api.cuCtxGetCurrent()
        return bool(int(status) == 0 and int(context) == self._address)

    @functools.cached_property
    def pool(self) -> Any:
        api, call = self._api, self._driver._call  # noqa: SLF001
        properties = api.CUmemPoolProps()
        properties.allocType = api.CUmemAllocationType.CU_MEM_ALLOCATION_TYPE_PINNED
        properties.location.type = api.CUmemLocationType.CU_MEM_LOCATION_TYPE_DEVICE
        properties.location.id = int(self.handle)
        pool = call(api.cuMemPoolCreate(properties), "make a pool of working memory")
        kept = api.CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD
        call(api.cuMemPoolSetAttribute(pool, kept, api.cuuint64_t(_KEPT_BYTES)), "set up a pool of working memory")
        return pool


class _Module:
    """A module; unloaded when no function of it is held any more."""

    def __init__(self, driver: BindingsDriver, device: _Device, image: bytes) -> None:
        self.driver, self.device = driver, device
        self.api = driver._api  # noqa: SLF001
        self._handle = driver._call(self.api.cuModuleLoadData(image), "load a module")  # noqa: SLF001

    def function(self, name: str) -> _Function:
        found = self.driver._call(  # noqa: SLF001
            self.api.cuModuleGetFunction(self._handle, name.encode()), f"find the kernel {name}"
        )
        return _Function(self, found)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is None:
            return
        try:
            with self.device.current():
                self.api.cuModuleUnload(handle)
        except (DriverError, TypeError, AttributeError):
            return  # the interpreter is on its way out


class _Function:
    """A kernel."""

    def __init__(self, module: _Module, handle: Any) -> None:
        self._module, self._handle = module, handle
        self._launch = module.api.cuLaunchKernel
        self._most_shared = 48 << 10  # more has to be asked for

    def __call__(
        self, grid: tuple[int, int], block: tuple[int, int], words: Sequence[int], stream: int, shared: int = 0
    ) -> None:
        buffer = (ctypes.c_uint64 * len(words))(*words)
        parameters = ctypes.c_void_p(ctypes.addressof(buffer))
        device = self._module.device
        where = ctypes.addressof(parameters)
        if shared > self._most_shared:
            self._allow(shared)
        if device.is_current():
            answer = self._launch(self._handle, *grid, 1, *block, 1, shared, stream, where, 0)
        else:
            with device.current():
                answer = self._launch(self._handle, *grid, 1, *block, 1, shared, stream, where, 0)
        if int(answer[0]) != 0:
            self._module.driver._call((*answer, None), "launch a kernel")  # noqa: SLF001

    def _allow(self, shared: int) -> None:
        """Let blocks have more shared memory than kernels have unasked."""
        driver, api = self._module.driver, self._module.api
        name = api.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        with self._module.device.current():
            answer = api.cuFuncSetAttribute(self._handle, name, shared)
        driver._call((*answer, None), f"let a kernel have {shared} bytes of shared memory")  # noqa: SLF001
        self._most_shared = shared


class _Memory:
    """Working memory; it goes back to the pool in the order of its stream."""

    def __init__(self, driver: BindingsDriver, device: _Device, size: int, stream: int) -> None:
        self._api, self._device, self._stream = driver._api, device, stream  # noqa: SLF001
        with device.current():
            answer = self._api.cuMemAllocFromPoolAsync(size, device.pool, stream)
            self.pointer = int(driver._call(answer, f"allocate {size} bytes of working memory"))  # noqa: SLF001

    def __del__(self) -> None:
        pointer = getattr(self, "pointer", None)
        if pointer is None:
            return
        try:
            with self._device.current():
                self._api.cuMemFreeAsync(pointer, self._stream)
        except (DriverError, TypeError, AttributeError):
            return  # the interpreter is on its way out
