"""Device memory: what a program does with arrays on a device, by sizes, strides and addresses alone."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import DeviceDesc, NumPyDesc
from fuser_core.arrays.device_arrays import extent
from fuser_core.backend import ArrayDesc
from fuser_core.chain_layouts import look_at
from fuser_core.copies import CopyKernels
from fuser_core.layout import dense_strides, reshaped_strides
from fuser_core.plan import View

__all__ = ["DeviceMemory"]

_strides = functools.lru_cache(maxsize=1024)(dense_strides)


class DeviceMemory:
    """The memory of a call whose arrays are on a device; see `fuser_core.arrays.Memory`.

    New arrays are of the library, and on the device, of the first array of the call. Registers hold `DeviceDesc`; what
    has no dimensions and came from the host (a boxed number, a scalar of NumPy's) stays there, and a kernel is given it
    as it is.
    """

    __slots__ = ("_copies", "_like", "_threads")

    def __init__(self, like: DeviceDesc, copies: CopyKernels, threads: int) -> None:
        self._like, self._copies, self._threads = like, copies, threads

    def describe(self, array: Any) -> ArrayDesc:
        return array if type(array) is DeviceDesc else NumPyDesc(np.asarray(array))

    describe_result = describe

    def allocate(self, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None) -> DeviceDesc:
        like, shape = self._like, tuple(shape)
        strides = _strides(shape, dtype.itemsize, order if order is None else tuple(order))
        try:
            return like.kind.allocate(like, shape, dtype, strides)
        except Exception as error:  # of the library's own type, which users catch
            size = f"{math.prod(shape) * dtype.itemsize:,} bytes"
            error.add_note(
                f"A {dtype} array of shape {shape}, {size}, was wanted on {like.device} by a fused function."
            )
            raise

    def look(self, array: Any, view: View) -> DeviceDesc:
        desc = self.placed(array)
        layout, offset = look_at(view, desc)
        return desc.view(layout.shape, layout.strides, 0 if 0 in layout.shape else offset)

    def reshape(self, array: Any, shape: tuple[int, ...] | None) -> DeviceDesc:
        desc = self.placed(array)
        wanted = (int(np.prod(desc.shape, dtype=np.int64)),) if shape is None else shape
        strides = reshaped_strides(desc.shape, desc.strides, wanted, desc.dtype.itemsize)
        if strides is not None and (shape is not None or strides == (desc.dtype.itemsize,) or 0 in wanted):
            return desc.view(wanted, strides)
        dense = self.duplicate(desc)
        return dense.view(wanted, dense_strides(wanted, desc.dtype.itemsize, None))

    def part(self, array: Any, axis: int, start: int, stop: int) -> DeviceDesc:
        desc: DeviceDesc = array
        shape = (*desc.shape[:axis], stop - start, *desc.shape[axis + 1 :])
        return desc.view(shape, desc.strides, 0 if 0 in shape else start * desc.strides[axis])

    def copy(self, target: Any, source: Any) -> None:
        self._copies.copy(target, self.describe(source), self._threads)

    def fetch(self, array: Any) -> Any:
        if type(array) is not DeviceDesc:
            return array
        desc = array if array.c_contiguous else self.duplicate(array)
        return desc.kind.download(desc.array)

    def may_share(self, left: Any, right: Any) -> bool:
        if type(left) is not DeviceDesc or type(right) is not DeviceDesc or left.device != right.device:
            return False
        (first, first_end), (second, second_end) = extent(left), extent(right)
        return max(first, second) < min(first_end, second_end)

    def same(self, left: Any, right: Any) -> bool:
        return bool(
            left.pointer == right.pointer
            and left.shape == right.shape
            and left.strides == right.strides
            and left.dtype == right.dtype
        )

    def placed(self, array: Any) -> DeviceDesc:
        """Return an array that is on the device: what is on the host is copied there."""
        return array if type(array) is DeviceDesc else self._like.kind.upload(self._like, np.asarray(array))

    def duplicate(self, desc: DeviceDesc) -> DeviceDesc:
        """Return a copy of an array, in C order."""
        made = self.allocate(desc.shape, desc.dtype, None)
        self.copy(made, desc)
        return made

    def given(self, desc: DeviceDesc) -> Any:
        """Return an array as its library has it; a copy where that has none of such strides."""
        found = desc.kind.hand_over(desc)
        if found is not None:
            return found
        copied = self.duplicate(desc)
        return copied.kind.hand_over(copied)

    @staticmethod
    def of(arrays: Iterable[Any], copies: CopyKernels, threads: int) -> DeviceMemory:
        """Return the memory of a call by its arguments, of which one at least is on the device."""
        for array in arrays:
            if type(array) is DeviceDesc:
                return DeviceMemory(array, copies, threads)
        raise AssertionError("a program for a device, and nothing on it")
