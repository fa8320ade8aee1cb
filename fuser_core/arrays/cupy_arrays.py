"""CuPy's arrays."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import ArrayKind, DeviceDesc
from fuser_core.arrays.devices import cuda, stream_handle

__all__ = ["CuPyArrays"]


class CuPyArrays(ArrayKind):
    """``cupy.ndarray``; new ones come from CuPy's memory pool, in the order of its current stream."""

    def __init__(self) -> None:
        self._cupy: Any = sys.modules["cupy"]

    def takes(self, type_: type) -> bool:
        return type_ is self._cupy.ndarray

    def describe(self, array: Any) -> DeviceDesc:
        memory = array.data
        index = memory.device_id
        return DeviceDesc(
            self, array, cuda(index), array.dtype, array.shape, array.strides, memory.ptr, self._stream(index)
        )

    def allocate(
        self, like: DeviceDesc, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> DeviceDesc:
        with _On(self._cupy, like.device.index):
            array = self._cupy.ndarray(shape, dtype)  # as cupy.empty does, which takes longer
        if array.strides != strides and 0 not in shape:
            array = self._cupy.ndarray(shape, dtype, array.data, strides)
        return DeviceDesc(self, array, like.device, dtype, shape, strides, array.data.ptr, like.stream)

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        memory = array.data if not math.prod(shape) else array.data + offset
        return self._cupy.ndarray(shape, array.dtype, memory, strides)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        with _On(self._cupy, like.device.index):
            return self.describe(self._cupy.asarray(array, order="C"))

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        return np.asarray(self._cupy.asnumpy(array))

    def _stream(self, index: int) -> int:
        return stream_handle(self._cupy.cuda.get_current_stream(index).ptr)


class _On:
    """A block in which CuPy allocates on a device: only where that is not the current one is there anything to do."""

    __slots__ = ("_device",)

    def __init__(self, cupy: Any, index: int) -> None:
        self._device = None if cupy.cuda.runtime.getDevice() == index else cupy.cuda.Device(index)

    def __enter__(self) -> None:
        if self._device is not None:
            self._device.__enter__()

    def __exit__(self, *raised: object) -> None:
        if self._device is not None:
            self._device.__exit__(*raised)
