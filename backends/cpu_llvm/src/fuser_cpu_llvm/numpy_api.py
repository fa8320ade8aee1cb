"""NumPy's C-API, as machine code needs it: where an array keeps what, and where functions are."""

from __future__ import annotations

import ctypes
import functools
import importlib
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["FIELDS", "dtype_word", "fields_are_right", "numpy_function"]

_HEAD = object.__basicsize__

FIELDS: Mapping[str, int] = MappingProxyType(
    {
        "ob_type": _HEAD - 8,
        "data": _HEAD,
        "nd": _HEAD + 8,
        "dimensions": _HEAD + 16,
        "strides": _HEAD + 24,
        "descr": _HEAD + 40,
        "dtype": _HEAD + 8,
    }
)
"""Bytes from the beginning of an array to its fields (``PyArrayObject_fields`` in NumPy's ``ndarraytypes.h``).

``dtype`` is the place in a descriptor (``_PyArray_Descr``) of kind, type, byte order and number, eight bytes together:
equal descriptors, of which there may be many, are equal there.
"""

_SLOTS: Mapping[str, int] = MappingProxyType({"PyArray_Return": 76, "PyArray_New": 93})
"""Places in NumPy's table of functions; they are part of its ABI."""

Array = np.ndarray[Any, np.dtype[Any]]


@functools.cache
def fields_are_right() -> bool:
    """Say whether the fields of arrays are where they are expected; another NumPy, or Python, may differ."""
    probes = (np.arange(24.0).reshape(2, 3, 4)[:, ::-1, 1:], np.zeros((), np.int8), np.ones((3, 0), ">f4"))
    scalars = [np.dtype(character).type(1) for character in "?bhilqBHILQefdFD"]
    return all(map(_reads_right, probes)) and all(map(_holds_its_value, scalars))


def _holds_its_value(probe: np.generic) -> bool:
    """Say whether a scalar's value lies where an array's data pointer does, directly behind the object's head."""
    return ctypes.string_at(id(probe) + FIELDS["data"], probe.nbytes) == probe.tobytes()


def _reads_right(probe: Array) -> bool:
    def word(name: str) -> int:
        return ctypes.c_ssize_t.from_address(id(probe) + FIELDS[name]).value

    facts = (word("ob_type"), word("data"), word("descr"), ctypes.c_int.from_address(id(probe) + FIELDS["nd"]).value)
    if facts != (id(np.ndarray), probe.ctypes.data, id(probe.dtype), probe.ndim):
        return False
    for name, expected in (("dimensions", probe.shape), ("strides", probe.strides)):
        if expected and tuple((ctypes.c_ssize_t * probe.ndim).from_address(word(name))) != expected:
            return False
    dtype = probe.dtype
    found = struct.unpack("cccxi", struct.pack("q", dtype_word(dtype)))
    return found == (dtype.kind.encode(), dtype.char.encode(), dtype.byteorder.encode(), dtype.num)


def dtype_word(dtype: np.dtype[Any]) -> int:
    """Return the eight bytes that tell a dtype from others."""
    return ctypes.c_int64.from_address(id(dtype) + FIELDS["dtype"]).value


@functools.cache
def numpy_function(name: str) -> int:
    """Return the address of a function of NumPy's C-API."""
    core = importlib.import_module("numpy._core._multiarray_umath")
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    get = pointer(("PyCapsule_GetPointer", ctypes.pythonapi))
    table = get(core._ARRAY_API, None)  # noqa: SLF001 - what every extension module reads
    return ctypes.c_size_t.from_address(table + ctypes.sizeof(ctypes.c_void_p) * _SLOTS[name]).value
