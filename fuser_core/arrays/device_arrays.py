"""Arrays on a device: how the core sees them, and what it asks of the library that they belong to."""

from __future__ import annotations

import abc
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

import numpy as np

from fuser_core.backend import Decline, Device

__all__ = ["Allocator", "ArrayKind", "DeviceDesc", "Placed", "extent", "is_dense"]

Allocator = Callable[[Any], tuple[Any, int]]
"""Makes new arrays of one layout, given one of the library that is where they go: the array, and its address."""


class DeviceDesc:
    """An array on a device, as a backend sees it and as a program keeps it: where elements lie, never the elements.

    Attributes:
        kind: How its library's arrays are handled.
        owner: The library's array in whose memory it lies; keeps that alive.
        offset: Bytes from the first element of ``owner`` to its own.
        whole: It is ``owner`` itself, not a view of it.
        held: What has to live until the last kernel that was given this description has been launched, and maybe
            longer; its kind's business.
        device, dtype, shape, strides, pointer, stream, read_only: See `fuser_core.backend.ArrayDesc`.
    """

    __slots__ = (
        "device",
        "dtype",
        "held",
        "kind",
        "offset",
        "owner",
        "pointer",
        "read_only",
        "shape",
        "stream",
        "strides",
        "whole",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - one for each attribute, and called for each array of each call
        self,
        kind: ArrayKind,
        owner: Any,
        device: Device,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        pointer: int,
        stream: int | None = None,
        read_only: bool = False,
    ) -> None:
        self.kind = kind
        self.owner = owner
        self.device = device
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.pointer = pointer
        self.stream = stream
        self.read_only = read_only
        self.offset = 0
        self.whole = True
        self.held: Any = None

    @property
    def array(self) -> Any:
        """The library's array; for a view it is made now, and ``None`` where the library has none of such strides."""
        if self.whole:
            return self.owner
        return self.kind.view(self.owner, self.shape, self.strides, self.offset)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def flags(self) -> DeviceDesc:
        """What `numpy.ndarray.flags` has of layout."""
        return self

    @property
    def c_contiguous(self) -> bool:
        return is_dense(self)

    def view(self, shape: Sequence[int], strides: Sequence[int], offset: int = 0) -> DeviceDesc:
        """Return other elements of the same memory, ``offset`` bytes from the first."""
        seen = DeviceDesc(
            self.kind,
            self.owner,
            self.device,
            self.dtype,
            tuple(shape),
            tuple(strides),
            self.pointer + offset,
            self.stream,
            self.read_only,
        )
        seen.offset = self.offset + offset
        seen.whole = False
        seen.held = self.held
        return seen


class Placed(Protocol):
    """Something that lies in memory."""

    @property
    def pointer(self) -> int: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...


def is_dense(desc: Placed) -> bool:
    """Say whether an array is in C order without gaps; where there is one element on an axis, its stride is nothing."""
    step = desc.dtype.itemsize
    if 0 in desc.shape:
        return True
    for size, stride in zip(reversed(desc.shape), reversed(desc.strides), strict=True):
        if size != 1 and stride != step:
            return False
        step *= size
    return True


def extent(desc: Placed) -> tuple[int, int]:
    """Return the addresses of the first byte of an array and of the one behind the last; equal for an empty one."""
    if 0 in desc.shape:
        return desc.pointer, desc.pointer
    steps = [(size - 1) * stride for size, stride in zip(desc.shape, desc.strides, strict=True)]
    last = desc.pointer + sum(step for step in steps if step > 0) + desc.dtype.itemsize
    return desc.pointer + sum(step for step in steps if step < 0), last


class ArrayKind(abc.ABC):
    """The arrays of one library that live on devices: all that the core asks of the library.

    `register_array_kind` makes one known. Arrays have a ``shape`` of integers. Nothing here may read or wait for
    elements, but for `upload` and `download`.

    Attributes:
        lends: New arrays are not the library's own yet: `hand_over` makes results of them.
        shows_host: Arrays of the type may be on the host too, where DLPack shows their memory to NumPy.
    """

    lends = False
    shows_host = False

    @abc.abstractmethod
    def takes(self, type_: type) -> bool:
        """Say whether arrays of a type are of this kind. Asked once per type; imports nothing."""

    @abc.abstractmethod
    def describe(self, array: Any) -> DeviceDesc | Decline:
        """Return where an array lies, or why fused functions do not take it, in words that a user can act on."""

    def peek(self, array: Any) -> tuple[Hashable, int] | None:
        """Return what tells arrays apart that are described differently, and the address; all that a warm call reads.

        Arrays of equal keys are described alike, but for their address, and by one stream at any time. A kind may give
        what costs least instead of what it describes.

        Returns:
            ``None`` for an array that fused functions do not take.
        """
        desc = self.describe(array)
        if isinstance(desc, Decline):
            return None
        return (desc.device, desc.dtype, desc.shape, desc.strides, desc.stream, desc.read_only), desc.pointer

    def stream(self, array: Any) -> int | None:
        """Return the stream that an array, which fused functions take, is in use on now."""
        desc = self.describe(array)
        assert isinstance(desc, DeviceDesc), desc
        return desc.stream

    @abc.abstractmethod
    def allocator(
        self, device: Device, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> Allocator:
        """Return what makes new uninitialised arrays of the library, where and as it allocates by itself.

        It takes an array of this kind on the device: the new one is from its allocator if it has one.

        Args:
            device: Where they are.
            shape: Their sizes.
            dtype: Of their elements.
            strides: In bytes, without gaps; the order of the axes is any.
        """

    def allocate(
        self, like: DeviceDesc, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...]
    ) -> DeviceDesc:
        """Return one new array, for use on the stream of another, ``like``; see `allocator`."""
        array, pointer = self.allocator(like.device, shape, dtype, strides)(like.owner)
        return DeviceDesc(self, array, like.device, dtype, shape, strides, pointer, like.stream)

    @abc.abstractmethod
    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        """Return the library's array for other elements of the memory of one.

        Args:
            array: Whose memory, and whose dtype.
            shape: Its sizes.
            strides: In bytes; any, 0 and negative ones too.
            offset: Bytes from the first element of ``array``.

        Returns:
            An array that keeps the memory alive; ``None`` where the library has none of such strides.
        """

    def hand_over(self, desc: DeviceDesc) -> Any:
        """Return the library's array for a result; all that writes it has been launched.

        Returns:
            An array; ``None`` where the library has none of such strides, and is given a copy in C order.
        """
        return desc.array

    @abc.abstractmethod
    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        """Return a copy of a NumPy array in C order on the device of ``like``."""

    @abc.abstractmethod
    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """Return what is in an array in C order, after what was launched to compute it. Called for a few elements."""
