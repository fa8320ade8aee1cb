"""The driver through ``cuda.bindings.driver``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from fuser_cuda_nvrtc.driver.failures import failure
from fuser_cuda_nvrtc.driver.interface import DriverError, Facts, Function
from fuser_cuda_nvrtc.driver.launching import Context, load_module

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

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, Function]:
        return load_module(self._device(index).context, image, names)

    def allocate(self, index: int, size: int, stream: int) -> _Memory:
        return _Memory(self, self._device(index), size, stream)

    def order(self, index: int, stream: int, other: int) -> None:
        self._device(index).context.order(stream, other)

    @functools.cache  # noqa: B019 (there is one driver in a process)
    def _device(self, index: int) -> _Device:
        return _Device(self, index)

    def _call(self, answer: tuple[Any, ...], what: str) -> Any:
        """Return what a function of the driver returned besides its status."""
        status = answer[0]
        if status != self._api.CUresult.CUDA_SUCCESS:
            _, text = self._api.cuGetErrorString(status)
            words = text.decode() if isinstance(text, bytes) else str(text)
            raise failure(what, status.name, words)
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
        self.context = Context(index)

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


class _Memory:
    """Working memory; it goes back to the pool in the order of its stream."""

    def __init__(self, driver: BindingsDriver, device: _Device, size: int, stream: int) -> None:
        self._api, self._device, self._stream = driver._api, device, stream  # noqa: SLF001
        with device.context:
            answer = self._api.cuMemAllocFromPoolAsync(size, device.pool, stream)
            what = f"allocate {size:,} bytes on {device.facts.name}"
            self.pointer = int(driver._call(answer, what))  # noqa: SLF001

    def __del__(self) -> None:
        pointer = getattr(self, "pointer", None)
        if pointer is None:
            return
        try:
            with self._device.context:
                self._api.cuMemFreeAsync(pointer, self._stream)
        except (DriverError, TypeError, AttributeError):
            return  # the interpreter is on its way out
