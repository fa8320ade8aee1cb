"""Numba's arrays on CUDA devices."""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import Allocator, ArrayKind, DeviceDesc
from fuser_core.arrays.devices import LEGACY_STREAM, cuda, stream_handle
from fuser_core.backend import Decline, Device

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

    def peek(self, array: Any) -> tuple[Hashable, int]:
        index = array.gpu_data.context.device.id
        return (array.dtype, array.shape, array.strides, index, array.stream), array.device_ctypes_pointer.value or 0

    def stream(self, array: Any) -> int | None:
        return LEGACY_STREAM if array.stream == 0 else super().stream(array)

    def allocator(
        self,
        device: Device,  # noqa: ARG002 - Numba allocates on its current one
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        strides: tuple[int, ...],
    ) -> Allocator:
        make, steps = self._cuda.device_array, strides if math.prod(shape) else None

        def allocate(_: Any) -> tuple[Any, int]:
            array = make(shape, dtype, strides=steps)
            return array, array.device_ctypes_pointer.value or 0

        return allocate

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        memory = array.gpu_data.view(offset) if math.prod(shape) else array.gpu_data
        return type(array)(shape, strides, array.dtype, gpu_data=memory)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:  # noqa: ARG002
        desc = self.describe(self._cuda.to_device(np.array(array, order="C")))
        assert isinstance(desc, DeviceDesc)
        return desc

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        return np.asarray(array.copy_to_host())
