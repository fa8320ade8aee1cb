"""A device that does not exist: an array library for it, and a backend, so that the core is tested without a GPU.

`DeviceArray` plays the part of another library's array: its memory is on a device of its own kind (in fact it is the
host's, which nobody is told), and NumPy does not get at it. `DeviceArrays` is its kind, known to the core inside a
``with known_devices():`` block. `DeviceBackend` compiles for such devices; it reads and writes memory by address, as a
backend of a GPU does, and checks that it is given what the contract says.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import ArrayKind, DeviceDesc, known
from fuser_core.arrays.device_arrays import Allocator
from fuser_core.backend import ALIGNMENT, Accept, ArrayDesc, Decline, Device, PreparedLaunch, Verdict, hookimpl
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel

__all__ = ["DeviceArray", "DeviceArrays", "DeviceBackend", "device_array", "host_array", "known_devices"]

Array = np.ndarray[Any, np.dtype[Any]]

_DEVICE = Device("fake")
_STREAM = 7


class DeviceArray:
    """An array on a device, of a library that knows nothing of NumPy's functions.

    Attributes:
        memory: The bytes that it lies in.
        offset: Of its first element among them.
        device, dtype, shape, strides, stream, read_only: As a backend is told.
    """

    def __init__(  # noqa: PLR0917 - as the arrays of real libraries have it
        self,
        memory: Array,
        offset: int,
        device: Device,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        stream: int | None = _STREAM,
        read_only: bool = False,
    ) -> None:
        self.memory, self.offset, self.device = memory, offset, device
        self.dtype, self.shape, self.strides = np.dtype(dtype), shape, strides
        self.stream, self.read_only = stream, read_only

    @property
    def pointer(self) -> int:
        """The address of the first element on the device."""
        return int(self.memory.ctypes.data) + self.offset

    def __array__(self, *args: Any, **kwargs: Any) -> Array:
        raise TypeError("an array on a device is not converted to one of NumPy's without being asked to")

    def __bool__(self) -> bool:
        raise TypeError("nobody may ask for the elements of an array on a device")

    def __getitem__(self, index: Any) -> DeviceArray:
        """Return a view, as such libraries do; for tests to make odd layouts with."""
        seen = host_array(self)[index]
        offset = int(seen.ctypes.data) - int(self.memory.ctypes.data)
        return DeviceArray(
            self.memory, offset, self.device, seen.dtype, seen.shape, seen.strides, self.stream, self.read_only
        )


def device_array(array: Any, device: Device = _DEVICE, *, read_only: bool = False) -> DeviceArray:
    """Return a copy of a NumPy array on a device, with the same strides."""
    array = np.asarray(array)
    first, end = np.lib.array_utils.byte_bounds(array) if array.size else (0, 0)
    memory = np.zeros(end - first + ALIGNMENT, np.uint8)
    start = -int(memory.ctypes.data) % ALIGNMENT
    memory[start : start + end - first] = np.frombuffer(ctypes.string_at(first, end - first), np.uint8)
    offset = start + (array.__array_interface__["data"][0] - first if array.size else 0)
    return DeviceArray(memory, offset, device, array.dtype, array.shape, array.strides, read_only=read_only)


def host_array(array: DeviceArray) -> Array:
    """Return the memory of an array on a device as one of NumPy's; for tests to look at results."""
    assert isinstance(array, DeviceArray), f"{array!r} is on no device"
    return np.ndarray(array.shape, array.dtype, array.memory, array.offset, array.strides)


class DeviceArrays(ArrayKind):
    """The kind of `DeviceArray`.

    Attributes:
        uploads: How many arrays were copied to a device.
        downloads: How many arrays were copied from one.
        misplaced: Bytes from where the memory of new arrays should begin to where it does.
        views: Whether the library has arrays of negative strides.
    """

    def __init__(self, *, views: bool = True) -> None:
        self.uploads = 0
        self.downloads = 0
        self.misplaced = 0
        self.views = views

    def takes(self, type_: type) -> bool:
        return type_ is DeviceArray

    def describe(self, array: Any) -> DeviceDesc | Decline:
        if array.dtype.byteorder == ">":
            return Decline("the device has no big-endian numbers; swap their bytes first")
        return DeviceDesc(
            self,
            array,
            array.device,
            array.dtype,
            array.shape,
            array.strides,
            array.pointer,
            array.stream,
            array.read_only,
        )

    def allocator(
        self, device: Device, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> Allocator:
        size = max(int(np.prod(shape)), 1) * dtype.itemsize

        def allocate(like: Any) -> tuple[Any, int]:
            memory = np.full(size + ALIGNMENT, 0xA5, np.uint8)
            offset = -int(memory.ctypes.data) % ALIGNMENT + self.misplaced
            made = DeviceArray(memory, offset, device, dtype, shape, strides, like.stream)
            return made, made.pointer

        return allocate

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        if not self.views and any(stride < 0 for stride in strides):
            return None
        return DeviceArray(
            array.memory,
            array.offset + offset,
            array.device,
            array.dtype,
            shape,
            strides,
            array.stream,
            array.read_only,
        )

    def upload(self, like: DeviceDesc, array: Array) -> DeviceDesc:
        self.uploads += 1
        made = self.describe(device_array(np.array(array, order="C"), like.device))
        assert isinstance(made, DeviceDesc)
        return made

    def download(self, array: Any) -> Array:
        self.downloads += 1
        found = host_array(array)
        assert found.flags.c_contiguous, "the core asks for arrays in C order only"
        return found.copy()


class DeviceBackend(AcceptingBackend):
    """A compiler for devices of one kind, which computes with NumPy on the memory that it is pointed to.

    Attributes:
        numbers: How many inputs were numbers on the host.
        prepares: Whether it prepares launches.
        prepared: How many launches it prepared.
        streams: The streams of the prepared launches that were done, in order.
    """

    def __init__(self, kind: str = "fake", *, prepares: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self._kind = kind
        self.numbers = 0
        self.prepares = prepares
        self.prepared = 0
        self.streams: list[int | None] = []

    @property
    def devices(self) -> list[Device]:
        """The devices that it compiled for, in order."""
        return [group.device for group in self.compiled]

    @hookimpl
    def has_fusion_backend(self, device: Device) -> Verdict:
        if device.kind == self._kind:
            return Accept()
        return Decline(f"this fake runs on {self._kind}, not on {device}")

    @hookimpl
    def launch(
        self, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> None:
        self.launches += 1
        for desc in outputs:
            assert desc.device.kind == self._kind, f"an output on {desc.device}"
            assert not desc.read_only, "an output that must not be written"
        kernel.run([self._read(desc) for desc in inputs], [_at(desc) for desc in outputs])

    @hookimpl
    def prepare(
        self, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> PreparedLaunch | Decline:
        if not self.prepares:
            return Decline("this fake prepares nothing")
        self.prepared += 1
        return _Prepared(self, kernel, inputs, outputs)

    def _read(self, desc: ArrayDesc) -> Array:
        if desc.device.kind == "cpu":
            assert desc.shape == (), f"an array of shape {desc.shape} on the host"
            self.numbers += 1
            return np.asarray(desc.array)
        assert desc.device.kind == self._kind, f"an input on {desc.device}"
        return _at(desc)


class _Prepared:
    """A launch that knows what is described, and is given where that is; it takes its arrays in reverse order.

    A number goes to the kernel by way of the workspace, to have one.
    """

    def __init__(
        self, backend: DeviceBackend, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> None:
        self._backend, self._kernel, self._inputs = backend, kernel, len(inputs)
        self._described = [*inputs, *outputs]
        self.places = list(reversed(range(len(self._described))))
        self.workspace = 16 * sum(each.device.kind == "cpu" for each in inputs)

    def launch(self, values: Sequence[Any], stream: int | None) -> None:
        self._backend.launches += 1
        self._backend.streams.append(stream)
        free = values[len(self._described)] if self.workspace else 0
        arrays: list[Array] = []
        for value, described in zip(reversed(values[: len(self._described)]), self._described, strict=True):
            if described.device.kind == "cpu":
                with np.errstate(over="ignore"):
                    number = np.asarray(value, described.dtype)
                self._backend.numbers += 1
                arrays.append(_memory(free, (), number.dtype, ()))
                arrays[-1][...] = number
                free += 16
            else:
                assert (value - described.pointer) % ALIGNMENT == 0, "prepared for an address that is not alike"
                arrays.append(_memory(value, described.shape, described.dtype, described.strides))
        self._kernel.run(arrays[: self._inputs], arrays[self._inputs :])


def _at(desc: ArrayDesc) -> Array:
    """Return the memory that a description points to."""
    assert isinstance(desc, DeviceDesc), desc
    return _memory(desc.pointer, desc.shape, desc.dtype, desc.strides)


def _memory(pointer: int, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]) -> Array:
    """Return an array of given strides whose first element is at an address."""
    if 0 in shape:
        return np.empty(shape, dtype)
    steps = [(size - 1) * stride for size, stride in zip(shape, strides, strict=True)]
    before, behind = -sum(step for step in steps if step < 0), sum(step for step in steps if step > 0)
    memory: Any = (ctypes.c_char * (before + behind + dtype.itemsize)).from_address(pointer - before)
    return np.ndarray(shape, dtype, memory, before, strides)


@contextlib.contextmanager
def known_devices(kind: ArrayKind | None = None) -> Iterator[ArrayKind]:
    """Make `DeviceArray` known to the core inside a ``with`` block, as `register_array_kind` does for good."""
    kind = DeviceArrays() if kind is None else kind
    with known.registered(kind):
        yield kind
