"""Array kinds: the one place that knows what an array is.

A kind tells where an array lives, describes it to a backend, and allocates one like it. NumPy's is the first; another
library's arrays become one more kind here, and neither a plan nor a backend changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from fuser_core.addresses import address
from fuser_core.backend import Device
from fuser_core.memory import empty

__all__ = ["ArrayKind", "NumPyArrays", "NumPyDesc", "default_kind", "is_numeric", "kind_of", "refusal"]

_CPU = Device("cpu")
_NUMERIC = frozenset("?bhilqBHILQefdFD")
"""Type characters of the dtypes of the contract: bool, the integers, float16 to float64, complex64, complex128."""

_PROTOCOLS = ("__array__", "__array_interface__", "__cuda_array_interface__", "__dlpack__", "__array_ufunc__")


class ArrayKind(Protocol):
    """How the core handles the arrays of one library."""

    def device(self, array: Any) -> Device:
        """Return the device that holds the array's memory."""

    def describe(self, array: Any) -> Any:
        """Return the `fuser_core.backend.ArrayDesc` of an array."""

    def allocate(self, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None) -> Any:
        """Return an uninitialised array whose axes vary in memory in ``order``, slowest first (``None``: C order)."""


class NumPyDesc:
    """A `numpy.ndarray` as a backend sees it."""

    __slots__ = ("array",)

    device = _CPU

    def __init__(self, array: np.ndarray[Any, np.dtype[Any]]) -> None:
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


class NumPyArrays:
    """`numpy.ndarray` and NumPy scalars of a numeric dtype."""

    def device(self, array: Any) -> Device:  # noqa: ARG002 - NumPy knows one device
        return _CPU

    def describe(self, array: Any) -> NumPyDesc:
        return NumPyDesc(array if type(array) is np.ndarray else np.asarray(array))

    def allocate(
        self, shape: Sequence[int], dtype: np.dtype[Any], order: Sequence[int] | None
    ) -> np.ndarray[Any, np.dtype[Any]]:
        if order is None:
            return empty(shape, dtype)
        return empty([shape[axis] for axis in order], dtype).transpose(np.argsort(order))


_NUMPY = NumPyArrays()


def default_kind(device: Device) -> ArrayKind:
    """Return the kind of the arrays that are made on a device when no argument tells."""
    assert device == _CPU, device
    return _NUMPY


def is_numeric(dtype: np.dtype[Any]) -> bool:
    """Say whether a dtype is one of the contract's."""
    return dtype.char in _NUMERIC


def kind_of(value: object) -> ArrayKind | None:
    """Return the kind of an array, or ``None`` when no kernel can take ``value``.

    Subclasses of `numpy.ndarray` have semantics of their own (masks, units, matrices), and object, string, datetime
    and structured arrays have no numbers that a kernel could compute with: none of them has a kind.
    """
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return _NUMPY if value.dtype.char in _NUMERIC else None
    return None


def refusal(value: object) -> str | None:
    """Return why no kernel takes something that looks like an array; ``None`` when it does not look like one."""
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, np.ndarray):
        if type(value) is not np.ndarray:
            return f"{name} is a subclass of ndarray with semantics of its own"
        return f"arrays of dtype {value.dtype} hold no numbers that a kernel can compute with"
    if isinstance(value, np.generic):
        return f"scalars of dtype {value.dtype} are no numbers that a kernel can compute with"
    if any(hasattr(type(value), protocol) for protocol in _PROTOCOLS):
        return f"{name} is an array of a library that fuser_core does not know"
    return None
