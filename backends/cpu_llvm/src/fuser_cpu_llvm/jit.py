"""From the text of LLVM IR to object code, and from object code to functions in this process."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import llvmlite.binding as llvm

__all__ = ["Loaded", "assemble", "assembly", "hold_while_forking"]

_numbers = itertools.count()
_LIBM_FUNCTIONS = ("sin", "cos", "tan", "fmod", "fmodf")


class Loaded:
    """Machine code in memory. While one of its functions may run, keep the object."""

    def __init__(self, code: bytes, names: Sequence[str]) -> None:
        """Load object code.

        Args:
            code: What `assemble` returned, in this process or another.
            names: Functions whose addresses will be asked for.

        Raises:
            RuntimeError: It is no object code, or lacks a function.
        """
        builder = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name, address in _imports().items():
            builder.import_symbol(name, address)
        for name in names:
            builder.export_symbol(name)
        self._library = builder.link(_linker(), f"fuser{next(_numbers)}")

    def address(self, name: str) -> int:
        """Return the address of one of the functions named at loading."""
        return int(self._library[name])


def assemble(text: str) -> bytes:
    """Return the object code of a module for this processor.

    Raises:
        RuntimeError: The text is no valid IR; a defect of this package.
    """
    _prepare()
    code: bytes = _target_machine().emit_object(llvm.parse_assembly(text))
    return code


def assembly(text: str) -> str:
    """Assemble the text of a module for this processor, for people to read."""
    _prepare()
    return str(_target_machine().emit_assembly(llvm.parse_assembly(text)))


@functools.cache
def hold_while_forking() -> None:
    """From now on let a fork wait until no thread is inside LLVM, where it may give back memory at any time.

    llvmlite's lock would stay locked in the child for ever, and LLVM's own state be that of half a call.
    """
    lock: Any = getattr(llvm.ffi.lib, "_lock", None)  # llvmlite offers no other way to take it
    held: list[bool] = []

    def hold() -> None:
        lock.__enter__()
        held.append(True)

    def release() -> None:
        if held:  # else this was registered by one thread while another was forking
            held.pop()
            lock.__exit__()

    if lock is not None and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=hold, after_in_parent=release, after_in_child=release)


@functools.cache
def _prepare() -> None:
    """Initialise LLVM for this processor. Twice does no harm, so threads that come here together need no lock."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@functools.cache
def _linker() -> Any:
    """Return what loads all object code of this process."""
    _prepare()
    return llvm.create_lljit_compiler(_target_machine())


@functools.cache
def _imports() -> Mapping[str, int]:
    """Return the addresses of the C library's functions, under names of our own.

    LLVM knows what `sin` is, and would fold or split a call of it.
    """
    library = _c_mathematics()
    addresses = {name: ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0 for name in _LIBM_FUNCTIONS}
    return {f"fuser.libm.{name}": address for name, address in addresses.items()}


def _c_mathematics() -> ctypes.CDLL:
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    return ctypes.CDLL(ctypes.util.find_library("m") if sys.platform == "darwin" else None)


def _target_machine() -> Any:
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2, reloc="default", jit=True
    )
