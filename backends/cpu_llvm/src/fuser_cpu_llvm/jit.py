"""From the text of LLVM IR to machine code in this process."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import sys
from typing import Any

import llvmlite.binding as llvm

__all__ = ["Machine", "assembly"]

_LIBM_FUNCTIONS = ("sin", "cos", "tan", "fmod", "fmodf")


class Machine:
    """Machine code of one module. It owns its engine: while a function may run, keep the object.

    Args:
        text: LLVM IR of the module.

    Raises:
        RuntimeError: The text is no valid IR; a defect of this package.
    """

    def __init__(self, text: str) -> None:
        _prepare()
        module = llvm.parse_assembly(text)
        self._engine = llvm.create_mcjit_compiler(module, _target_machine())
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Address of a function of the module."""
        return int(self._engine.get_function_address(name))


def assembly(text: str) -> str:
    """Assemble the text of a module for this processor, for people to read."""
    _prepare()
    return str(_target_machine().emit_assembly(llvm.parse_assembly(text)))


@functools.cache
def _prepare() -> None:
    """Initialise LLVM for this processor and tell it where the C library's functions are.

    Twice does no harm, so threads that come here together need no lock.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    library = _c_mathematics()
    for name in _LIBM_FUNCTIONS:
        # A prefix of our own: LLVM knows what `sin` is, and would fold or split such a call.
        llvm.add_symbol(f"fuser.libm.{name}", ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


def _c_mathematics() -> ctypes.CDLL:
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    return ctypes.CDLL(ctypes.util.find_library("m") if sys.platform == "darwin" else None)


def _target_machine() -> Any:
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2, reloc="default", jit=True
    )
