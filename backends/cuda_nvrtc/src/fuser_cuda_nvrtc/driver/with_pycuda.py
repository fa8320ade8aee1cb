"""The driver through pycuda."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fuser_cuda_nvrtc.driver.bindings import BindingsDriver
from fuser_cuda_nvrtc.driver.interface import DriverError, Facts, Function, Memory
from fuser_cuda_nvrtc.driver.launching import Context, load_module

__all__ = ["PycudaDriver"]


class PycudaDriver:
    """A `Driver`. Contexts are the devices' primary ones, never those of ``pycuda.autoinit``."""

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

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, Function]:
        return load_module(self._device(index).context, image, names)

    def order(self, index: int, stream: int, other: int) -> None:
        self._device(index).context.order(stream, other)

    def allocate(self, index: int, size: int, stream: int) -> Memory:
        return self._bindings.allocate(index, size, stream)

    @functools.cached_property
    def _bindings(self) -> BindingsDriver:
        """What has memory in the order of any stream, which pycuda has for its own only."""
        return BindingsDriver()

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
    """One device, and its primary context."""

    def __init__(self, api: Any, index: int) -> None:
        device = api.Device(index)
        major, minor = device.compute_capability()
        self.facts = Facts(10 * major + minor, device.multiprocessor_count, device.name())
        self.context = Context(index)
