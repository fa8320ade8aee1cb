"""An array in memory that a backend lends: what fused functions return where no library's array can be made."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.arrays import dlpack
from fuser_core.arrays.device_arrays import extent
from fuser_core.arrays.devices import LEGACY_STREAM
from fuser_core.backend import Device
from fuser_core.pools import Pool

__all__ = ["LentArray", "Loan"]

_DEFAULT = (None, 0, LEGACY_STREAM)
"""How a consumer may name CUDA's default stream."""

_NO_ORDER = -1
"""What a consumer says for a stream that keeps the order by other means."""


class LentArray:
    """An array on a CUDA device.

    It has no operations: fused functions take it, and so does every library that reads ``__dlpack__`` (`from_dlpack`)
    or ``__cuda_array_interface__``, without a copy.

    Attributes:
        pool: Whose memory it is, or what orders the work on it.
        base: What keeps the memory.
        pointer: Address of the first element.
        device: Where it is.
        dtype: Of its elements.
        shape: Sizes.
        strides: In bytes.
        read_only: It must not be written.
        others: Who takes it may use it on streams that it tells nobody of.
    """

    others = False

    __slots__ = ("__weakref__", "base", "device", "dtype", "pointer", "pool", "read_only", "shape", "strides")

    def __init__(  # noqa: PLR0917 - one for each attribute
        self,
        pool: Pool,
        base: object,
        pointer: int,
        device: Device,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        read_only: bool = False,
    ) -> None:
        self.pool, self.base, self.pointer, self.device = pool, base, pointer, device
        self.dtype, self.shape, self.strides, self.read_only = dtype, shape, strides, read_only

    def __repr__(self) -> str:
        return f"<LentArray {self.dtype}{list(self.shape)} on {self.device}>"

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Version 3; whoever reads it waits for the stream that it names."""
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": self.dtype.str,
            "data": (self.pointer, self.read_only),
            "strides": self.strides,
            "stream": self.pool.stream,
        }

    def __dlpack_device__(self) -> tuple[int, int]:
        return dlpack.CUDA, self.device.index

    def __dlpack__(
        self,
        *,
        stream: int | None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Return a capsule; the consumer's stream waits for what computes the array.

        Raises:
            BufferError: A copy, or another device, is asked for, or memory that must not be written.
        """
        if copy or (dl_device is not None and tuple(dl_device) != self.__dlpack_device__()):
            raise BufferError(f"an array on {self.device} is shown where it is, and not copied")
        if self.read_only:
            raise BufferError("the array must not be written, which this version of DLPack cannot say")
        consumer = LEGACY_STREAM if stream in _DEFAULT else stream
        assert consumer is not None
        if consumer != _NO_ORDER:
            self.pool.order(consumer, self.pool.stream)
        loan = Loan(self.pool, self.base, None if consumer == _NO_ORDER else consumer, self.others)
        place = self.__dlpack_device__()
        return dlpack.export(place, self.pointer, self.dtype, self.shape, self.strides, keeper=loan)

    def copy_to_host(self) -> np.ndarray[Any, np.dtype[Any]]:
        """Return a NumPy array with the same elements, shape and strides; waits for them."""
        first, end = extent(self)
        memory = np.empty(end - first, np.uint8)
        if end > first:
            self.pool.download(first, memory)
        return np.ndarray(self.shape, self.dtype, memory, self.pointer - first if end > first else 0, self.strides)


class Loan:
    """Memory that a consumer has; what it did with the memory is done before the pool has it again."""

    __slots__ = ("_base", "_consumer", "_others", "_pool")

    def __init__(self, pool: Pool, base: object, consumer: int | None, others: bool) -> None:
        self._pool, self._base, self._consumer, self._others = pool, base, consumer, others

    def __del__(self) -> None:
        self._pool.settle(self._consumer, others=self._others)
