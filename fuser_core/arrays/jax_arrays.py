"""JAX's arrays on CUDA devices. Those on the CPU are refused: ``numpy.asarray(array)`` copies nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from fuser_core.arrays import dlpack
from fuser_core.arrays.device_arrays import DeviceDesc, is_dense
from fuser_core.arrays.lent_array import LentArray
from fuser_core.arrays.produced_arrays import DLPackArrays
from fuser_core.backend import Decline
from fuser_core.layout import dense_strides

__all__ = ["JAXArrays"]


class JAXArrays(DLPackArrays):
    """``jax.Array`` on one GPU: nobody may write to it, and new ones are made by ``jax.dlpack.from_dlpack``.

    JAX makes its streams wait for ours and ours for its own, through DLPack; this process waits for neither.
    """

    read_only = True
    shows_host = False  # of results of another dtype JAX would make a copy in its own

    def __init__(self) -> None:
        super().__init__(sys.modules["jax"].Array)

    def takes(self, type_: type) -> bool:
        return type_.__name__ == "ArrayImpl"

    def describe(self, array: Any) -> DeviceDesc | Decline:
        if array.is_deleted():
            return Decline("the jax.Array has been deleted, or donated to a computation; pass one that is still there")
        if len(array.devices()) > 1:
            return Decline("the jax.Array lies on several devices; call the function on each of its parts")
        return super().describe(array)

    def own(self, array: LentArray) -> Any:
        if not is_dense(array) or self._from_dlpack is None:
            return None
        strides = dense_strides(array.shape, array.dtype.itemsize, None)  # JAX looks at those of one element too
        place = array.pointer, array.device, array.dtype, array.shape
        return self._from_dlpack(_Given(array.pool, array, *place, strides))

    def elsewhere(self, place: int) -> str:
        if place == dlpack.CPU:
            return (
                "the jax.Array is on the CPU, and only those on CUDA devices are taken as they are; numpy.asarray "
                "gives its memory as an array, without a copy, and jax.numpy.asarray makes a jax.Array of a result"
            )
        return super().elsewhere(place)

    def maker(self, array: Any) -> Callable[[Any], Any] | None:  # noqa: ARG002 - it is the same for all
        found: Callable[[Any], Any] = import_module("jax.dlpack").from_dlpack
        return found


class _Given(LentArray):
    """An array for JAX: XLA gives memory back when it has launched, on a stream of its own, the last that reads it."""

    __slots__ = ()
    others = True
