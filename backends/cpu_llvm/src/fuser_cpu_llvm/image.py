"""Object code that gets into memory without LLVM, whose import takes longer than all else that a first call does."""

from __future__ import annotations

import ctypes
import functools
import mmap
import platform
import sys
import weakref
from typing import Any

from fuser_cpu_llvm.libraries import outside_address
from fuser_cpu_llvm.objects import ObjectFile, UnmappableError

__all__ = ["MAPPABLE", "Image"]

MAPPABLE = sys.platform == "linux" and platform.machine() == "x86_64"
"""Whether this system is one whose object code can be put into memory here."""


class Image:
    """Machine code in memory. While one of its functions may run, keep the object."""

    def __init__(self, code: bytes) -> None:
        """Put object code into memory.

        Raises:
            UnmappableError: The code is of another kind, or the system is.
        """
        if not MAPPABLE:
            raise UnmappableError("code is mapped on Linux for x86-64 only")
        file = ObjectFile(code)
        base = self._reserve(file.size)
        content, self._addresses = file.link(base, outside_address)
        ctypes.memmove(base, content, file.size)
        if _system().mprotect(base, file.size, mmap.PROT_READ | mmap.PROT_EXEC):
            raise UnmappableError("the system lets no memory become code that was written to")

    def address(self, name: str) -> int:
        """Return the address of one of its functions.

        Raises:
            KeyError: It has none of that name.
        """
        return self._addresses[name]

    def _reserve(self, size: int) -> int:
        access, kind = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        base = _system().mmap(None, size, access, kind, -1, 0)
        if base == ctypes.c_void_p(-1).value:
            raise UnmappableError(f"the system gives no {size} bytes of memory")
        # Not when Python ends: threads of the pool are inside the code for as long as the process lives.
        weakref.finalize(self, _system().munmap, base, size).atexit = False
        return int(base)


@functools.cache
def _system() -> Any:
    """Return the functions of the C library that reserve memory and change its access."""
    library: Any = ctypes.CDLL(None)
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    library.mmap.restype = pointer
    library.mmap.argtypes = (pointer, size, number, number, number, ctypes.c_long)
    library.munmap.argtypes = (pointer, size)
    library.mprotect.argtypes = (pointer, size, number)
    return library
