"""The driver through pycuda."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fuser_cuda_nvrtc.driver.bindings import BindingsDriver
from fuser_cuda_nvrtc.driver.interface import DriverError, Facts, Function, Memory

__all__ = ["PycudaDriver"]


class PycudaDriver:
    """A `Driver`. Contexts are the devices' primary ones, retained, never those of ``pycuda.autoinit``."""

    def __init__(self) -> None:
        """Find the driver.

        Raises:
            ImportError: The package is not installed, or finds no driver.
            DriverError: There is no driver, or no device.
        """
        import pycuda.driver as api

        self._api = api
        try:
            api.init()
        except api.Error as error:
            raise DriverError(f"cannot start the CUDA driver: {error}") from error

    def facts(self, index: int) -> Facts:
        return self._device(index).facts

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, _Function]:
        device = self._device(index)
        foreign = _Foreign(self, index, image, tuple(names))
        with self.errors("load a module"), device.current():
            module = self._api.module_from_buffer(image)
            return {name: _Function(self, device, module, name, foreign) for name in names}

    def allocate(self, index: int, size: int, stream: int) -> Memory:
        if stream:
            return self.bindings.allocate(index, size, stream)
        return _Memory(self, self._device(index), size)

    @functools.cached_property
    def bindings(self) -> BindingsDriver:
        """What serves streams of other libraries, which pycuda has no object for."""
        return BindingsDriver()

    @property
    def shared_attribute(self) -> Any:
        """What says how much shared memory a kernel may have."""
        return self._api.function_attribute.MAX_DYNAMIC_SHARED_SIZE_BYTES

    @contextmanager
    def errors(self, what: str) -> Iterator[None]:
        """Say what was tried when the driver refuses."""
        try:
            yield
        except self._api.Error as error:
            raise DriverError(f"cannot {what}: {error}") from error

    @functools.cache  # noqa: B019 (there is one driver in a process)
    def _device(self, index: int) -> _Device:
        with self.errors(f"find CUDA device {index}"):
            return _Device(self._api, index)


class _Device:
    """One device, its primary context, and its pools of working memory."""

    def __init__(self, api: Any, index: int) -> None:
        self._api = api
        device = api.Device(index)
        major, minor = device.compute_capability()
        self.facts = Facts(10 * major + minor, device.multiprocessor_count, device.name())
        self._context = device.retain_primary_context()
        self._lock = threading.Lock()
        self._pool: Any = None

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make the device's context the current one of this thread, for a while."""
        self._context.push()
        try:
            yield
        finally:
            self._api.Context.pop()

    def pool(self) -> Any:
        """Return the pool for the default stream: what one launch gives back the next one gets, in its order."""
        with self._lock:
            if self._pool is None:
                from pycuda.tools import DeviceMemoryPool

                self._pool = DeviceMemoryPool()
            return self._pool


class _Foreign:
    """A module loaded a second time, for launches on streams of other libraries."""

    def __init__(self, driver: PycudaDriver, index: int, image: bytes, names: tuple[str, ...]) -> None:
        self._driver, self._index, self._image, self._names = driver, index, image, names

    @functools.cached_property
    def functions(self) -> Mapping[str, Function]:
        return self._driver.bindings.load(self._index, self._image, self._names)


class _Function:
    """A kernel."""

    def __init__(self, driver: PycudaDriver, device: _Device, module: Any, name: str, foreign: _Foreign) -> None:
        self._driver, self._device, self._module = driver, device, module
        self._name, self._foreign = name, foreign
        self._function = module.get_function(name)
        self._prepared = 0
        self._most_shared = 48 << 10  # more has to be asked for

    def __call__(
        self, grid: tuple[int, int], block: tuple[int, int], words: Sequence[int], stream: int, shared: int = 0
    ) -> None:
        if stream:
            self._foreign.functions[self._name](grid, block, words, stream, shared)
            return
        if self._prepared != len(words):  # always as many; prepared when they are known
            self._function.prepare("Q" * len(words))
            self._prepared = len(words)
        with self._driver.errors("launch a kernel"), self._device.current():
            if shared > self._most_shared:
                name = self._driver.shared_attribute
                self._function.set_attribute(name, shared)
                self._most_shared = shared
            self._function.prepared_async_call((*grid, 1), (*block, 1), None, *words, shared_size=shared)


class _Memory:
    """Working memory for the default stream."""

    def __init__(self, driver: PycudaDriver, device: _Device, size: int) -> None:
        self._device = device
        with driver.errors(f"allocate {size} bytes of working memory"), device.current():
            self._allocation = device.pool().allocate(size)
            self.pointer = int(self._allocation)

    def __del__(self) -> None:
        allocation = self.__dict__.pop("_allocation", None)
        if allocation is not None:
            with self._device.current():
                allocation.free()
