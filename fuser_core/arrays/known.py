"""Known arrays: which kind an object is of, found by its type without importing the library that it belongs to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import ArrayKind, DeviceDesc
from fuser_core.arrays.dtypes import is_bfloat16

__all__ = ["by_type", "described", "find_kind", "is_numeric", "located", "refusal", "register_array_kind", "registered"]

_NUMERIC = frozenset("?bhilqBHILQefdFD")
"""Type characters of NumPy's dtypes of the contract: bool, the integers, float16 to float64, complex64, complex128."""


_PROTOCOLS = ("__array__", "__array_interface__", "__cuda_array_interface__", "__dlpack__", "__array_ufunc__")

_OWN = {
    "cupy": ("cupy", "cupy_arrays", "CuPyArrays"),
    "fuser_core": ("fuser_core.arrays.lent_array", "lent_arrays", "LentArrays"),
    "jax": ("jax", "jax_arrays", "JAXArrays"),
    "jaxlib": ("jax", "jax_arrays", "JAXArrays"),
    "numba": ("numba.cuda", "numba_arrays", "NumbaArrays"),
    "pycuda": ("pycuda.gpuarray", "pycuda_arrays", "PyCUDAArrays"),
    "torch": ("torch", "torch_tensors", "TorchTensors"),
}
"""By the first part of a type's module: the library's module that has arrays, and the module here with its class.

It is loaded when such a type is met; the library's must have been by then."""

_SEMANTICS = frozenset({"cupy", "jax", "jaxlib", "numba", "numpy", "pycuda", "torch"})
"""Libraries of whose arrays those that are not taken, subclasses above all, have semantics of their own."""

_MOST_TYPES = 1024

_kinds: tuple[ArrayKind, ...] = ()
by_type: dict[type, ArrayKind | None] = {}
"""The kinds of arrays of the types that were met so far; ``None`` for what is no array on a device."""


def register_array_kind(kind: ArrayKind) -> None:
    """Make the arrays of a library known. The kind that was registered last is asked first."""
    global _kinds  # noqa: PLW0603 - one list per process is the point
    _kinds = (kind, *_kinds)
    by_type.clear()


@contextlib.contextmanager
def registered(kind: ArrayKind) -> Iterator[None]:
    """Make the arrays of a library known inside a ``with`` block."""
    global _kinds  # noqa: PLW0603 - see `register_array_kind`
    before = _kinds
    register_array_kind(kind)
    try:
        yield
    finally:
        _kinds = before
        by_type.clear()


def is_numeric(dtype: np.dtype[Any]) -> bool:
    """Say whether a dtype is one of the contract's."""
    return dtype.char in _NUMERIC or is_bfloat16(dtype)


def located(value: object) -> DeviceDesc | None:
    """Return where an array on a device lies; ``None`` for anything that is none, or that no kernel can take."""
    type_ = type(value)
    if type_ is DeviceDesc:
        return value  # type: ignore[return-value]
    try:
        kind = by_type[type_]
    except KeyError:
        kind = find_kind(type_)
    if kind is None:
        return None
    desc = kind.describe(value)
    return desc if type(desc) is DeviceDesc and (desc.dtype.char in _NUMERIC or is_numeric(desc.dtype)) else None


def described(value: object) -> Any:
    """Return something with the dtype, sizes and strides of an array; ``None`` when no kernel can take ``value``.

    A NumPy array or scalar is it itself. Subclasses of `numpy.ndarray` have semantics of their own (masks, units,
    matrices), and object, string, datetime and structured arrays have no numbers that a kernel could compute with.
    """
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value if value.dtype.char in _NUMERIC else None
    return located(value)


def refusal(value: object) -> str | None:
    """Return why no kernel takes something that looks like an array; ``None`` when it does not look like one."""
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, np.ndarray):
        if type(value) is not np.ndarray:
            return f"{name} is a subclass of ndarray with semantics of its own"
        if is_bfloat16(value.dtype):
            return "arrays of dtype bfloat16 are taken on devices only; NumPy itself computes with those on the host"
        return f"arrays of dtype {value.dtype} hold no numbers that a kernel can compute with"
    if isinstance(value, np.generic):
        return f"scalars of dtype {value.dtype} are no numbers that a kernel can compute with"
    kind = find_kind(type(value))
    if kind is not None:
        desc = kind.describe(value)
        if isinstance(desc, DeviceDesc):
            return f"arrays of dtype {desc.dtype} hold no numbers that a kernel can compute with"
        return desc.reason
    if any(hasattr(type(value), protocol) for protocol in _PROTOCOLS):
        return f"{name} {_stranger(type(value))}"
    return None


def _stranger(type_: type) -> str:
    """Return why an array of no kind is not taken."""
    for base in type_.__mro__[1:]:
        if find_kind(base) is not None:
            return f"is a subclass of {base.__module__}.{base.__qualname__} with semantics of its own"
    if hasattr(type_, "__dlpack__") and not hasattr(type_, "__dlpack_device__"):
        return "has __dlpack__ and no __dlpack_device__, so nobody knows where it is"
    return "is an array of a library that fuser_core does not know"


def find_kind(type_: type) -> ArrayKind | None:
    """Return the kind of the arrays of a type."""
    if type_ not in by_type:
        found = next((kind for kind in _kinds if kind.takes(type_)), None)
        if found is None:
            own = _own_kind(type_)
            found = own if own is not None and own.takes(type_) else _of_protocol(type_)
        if len(by_type) >= _MOST_TYPES:
            by_type.clear()
        by_type[type_] = found
        return found
    return by_type[type_]


def _own_kind(type_: type) -> ArrayKind | None:
    place = _OWN.get(_library(type_))
    if place is None or place[0] not in sys.modules:
        return None
    _, module, name = place
    kind: ArrayKind = getattr(import_module(f"fuser_core.arrays.{module}"), name)()
    return kind


def _of_protocol(type_: type) -> ArrayKind | None:
    """Return the kind of the arrays of a type that is known by a protocol only, if it has one."""
    shows, interface = hasattr(type_, "__dlpack__"), hasattr(type_, "__cuda_array_interface__")
    shows = shows and hasattr(type_, "__dlpack_device__")
    if not (shows or interface) or any(_library(base) in _SEMANTICS for base in type_.__mro__):
        return None
    from fuser_core.arrays.produced_arrays import DLPackArrays, InterfaceArrays

    return DLPackArrays(type_) if shows else InterfaceArrays(type_)


def _library(type_: type) -> str:
    """Return the first part of a type's module."""
    return str(type_.__module__).partition(".")[0]
