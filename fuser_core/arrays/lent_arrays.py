"""Kinds whose new arrays lie in memory that a backend lends, and the kind of these arrays themselves."""

from __future__ import annotations

import abc
import math
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import Allocator, ArrayKind, DeviceDesc
from fuser_core.arrays.devices import LEGACY_STREAM
from fuser_core.arrays.lent_array import LentArray
from fuser_core.backend import Decline, Device
from fuser_core.errors import FusionDeclinedError
from fuser_core.pools import Pool

__all__ = ["Hold", "LentArrays", "PooledArrays", "lender", "stream_on"]


def lender(device: Device) -> Pool | None:
    """Return the memory that a backend lends on a device."""
    from fuser_core.lenders import pool_for

    return pool_for(device)


def stream_on(pool: Pool | None) -> int:
    """Return the stream in whose order arrays without a stream of their own are used."""
    return LEGACY_STREAM if pool is None else pool.stream


class Hold:
    """What has to live until the kernels that read it are done: its producer may not know of them.

    It goes with the last description of an array, when these have been launched; the pool keeps the rest of the time.
    """

    __slots__ = ("_pool", "_thing")

    def __init__(self, pool: Pool, thing: object) -> None:
        self._pool, self._thing = pool, thing

    def __del__(self) -> None:
        self._pool.keep(self._thing)


class PooledArrays(ArrayKind):
    """Arrays of a library that gives no memory: new ones are `LentArray` until they are handed over."""

    lends = True

    def peek(self, array: Any) -> None:
        """Have no call prepared: what such an array is costs more to find out than preparing spares."""

    def allocator(
        self, device: Device, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> Allocator:
        """See `ArrayKind.allocator`.

        Raises:
            FusionDeclinedError: No backend lends memory on the device.
        """
        pool, size = lender(device), max(1, math.prod(shape) * dtype.itemsize)

        def make(like: Any) -> tuple[LentArray, int]:
            if pool is None:
                raise FusionDeclinedError(
                    f"a result on {device} needs memory, which {type(like).__module__} gives to nobody, and no backend "
                    "in use lends any there; give the result a place with out=, or install a backend that lends"
                )
            block = pool.allocate(size)
            return LentArray(pool, block, block.pointer, device, dtype, shape, strides), block.pointer

        return make

    def allocate(
        self, like: DeviceDesc, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> DeviceDesc:
        """See `ArrayKind.allocate`; the new array is in use on the stream of its pool."""
        made = super().allocate(like, shape, dtype, strides)
        made.stream = made.owner.pool.stream
        return made

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        own = array if type(array) is LentArray else self._shown(array)
        place = own.pointer + offset
        return LentArray(own.pool, own, place, own.device, own.dtype, shape, strides, own.read_only)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        dense = np.array(array, order="C")
        made = self.allocate(like, dense.shape, dense.dtype, dense.strides)
        if dense.size:
            made.owner.pool.upload(made.pointer, dense)
        return made

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        own = array if type(array) is LentArray else self._shown(array)
        return own.copy_to_host()

    def hand_over(self, desc: DeviceDesc) -> Any:
        if desc.whole and type(desc.owner) is not LentArray:
            return desc.owner
        return self.own(desc.array)

    @abc.abstractmethod
    def own(self, array: LentArray) -> Any:
        """Return the library's array for one; ``None`` where the library has none of such strides."""

    def _shown(self, array: Any) -> LentArray:
        """Return an array of the library as one of ours, which keeps it."""
        desc = self.describe(array)
        assert isinstance(desc, DeviceDesc)
        pool = lender(desc.device)
        assert pool is not None, "its memory is looked at or moved by a backend's kernels and pool only"
        place = desc.pointer, desc.device, desc.dtype, desc.shape, desc.strides
        return LentArray(pool, (array, desc.held), *place, desc.read_only)


class LentArrays(PooledArrays):
    """The kind of `LentArray`."""

    def takes(self, type_: type) -> bool:
        return type_ is LentArray

    def describe(self, array: Any) -> DeviceDesc | Decline:
        place = array.device, array.dtype, array.shape, array.strides, array.pointer
        return DeviceDesc(self, array, *place, array.pool.stream, array.read_only)

    def own(self, array: LentArray) -> Any:
        return array
