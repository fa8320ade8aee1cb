"""Numba's arrays on CUDA devices."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import ArrayKind, DeviceDesc
from fuser_core.arrays.devices import cuda, stream_handle
from fuser_core.backend import Decline

__all__ = ["NumbaArrays"]


class NumbaArrays(ArrayKind):
    """``numba.cuda``'s ``DeviceNDArray``; new ones come from ``numba.cuda.device_array``."""

    def __init__(self) -> None:
        self._cuda: Any = sys.modules["numba.cuda"]

    def takes(self, type_: type) -> bool:
        return type_.__name__ == "DeviceNDArray"

    def describe(self, array: Any) -> DeviceDesc | Decline:
        if not isinstance(array.dtype, np.dtype):
            return Decline(f"NumPy has no dtype for {array.dtype}")
        interface = array.__cuda_array_interface__
        pointer, read_only = interface["data"]
        index = array.gpu_data.context.device.id
        stream = stream_handle(interface.get("stream") or 0)
        shape, strides = tuple(array.shape), tuple(array.strides)
        return DeviceDesc(self, array, cuda(index), array.dtype, shape, strides, pointer or 0, stream, read_only)

    def allocate(
        self, like: DeviceDesc, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> DeviceDesc:
        array = self._cuda.device_array(shape, dtype, strides=strides if math.prod(shape) else None)
        pointer = array.__cuda_array_interface__["data"][0] or 0
        return DeviceDesc(self, array, like.device, dtype, shape, strides, pointer, like.stream)

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        memory = array.gpu_data.view(offset) if math.prod(shape) else array.gpu_data
        return type(array)(shape, strides, array.dtype, gpu_data=memory)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:  # noqa: ARG002
        desc = self.describe(self._cuda.to_device(np.array(array, order="C")))
        assert isinstance(desc, DeviceDesc)
        return desc

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        return np.asarray(array.copy_to_host())
