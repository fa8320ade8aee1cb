"""What the backend asks of the CUDA driver: facts, modules, launches and working memory. No more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fuser_core.errors import FuserError
from fuser_core.records import frozen

__all__ = ["Driver", "DriverError", "Facts", "Function", "Launchable", "Memory"]


class DriverError(FuserError):
    """The CUDA driver refused something; the message says what, and in which words."""


@frozen
class Facts:
    """What code generation and launches need to know of a device.

    Attributes:
        sm: Compute capability, ten times its number.
        processors: Multiprocessors.
        name: Of the product.
    """

    sm: int
    processors: int
    name: str


class Memory(Protocol):
    """Working memory on a device, given back when the object goes; what was launched before may go on using it."""

    @property
    def pointer(self) -> int: ...


class Launchable(Protocol):
    """A kernel with its grid and the last words of its argument."""

    def __call__(self, head: Sequence[Any], stream: int | None, /) -> None:
        """Launch it.

        Args:
            head: The beginning of its argument: addresses, and numbers that go with a launch.
            stream: Handle of a stream of the device; ``None`` for the default one.

        Raises:
            struct.error, OverflowError: A number has no place in its format; nothing is launched.
            DriverError: The driver refuses.
        """


class Function(Protocol):
    """A kernel in a device's memory."""

    def bind(self, grid: tuple[int, int], block: tuple[int, int], head: str, words: Sequence[int]) -> Launchable:
        """Fix all but the first words of its argument.

        Args:
            grid: Blocks.
            block: Threads of each.
            head: How the first words are written, which are left open: a format for `struct` without a byte order.
            words: Those behind, of 64 bits, none below 0. All words are one structure.
        """


class Driver(Protocol):
    """The driver, on the primary contexts of its devices, which it shares with other libraries."""

    def facts(self, index: int) -> Facts:
        """Return what a device is."""

    def load(self, index: int, image: bytes, names: Sequence[str]) -> Mapping[str, Function]:
        """Load a module, and return its functions by name. It stays loaded as long as one of them is held."""

    def allocate(self, index: int, size: int, stream: int) -> Memory:
        """Return working memory, for use on one stream."""

    def order(self, index: int, stream: int, other: int) -> None:
        """Make a stream wait for what is on another one now; this process does not wait."""
