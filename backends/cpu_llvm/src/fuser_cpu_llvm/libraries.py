"""Where compiled code finds the functions of the C library that it calls."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Mapping
from types import MappingProxyType

from fuser_cpu_llvm.objects import UnmappableError

__all__ = ["mathematics_addresses", "outside_address"]

_MATHEMATICS = ("sin", "cos", "tan", "fmod", "fmodf")


@functools.cache
def mathematics_addresses() -> Mapping[str, int]:
    """Return the addresses of the C library's functions, under names of our own.

    LLVM knows what `sin` is, and would fold or split a call of it.
    """
    library = _c_mathematics()
    return MappingProxyType({f"fuser.libm.{name}": _address(library, name) for name in _MATHEMATICS})


def outside_address(name: str) -> int:
    """Return the address of a function that code calls without having it: one of ours, or one of this process.

    Raises:
        UnmappableError: There is none.
    """
    own = mathematics_addresses().get(name)
    if own is not None:
        return own
    try:
        return _address(_process(), name)
    except AttributeError as error:
        raise UnmappableError(f"there is no function {name!r} in this process") from error


def _address(library: ctypes.CDLL, name: str) -> int:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


@functools.cache
def _process() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _c_mathematics() -> ctypes.CDLL:
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    if sys.platform == "darwin":
        from ctypes.util import find_library  # which imports much

        return ctypes.CDLL(find_library("m"))
    return _process()
