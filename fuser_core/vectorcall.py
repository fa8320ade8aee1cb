"""A base class whose instances can be called through one C function, without a frame of Python in between.

CPython calls an object of a type with a vectorcall slot through a pointer in the object (PEP 590). Such a type is made
here without a compiler, through the C-API; machine code of a backend then serves the calls that it knows.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

__all__ = ["TABLE", "VectorcallBase", "call_by_slot", "set_entry"]

_HEAD = object.__basicsize__
_POINTER = ctypes.sizeof(ctypes.c_void_p)

TABLE = _HEAD + _POINTER
"""Where an instance holds the address of what its C function may need, in bytes from its beginning."""

# From CPython's headers: slot numbers are part of the stable ABI, as are the flags of a type and of a member.
_TP_CALL, _TP_MEMBERS = 50, 72
_DEFAULT, _BASETYPE, _HAVE_VECTORCALL = 1 << 18, 1 << 10, 1 << 11
_FLAGS = _HEAD + 19 * _POINTER
"""Where a type holds its flags: behind its size, its name and seventeen words more."""

_T_PYSSIZET, _READONLY = 19, 1


class _Member(ctypes.Structure):
    """``PyMemberDef``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("offset", ctypes.c_ssize_t),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class _Slot(ctypes.Structure):
    """``PyType_Slot``."""

    _fields_ = (("slot", ctypes.c_int), ("function", ctypes.c_void_p))


class _Spec(ctypes.Structure):
    """``PyType_Spec``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("basicsize", ctypes.c_int),
        ("itemsize", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("slots", ctypes.c_void_p),
    )


def _make_base() -> type:
    """Return the class; an ordinary one where there is no C-API."""
    if sys.implementation.name != "cpython":
        return type("VectorcallBase", (), {})
    call = ctypes.cast(ctypes.pythonapi.PyVectorcall_Call, ctypes.c_void_p)
    members = (_Member * 2)(_Member(b"__vectorcalloffset__", _T_PYSSIZET, _HEAD, _READONLY, None))
    slots = (_Slot * 3)(
        _Slot(_TP_CALL, call.value),
        _Slot(_TP_MEMBERS, ctypes.addressof(members)),
    )
    flags = _DEFAULT | _BASETYPE | _HAVE_VECTORCALL
    spec = _Spec(b"fuser_core.vectorcall.VectorcallBase", TABLE + _POINTER, 0, flags, ctypes.addressof(slots))
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.POINTER(_Spec))(("PyType_FromSpec", ctypes.pythonapi))
    made: type = make(ctypes.byref(spec))
    _kept.append((members, slots, spec))
    return made


_kept: list[Any] = []
"""What the type points to."""

if TYPE_CHECKING:

    class VectorcallBase:
        """The base class."""

        __call__: Any

else:
    VectorcallBase = _make_base()


def call_by_slot(kind: type) -> None:
    """Have instances of a class called through the slot at once, as those of a class made in C.

    A class made by Python goes a longer way, since somebody might give it another ``__call__``: a quarter of a call.
    Its flags are changed only where they are found; elsewhere it stays as it is.

    Args:
        kind: A class derived from `VectorcallBase` whose ``__call__`` is the slot's.
    """
    if sys.implementation.name != "cpython":
        return
    read = ctypes.PYFUNCTYPE(ctypes.c_ulong, ctypes.py_object)(("PyType_GetFlags", ctypes.pythonapi))
    flags = ctypes.c_ulong.from_address(id(kind) + _FLAGS)
    if all(ctypes.c_ulong.from_address(id(each) + _FLAGS).value == read(each) for each in (kind, int, dict, type)):
        flags.value |= _HAVE_VECTORCALL
        ctypes.PYFUNCTYPE(None, ctypes.py_object)(("PyType_Modified", ctypes.pythonapi))(kind)


def set_entry(instance: VectorcallBase, function: int, table: int) -> None:
    """Let a C function serve the calls of an instance, if its class leaves them to the slot.

    Args:
        instance: Of a class derived from `VectorcallBase`.
        function: Address of a ``vectorcallfunc``.
        table: An address for it.
    """
    for offset, word in ((TABLE, table), (_HEAD, function)):
        ctypes.c_size_t.from_address(id(instance) + offset).value = word
