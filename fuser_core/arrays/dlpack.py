"""DLPack: capsules that say where a tensor lies, read and made without another library.

The structures are those of DLPack before version 1.0, which every library takes and gives unless asked for another.
"""

from __future__ import annotations

import atexit
import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p
from typing import Any

import numpy as np

from fuser_core.arrays.dtypes import bfloat16, is_bfloat16
from fuser_core.records import frozen

__all__ = ["CPU", "CUDA", "CUDA_HOST", "CUDA_MANAGED", "Tensor", "export", "read"]

CPU = 1
CUDA = 2
CUDA_HOST = 3
CUDA_MANAGED = 13
"""Types of devices, as DLPack numbers them."""

_NAME = b"dltensor"
_BFLOAT = 4
_CODES = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}
_KINDS = {code: kind for kind, code in _CODES.items()}


class _Device(Structure):
    _fields_ = (("type", c_int32), ("index", c_int32))


class _DType(Structure):
    _fields_ = (("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16))


class _Tensor(Structure):
    _fields_ = (
        ("data", c_void_p),
        ("device", _Device),
        ("ndim", c_int32),
        ("dtype", _DType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    )


class _Managed(Structure):
    _fields_ = (("tensor", _Tensor), ("context", c_void_p), ("deleter", c_void_p))


def _function(name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of Python's own, with a prototype that is nobody else's."""
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


_is_valid = _function("PyCapsule_IsValid", c_int, ctypes.py_object, c_char_p)
_content = _function("PyCapsule_GetPointer", c_void_p, ctypes.py_object, c_char_p)
_new = _function("PyCapsule_New", ctypes.py_object, c_void_p, c_char_p, c_void_p)
# For a capsule that is being destroyed: nobody may take a reference to it any more.
_is_dying_valid = _function("PyCapsule_IsValid", c_int, c_void_p, c_char_p)
_dying_content = _function("PyCapsule_GetPointer", c_void_p, c_void_p, c_char_p)

_lent: dict[int, tuple[_Managed, Any, Any, object]] = {}
"""By the address of what a capsule holds: that, its sizes, its strides, and what keeps the memory."""


@frozen
class Tensor:
    """What a capsule says.

    Attributes:
        pointer: Address of the first element.
        dtype: ``None`` where NumPy has none.
        named: The dtype in words.
        shape: Sizes.
        strides: In bytes.
    """

    pointer: int
    dtype: np.dtype[Any] | None
    named: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read(capsule: Any) -> Tensor:
    """Return what is in a capsule; the memory is there as long as the capsule is.

    Raises:
        BufferError: It is no capsule of a tensor, or somebody else has taken what was in it.
    """
    if not _is_valid(capsule, _NAME):
        raise BufferError(f"{capsule!r} holds no tensor of DLPack that is not taken yet")
    tensor = _Managed.from_address(_content(capsule, _NAME)).tensor
    shape = tuple(tensor.shape[: tensor.ndim])
    code, bits, lanes = tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes
    step, strides = bits * lanes // 8, []
    for size in reversed(shape):
        strides.append(step)
        step *= size
    dense = tuple(reversed(strides))
    own = tuple([stride * (bits // 8) for stride in tensor.strides[: tensor.ndim]]) if tensor.strides else dense
    pointer = (tensor.data or 0) + tensor.byte_offset
    named = f"{'bfloat' if code == _BFLOAT else _KINDS.get(code, code)}{bits}{f' by {lanes}' if lanes > 1 else ''}"
    return Tensor(pointer, _dtype(code, bits, lanes), named, shape, own)


def export(
    device: tuple[int, int],
    pointer: int,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *,
    keeper: object,
) -> Any:
    """Return a capsule.

    Args:
        device: Its type and number.
        pointer: Address of the first element.
        dtype: One that DLPack has.
        shape: Sizes.
        strides: In bytes.
        keeper: Is let go of when whoever takes the capsule is done with the memory, or nobody takes it.
    """
    rank = len(shape)
    sizes, steps = (c_int64 * rank)(*shape), (c_int64 * rank)(*[stride // dtype.itemsize for stride in strides])
    managed = _Managed()
    tensor = managed.tensor
    tensor.data, tensor.ndim = pointer, rank
    tensor.device.type, tensor.device.index = device
    tensor.dtype.code = _BFLOAT if is_bfloat16(dtype) else _CODES[dtype.kind]
    tensor.dtype.bits, tensor.dtype.lanes = dtype.itemsize * 8, 1
    tensor.shape, tensor.strides = ctypes.cast(sizes, POINTER(c_int64)), ctypes.cast(steps, POINTER(c_int64))
    managed.deleter = ctypes.cast(_deleter, c_void_p).value
    address = ctypes.addressof(managed)
    _lent[address] = managed, sizes, steps, keeper
    return _new(address, _NAME, ctypes.cast(_destructor, c_void_p).value)


def _dtype(code: int, bits: int, lanes: int) -> np.dtype[Any] | None:
    if lanes != 1 or bits % 8:
        return None
    if code == _BFLOAT:
        return bfloat16() if bits == 16 else None
    try:
        return np.dtype(f"{_KINDS[code]}{bits // 8}") if code != _CODES["b"] else np.dtype(bool)
    except (KeyError, TypeError):
        return None


def _delete(address: int, lent: dict[int, Any] = _lent) -> None:
    """Take back what a capsule held; called by whoever took it, on any thread."""
    lent.pop(address, None)


def _destroy(  # its defaults outlive this module, of which nothing may be left when Python ends
    capsule: int,
    name: bytes = _NAME,
    lent: dict[int, Any] = _lent,
    is_valid: Any = _is_dying_valid,
    content: Any = _dying_content,
) -> None:
    """Take back what is in a capsule that nobody took."""
    if is_valid(capsule, name):
        lent.pop(content(capsule, name), None)


_deleter = ctypes.CFUNCTYPE(None, c_void_p)(_delete)
_destructor = ctypes.PYFUNCTYPE(None, c_void_p)(_destroy)
_nothing = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, c_void_p).value
"""A function that does nothing, and may be called when there is no Python any more."""

for _each in (_NAME, _lent, _deleter, _destructor):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_each))  # capsules and what was in them may outlive the module


@atexit.register
def _leave() -> None:
    """Let whoever gives memory back after the end of Python do so to nobody."""
    for managed, *_ in list(_lent.values()):
        managed.deleter = _nothing
