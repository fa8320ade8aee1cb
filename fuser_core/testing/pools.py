"""A pool on a device that does not exist, and a backend that lends memory of it, to test arrays without a library."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from fuser_core.backend import Decline, Device, hookimpl
from fuser_core.testing.devices import DeviceBackend

__all__ = ["HostBlock", "HostPool", "LendingBackend"]

Array = np.ndarray[Any, np.dtype[Any]]


class HostBlock:
    """Memory of the host that plays that of a device."""

    def __init__(self, size: int) -> None:
        self.memory = np.full(size, 0xA5, np.uint8)

    @property
    def pointer(self) -> int:
        """Its address."""
        return int(self.memory.ctypes.data)


class HostPool:
    """A `fuser_core.backend.Pool`.

    Attributes:
        stream: A number.
        most: Bytes that it has at most for one block.
        ordered: Pairs of streams, of which the first was made to wait for the second.
        kept: What it was asked to keep; nothing is ever done, so tests clear it.
        settled: The consumers that gave memory back, and whether they may have used other streams.
    """

    def __init__(self, stream: int = 77, most: int = 1 << 40) -> None:
        self.stream, self.most = stream, most
        self.ordered: list[tuple[int, int]] = []
        self.kept: list[object] = []
        self.settled: list[tuple[int | None, bool]] = []

    def allocate(self, size: int) -> HostBlock:
        if size > self.most:
            raise MemoryError(f"cannot allocate {size} bytes: out of memory")
        return HostBlock(size)

    def order(self, stream: int, other: int) -> None:
        self.ordered.append((stream, other))

    def upload(self, pointer: int, array: Array) -> None:
        ctypes.memmove(pointer, array.ctypes.data, array.nbytes)

    def download(self, pointer: int, array: Array) -> None:
        ctypes.memmove(array.ctypes.data, pointer, array.nbytes)

    def keep(self, thing: object) -> None:
        self.kept.append(thing)

    def settle(self, consumer: int | None, *, others: bool) -> None:
        self.settled.append((consumer, others))

    def locate(self, pointer: int) -> int:
        return 0


class LendingBackend(DeviceBackend):
    """A `DeviceBackend` for devices of the kind ``"cuda"`` that lends memory.

    Attributes:
        lent: The pool of the devices.
    """

    def __init__(self, lent: HostPool | None = None, **options: Any) -> None:
        super().__init__("cuda", **options)
        self.lent = HostPool() if lent is None else lent

    @hookimpl
    def pool(self, device: Device) -> HostPool | Decline:
        return self.lent if device.kind == "cuda" else Decline(f"there is no memory to lend on {device}")
