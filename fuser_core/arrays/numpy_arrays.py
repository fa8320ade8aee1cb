"""NumPy's arrays: how a program describes, allocates and looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from fuser_core.addresses import address
from fuser_core.axes import look
from fuser_core.backend import ArrayDesc, Device
from fuser_core.layout import same_memory
from fuser_core.memory import empty
from fuser_core.plan import View

__all__ = ["NUMPY", "Memory", "NumPyArrays", "NumPyDesc"]

Array = np.ndarray[Any, np.dtype[Any]]

_CPU = Device("cpu")


class Memory(Protocol):
    """What a program does with the arrays of a call, wherever they live. Between kernels they are in its registers."""

    def describe(self, array: Any) -> ArrayDesc:
        """Return what a backend is given for an array."""

    def describe_result(self, array: Any) -> ArrayDesc:
        """Return the same for an array to write to: what the backend does to the array object stays with it."""

    def allocate(self, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None) -> Any:
        """Return an uninitialised array whose axes vary in memory in ``order``, slowest first (``None``: C order)."""

    def look(self, array: Any, view: View) -> Any:
        """Return a view of an array."""

    def reshape(self, array: Any, shape: tuple[int, ...] | None) -> Any:
        """Return an array in another shape, a view where memory allows it; ``None``: flat and without gaps."""

    def part(self, array: Any, axis: int, start: int, stop: int) -> Any:
        """Return a range along an axis."""

    def copy(self, target: Any, source: Any) -> None:
        """Write an array into another of its dtype and shape."""

    def fetch(self, array: Any) -> Any:
        """Return an array whose elements the host can read."""

    def may_share(self, left: Any, right: Any) -> bool:
        """Say whether two arrays could have memory in common."""

    def same(self, left: Any, right: Any) -> bool:
        """Say whether two arrays are the very same elements in the same order."""


class NumPyDesc:
    """A `numpy.ndarray` as a backend sees it."""

    __slots__ = ("array",)

    device = _CPU
    stream = None

    def __init__(self, array: Array) -> None:
        self.array = array

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.array.shape
        return shape

    @property
    def strides(self) -> tuple[int, ...]:
        return self.array.strides

    @property
    def pointer(self) -> int:
        return address(self.array)

    @property
    def read_only(self) -> bool:
        return not self.array.flags.writeable


class NumPyArrays:
    """The memory of `numpy.ndarray` and of NumPy scalars; see `Memory`."""

    def describe(self, array: Any) -> NumPyDesc:
        return NumPyDesc(array if type(array) is np.ndarray else np.asarray(array))

    def describe_result(self, array: Any) -> NumPyDesc:
        return NumPyDesc(array.view())

    def allocate(self, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None) -> Array:
        if order is None:
            return empty(shape, dtype)
        return empty([shape[axis] for axis in order], dtype).transpose(np.argsort(order))

    def look(self, array: Any, view: View) -> Any:
        return look(array, view.indices, view.axes)

    def reshape(self, array: Any, shape: tuple[int, ...] | None) -> Any:
        return array.ravel() if shape is None else array.reshape(shape)

    def part(self, array: Any, axis: int, start: int, stop: int) -> Any:
        return array[(*(slice(None),) * axis, slice(start, stop))]

    def copy(self, target: Any, source: Any) -> None:
        target[...] = source

    def fetch(self, array: Any) -> Any:
        return array

    def may_share(self, left: Any, right: Any) -> bool:
        return isinstance(left, np.ndarray) and np.may_share_memory(left, right)

    def same(self, left: Any, right: Any) -> bool:
        return same_memory(left, right)


NUMPY = NumPyArrays()
"""The memory of every call whose arrays are NumPy's."""
