"""Memory that is lent to arrays of other libraries: a pool on one device, in the order of a stream of its own."""

from __future__ import annotations

import atexit
import ctypes
import functools
import threading
from collections import deque
from typing import Any

import numpy as np

from fuser_cuda_nvrtc.driver import launching
from fuser_cuda_nvrtc.driver.choice import driver
from fuser_cuda_nvrtc.driver.failures import failure
from fuser_cuda_nvrtc.driver.interface import Driver, DriverError, Memory

__all__ = ["CudaPool", "pool_on"]

_NON_BLOCKING = 1
_NO_TIMING = 2
_ORDINAL = 9
"""``CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL``."""


class _Api:
    """Functions of the driver."""

    def __init__(self, name: str) -> None:
        library = ctypes.CDLL(name)
        self.create_stream, self.synchronize = library.cuStreamCreate, library.cuStreamSynchronize
        self.upload, self.download = library.cuMemcpyHtoDAsync_v2, library.cuMemcpyDtoHAsync_v2
        self.create_event, self.record, self.query = library.cuEventCreate, library.cuEventRecord, library.cuEventQuery
        self.wait, self.ask = library.cuStreamWaitEvent, library.cuPointerGetAttribute
        self.current = library.cuCtxGetCurrent
        self.text, self.name = library.cuGetErrorString, library.cuGetErrorName
        self.record_all = getattr(library, "cuCtxRecordEvent", None)  # since CUDA 12.5

    def words(self, function: Any, status: int) -> str:
        """Return what the driver says of a status."""
        found = ctypes.c_char_p()
        function(status, ctypes.byref(found))
        return (found.value or b"unknown").decode()


class CudaPool:
    """A `fuser_core.backend.Pool`."""

    def __init__(self, driver: Driver, index: int) -> None:
        """Make a stream on a device, by its number.

        Raises:
            DriverError: There is no such device.
        """
        self._driver, self._index = driver, index
        self._api, self._context = _Api(launching.LIBRARY), launching.Context(index)
        self._lock = threading.RLock()  # what is let go of may be memory of this pool again
        self._kept: deque[tuple[ctypes.c_void_p, object]] = deque()
        self._spare: list[ctypes.c_void_p] = []
        handle = ctypes.c_void_p()
        with self._context:
            self._check(self._api.create_stream(ctypes.byref(handle), _NON_BLOCKING), "make a stream")
        atexit.register(self._kept.clear)  # while the libraries that it is of are still there
        assert handle.value is not None
        self.stream: int = handle.value
        self._own = handle

    def allocate(self, size: int) -> Memory:
        return self._driver.allocate(self._index, size, self.stream)

    def order(self, stream: int, other: int) -> None:
        if stream != other:
            with self._lock, self._context:
                event = self._event()
                self._check(self._api.record(event, ctypes.c_void_p(other)), "mark the work on a stream")
                self._check(self._api.wait(ctypes.c_void_p(stream), event, 0), "make a stream wait")
                self._spare.append(event)

    def upload(self, pointer: int, array: np.ndarray[Any, np.dtype[Any]]) -> None:
        assert array.flags.c_contiguous
        source = ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
        with self._context:
            what = f"copy {array.nbytes} bytes to CUDA device {self._index}"
            self._check(self._api.upload(ctypes.c_void_p(pointer), *source, self._own), what)

    def download(self, pointer: int, array: np.ndarray[Any, np.dtype[Any]]) -> None:
        assert array.flags.c_contiguous
        size = ctypes.c_size_t(array.nbytes)
        with self._context:
            what = f"copy {array.nbytes} bytes from CUDA device {self._index}"
            target = ctypes.c_void_p(array.ctypes.data)
            self._check(self._api.download(target, ctypes.c_void_p(pointer), size, self._own), what)
            self._check(self._api.synchronize(self._own), what)

    def keep(self, thing: object) -> None:
        done = []
        try:
            with self._lock, self._context:
                event = self._event()
                self._check(self._api.record(event, self._own), "mark the work on a stream")
                self._kept.append((event, thing))
                while self._kept and self._api.query(self._kept[0][0]) == 0:
                    event, last = self._kept.popleft()
                    done.append(last)  # goes when the lock is free again: there may be memory of this pool behind it
                    self._spare.append(event)
        except DriverError:
            return  # the context is lost, or Python is on its way out: nothing runs there any more

    def settle(self, consumer: int | None, *, others: bool) -> None:
        try:
            unknown = others or consumer is None
            if not (unknown and self._wait_for_all()) and consumer is not None:
                self.order(self.stream, consumer)
        except DriverError:
            return  # see `keep`

    def locate(self, pointer: int) -> int:
        ordinal = ctypes.c_int()
        with self._context:
            status = self._api.ask(ctypes.byref(ordinal), _ORDINAL, ctypes.c_uint64(pointer))
        self._check(status, f"find the device of the address {pointer:#x}")
        return ordinal.value

    def _wait_for_all(self) -> bool:
        """Make the stream wait for all that was launched on the device; say whether the driver can.

        It cannot while a stream is captured, and the capture is lost by the question; so it is asked for XLA only.
        """
        if self._api.record_all is None:
            return False
        with self._lock, self._context:
            event, context = self._event(), ctypes.c_void_p()
            self._api.current(ctypes.byref(context))
            status: int = self._api.record_all(context, event)
            if status == 0:
                self._check(self._api.wait(self._own, event, 0), "make a stream wait")
            self._spare.append(event)
        return status == 0

    def _event(self) -> ctypes.c_void_p:
        if self._spare:
            return self._spare.pop()
        event = ctypes.c_void_p()
        self._check(self._api.create_event(ctypes.byref(event), _NO_TIMING), "make an event")
        return event

    def _check(self, status: int, what: str) -> None:
        if status:
            raise failure(what, self._api.words(self._api.name, status), self._api.words(self._api.text, status))


@functools.cache
def pool_on(index: int) -> CudaPool:
    """Return the pool of a device, by its number.

    Raises:
        DriverError: There is no such device.
    """
    return CudaPool(driver(), index)
