"""Arrays of libraries that are known by a protocol only: DLPack, or CUDA's array interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fuser_core.arrays import dlpack
from fuser_core.arrays.device_arrays import DeviceDesc
from fuser_core.arrays.devices import LEGACY_STREAM, cuda
from fuser_core.arrays.dtypes import NO_BFLOAT16
from fuser_core.arrays.lent_array import LentArray
from fuser_core.arrays.lent_arrays import Hold, PooledArrays, lender, stream_on
from fuser_core.backend import Decline
from fuser_core.layout import dense_strides

__all__ = ["DLPackArrays", "InterfaceArrays", "title"]

_OF_CUDA = (dlpack.CUDA, dlpack.CUDA_MANAGED)
_OF_HOST = (dlpack.CPU, dlpack.CUDA_HOST)


def title(type_: type) -> str:
    """Return what a type is called in messages."""
    return f"{type_.__module__}.{type_.__qualname__}"


class DLPackArrays(PooledArrays):
    """Arrays of one type that shows its memory by ``__dlpack__``.

    Results are of that type where it, or its ``__array_namespace__``, has ``from_dlpack``; else `LentArray`.
    """

    read_only = False
    shows_host = True

    def __init__(self, type_: type) -> None:
        self._type = type_
        self._from_dlpack: Callable[[Any], Any] | None = None

    def takes(self, type_: type) -> bool:
        return type_ is self._type

    def describe(self, array: Any) -> DeviceDesc | Decline:
        try:
            place, index = array.__dlpack_device__()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the array's own reason
            return Decline(f"{title(self._type)}.__dlpack_device__() raised {type(error).__name__}: {error}")
        if place not in _OF_CUDA:
            return Decline(self.elsewhere(int(place)))
        device = cuda(index)
        pool = lender(device)
        stream = stream_on(pool)
        try:
            capsule = array.__dlpack__(stream=stream)
            tensor = dlpack.read(capsule)
        except Exception as error:  # noqa: BLE001 - see above
            return Decline(f"{title(self._type)}.__dlpack__() raised {type(error).__name__}: {error}")
        if tensor.dtype is None:
            missing = f"NumPy has no dtype for DLPack's {tensor.named}"
            return Decline(NO_BFLOAT16 if tensor.named == "bfloat16" else missing)
        if tuple(getattr(array, "shape", ())) != tensor.shape:
            return Decline(self._shapeless())
        if self._from_dlpack is None:
            self._from_dlpack = self.maker(array)
        layout = tensor.shape, tensor.strides, tensor.pointer
        desc = DeviceDesc(self, array, device, tensor.dtype, *layout, stream, self.read_only)
        if pool is not None:
            desc.held = Hold(pool, capsule)
        return desc

    def own(self, array: LentArray) -> Any:
        if self._from_dlpack is None:
            return array
        return None if any(stride < 0 for stride in array.strides) else self._from_dlpack(array)

    def elsewhere(self, place: int) -> str:
        """Return why an array on a device of another type is not taken, in words."""
        name = title(self._type)
        if place in _OF_HOST:
            return f"the {name} is on the host; numpy.from_dlpack shows its memory to NumPy, without a copy"
        return f"the {name} is on a device of type {place} of DLPack, and only CUDA's are known"

    def _shapeless(self) -> str:
        return f"the {title(self._type)} has no attribute shape that says its sizes; cupy.asarray gives one that has"

    def maker(self, array: Any) -> Callable[[Any], Any] | None:
        """Return what makes an array of the type out of one that has ``__dlpack__``, if there is something."""
        own: Callable[[Any], Any] | None = getattr(self._type, "from_dlpack", None)
        if own is None and hasattr(self._type, "__array_namespace__"):
            own = getattr(array.__array_namespace__(), "from_dlpack", None)
        return own


class InterfaceArrays(DLPackArrays):
    """Arrays of one type that shows its memory by ``__cuda_array_interface__``, and not by DLPack."""

    shows_host = False

    def describe(self, array: Any) -> DeviceDesc | Decline:
        try:
            interface = array.__cuda_array_interface__
            dtype, shape = np.dtype(interface["typestr"]), tuple(interface["shape"])
            strides = interface.get("strides") or dense_strides(shape, dtype.itemsize, None)
            pointer, read_only = interface["data"]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the array's own reason
            said = f"{type(error).__name__}: {error}"
            return Decline(f"{title(self._type)}.__cuda_array_interface__ cannot be read: {said}")
        if interface.get("mask") is not None:
            return Decline(f"the {title(self._type)} has a mask, which a kernel does not look at; fill in values first")
        if tuple(getattr(array, "shape", ())) != shape:
            return Decline(self._shapeless())
        first = lender(cuda(0))
        device = cuda(first.locate(pointer) if first is not None and pointer and 0 not in shape else 0)
        pool = lender(device)
        named = interface.get("stream")
        stream = stream_on(pool) if named is None else named
        if named is None and interface.get("version", 0) < 3:  # in which nobody could name one
            stream = LEGACY_STREAM
        if self._from_dlpack is None:
            self._from_dlpack = self.maker(array)
        layout = shape, tuple(strides), pointer or 0
        desc = DeviceDesc(self, array, device, dtype, *layout, stream, bool(read_only))
        if named is None and pool is not None:
            desc.held = Hold(pool, array)
        return desc
