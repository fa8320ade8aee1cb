"""From the text of LLVM IR to object code, and from object code to functions in this process."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm

from fuser_cpu_llvm.host import host_target
from fuser_cpu_llvm.libraries import mathematics_addresses

__all__ = ["Linked", "assemble", "assembly"]

_numbers = itertools.count()


class Linked:
    """Machine code in memory, of any kind that LLVM can link. While one of its functions may run, keep the object."""

    def __init__(self, code: bytes, names: Sequence[str]) -> None:
        """Load object code.

        Args:
            code: What `assemble` returned, in this process or another.
            names: Functions whose addresses will be asked for.

        Raises:
            RuntimeError: It is no object code, or lacks a function.
        """
        builder = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name, address in mathematics_addresses().items():
            builder.import_symbol(name, address)
        for name in names:
            builder.export_symbol(name)
        self._library = builder.link(_linker(), f"fuser{next(_numbers)}")
        _hold_while_forking()

    def address(self, name: str) -> int:
        """Return the address of one of the functions named at loading."""
        return int(self._library[name])


def assemble(text: str) -> bytes:
    """Return the object code of a module for this processor.

    Raises:
        RuntimeError: The text is no valid IR; a defect of this package.
    """
    code: bytes = _code_generator().emit_object(llvm.parse_assembly(text))
    _hold_while_forking()  # not earlier: a fork that held LLVM's lock would wait for this very compilation
    return code


def assembly(text: str) -> str:
    """Assemble the text of a module for this processor, for people to read: with LLVM's remarks."""
    machine = _target_machine()
    machine.set_asm_verbosity(True)
    return str(machine.emit_assembly(llvm.parse_assembly(text)))


@functools.cache
def _hold_while_forking() -> None:
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
    return llvm.create_lljit_compiler(_target_machine())


@functools.cache
def _code_generator() -> Any:
    """Return what makes all object code of this process: making it, and its tables, takes 2 ms."""
    return _target_machine()


def _target_machine() -> Any:
    _prepare()
    target = llvm.Target.from_default_triple()
    cpu, features = host_target()
    return target.create_target_machine(cpu=cpu, features=features, opt=2, reloc="default", jit=True)
