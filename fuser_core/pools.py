"""Pools: memory on a device, lent by a backend for arrays whose library cannot be asked for any."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

__all__ = ["Block", "Pool"]


class Block(Protocol):
    """Memory on a device; it goes back to its pool with this object, in the order of the pool's stream."""

    @property
    def pointer(self) -> int: ...


class Pool(Protocol):
    """Memory on one device, for use in the order of one stream; a backend's hook ``pool`` returns one.

    Attributes:
        stream: Handle of the stream; not the default one, so nobody else waits for what is on it.
    """

    @property
    def stream(self) -> int: ...

    def allocate(self, size: int) -> Block:
        """Return uninitialised memory.

        Args:
            size: In bytes, at least 1.

        Raises:
            MemoryError: There is not so much.
        """

    def order(self, stream: int, other: int) -> None:
        """Make a stream wait for what is on another one now; this process does not wait."""

    def upload(self, pointer: int, array: np.ndarray[Any, np.dtype[Any]]) -> None:
        """Write an array in C order to the device, in the order of the pool's stream."""

    def download(self, pointer: int, array: np.ndarray[Any, np.dtype[Any]]) -> None:
        """Fill an array in C order from the device, after all that is on the pool's stream; this process waits."""

    def keep(self, thing: object) -> None:
        """Keep an object alive until what is on the pool's stream now has been done; this process does not wait."""

    def settle(self, consumer: int | None, *, others: bool) -> None:
        """Make the pool's stream wait for whoever was lent memory and gives it back now.

        Args:
            consumer: The stream that it named when it took the memory; ``None`` where it named none.
            others: It may use the memory on streams that it has told nobody of.
        """

    def locate(self, pointer: int) -> int:
        """Return the number of the device that an address belongs to."""
