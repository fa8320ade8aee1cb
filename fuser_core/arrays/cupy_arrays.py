"""CuPy's arrays."""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import Allocator, ArrayKind, DeviceDesc
from fuser_core.arrays.devices import cuda, stream_handle
from fuser_core.backend import Device
from fuser_core.layout import dense_strides

__all__ = ["CuPyArrays"]


class CuPyArrays(ArrayKind):
    """``cupy.ndarray``; new ones come from CuPy's memory pool, in the order of its current stream."""

    def __init__(self) -> None:
        self._cupy: Any = sys.modules["cupy"]
        self._current_stream: Any = self._cupy.cuda.get_current_stream
        self._current_device: Any = self._cupy.cuda.runtime.getDevice

    def takes(self, type_: type) -> bool:
        return type_ is self._cupy.ndarray

    def describe(self, array: Any) -> DeviceDesc:
        memory = array.data
        device, stream = cuda(memory.device_id), self.stream(array)
        return DeviceDesc(self, array, device, array.dtype, array.shape, array.strides, memory.ptr, stream)

    def peek(self, array: Any) -> tuple[Hashable, int]:
        memory = array.data
        return (array.dtype, array.shape, array.strides, memory.device_id), memory.ptr

    def stream(self, array: Any) -> int:
        return stream_handle(self._current_stream(array.data.device_id).ptr)

    def allocator(
        self, device: Device, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> Allocator:
        index, current, make = device.index, self._current_device, self._cupy.ndarray
        in_order = math.prod(shape) == 0 or strides == dense_strides(shape, dtype.itemsize, None)

        def allocate(_: Any) -> tuple[Any, int]:
            if current() == index:
                array = make(shape, dtype)  # as cupy.empty does, which takes longer
            else:
                with self._cupy.cuda.Device(index):
                    array = make(shape, dtype)
            if not in_order:
                array = make(shape, dtype, array.data, strides)
            return array, array.data.ptr

        return allocate

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        memory = array.data if not math.prod(shape) else array.data + offset
        return self._cupy.ndarray(shape, array.dtype, memory, strides)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        with self._cupy.cuda.Device(like.device.index):
            return self.describe(self._cupy.asarray(array, order="C"))

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        return np.asarray(self._cupy.asnumpy(array))
