"""PyCUDA's arrays."""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import Allocator, ArrayKind, DeviceDesc
from fuser_core.arrays.devices import LEGACY_STREAM, cuda
from fuser_core.backend import Device

__all__ = ["PyCUDAArrays"]


class PyCUDAArrays(ArrayKind):
    """``pycuda.gpuarray.GPUArray``; new ones come from the allocator of the first that is given.

    PyCUDA works on CUDA's default stream, and its arrays live on the device of the current context.
    """

    def __init__(self) -> None:
        self._gpuarray: Any = sys.modules["pycuda.gpuarray"]
        self._driver: Any = sys.modules["pycuda.driver"]
        self._devices: dict[Any, Device] = {}

    def takes(self, type_: type) -> bool:
        return type_ is self._gpuarray.GPUArray

    def describe(self, array: Any) -> DeviceDesc:
        pointer = 0 if array.gpudata is None else int(array.gpudata)
        strides = tuple(array.strides)
        return DeviceDesc(self, array, self._device(), array.dtype, tuple(array.shape), strides, pointer, LEGACY_STREAM)

    def peek(self, array: Any) -> tuple[Hashable, int]:
        pointer = 0 if array.gpudata is None else int(array.gpudata)
        return (array.dtype, array.shape, array.strides, self._device()), pointer

    def stream(self, array: Any) -> int:  # noqa: ARG002 - all are on one
        return LEGACY_STREAM

    def allocator(
        self,
        device: Device,  # noqa: ARG002 - the current one, where the arrays that are given are too
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        strides: tuple[int, ...],
    ) -> Allocator:
        make, empty = self._gpuarray.GPUArray, math.prod(shape) == 0

        def allocate(like: Any) -> tuple[Any, int]:
            array = make(shape, dtype, allocator=like.allocator, strides=strides)
            return array, 0 if empty else int(array.gpudata)

        return allocate

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        memory = int(array.gpudata) + offset if math.prod(shape) else array.gpudata
        return self._gpuarray.GPUArray(
            shape, array.dtype, allocator=array.allocator, base=array, gpudata=memory, strides=strides
        )

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        return self.describe(self._gpuarray.to_gpu(np.array(array, order="C"), allocator=like.owner.allocator))

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        return np.asarray(array.get())

    def _device(self) -> Device:
        """Return the device of the current context, by its number."""
        current = self._driver.Context.get_device()
        if current not in self._devices:
            count = self._driver.Device.count()
            self._devices[current] = cuda([self._driver.Device(index) for index in range(count)].index(current))
        return self._devices[current]
