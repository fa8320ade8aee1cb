"""How numbers lie in memory and in registers: a dtype's types in CUDA C++, and the conversions between them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen

__all__ = ["BFLOAT16", "HALF", "Storage", "literal", "storage"]

HALF = "float16"
BFLOAT16 = "bfloat16"
"""The name of the dtype that the package `ml_dtypes` brings."""


@frozen
class Storage:
    """What a dtype is.

    Attributes:
        memory: The type of an element of an array.
        register: The type of a number that is computed with.
        load: Format of an expression: what an element is as a number.
        store: Format of an expression: what a number is as an element.
        rounded: Format of an expression: a result of an operation as the nearest number of the dtype.
    """

    memory: str
    register: str
    load: str = "{}"
    store: str = "{}"
    rounded: str = "{}"


@functools.cache
def storage(dtype: DType) -> Storage:
    """Return what a dtype is."""
    if dtype.kind == "b":
        return Storage("u8", "bool", "{} != 0", "u8({})")
    if dtype.kind in "iu":
        name = f"{dtype.kind}{8 * dtype.itemsize}"
        return Storage(name, name)
    if dtype.kind == "c":
        name = f"Complex<f{4 * dtype.itemsize}>"
        return Storage(name, name)
    if dtype.name == HALF:
        return Storage("u16", "f32", "half_to_float({})", "float_to_half({})", "round_to_half({})")
    if dtype.name == BFLOAT16:
        return Storage("u16", "f32", "bfloat_to_float({})", "float_to_bfloat({})", "round_to_bfloat({})")
    name = f"f{8 * dtype.itemsize}"
    return Storage(name, name)


def literal(value: np.generic) -> str:
    """Write a number of the program as a number in registers, bit by bit."""
    dtype = value.dtype
    if dtype.kind == "b":
        return "true" if value else "false"
    if dtype.kind in "iu":
        return _whole(int(value), dtype)
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        return f"complex_of({_real(value.real, part)}, {_real(value.imag, part)})"
    return _real(value, dtype)


def _whole(number: int, dtype: DType) -> str:
    name = storage(dtype).register
    if dtype.kind == "u":
        return f"{name}({number}ull)" if number >> 31 else f"{name}({number})"
    if number == np.iinfo(np.int64).min:
        return f"{name}(-{np.iinfo(np.int64).max}ll - 1)"
    return f"{name}({number}ll)" if abs(number) >> 31 else f"{name}({number})"


def _real(value: Any, dtype: DType) -> str:
    """Write a float; in decimal where that is short, else as the hexadecimal number that it is."""
    double = dtype.itemsize == 8
    number = float(value)
    if not math.isfinite(number) or (number == 0.0 and math.copysign(1.0, number) < 0.0):
        single = np.asarray(value).astype(np.float64 if double else np.float32)
        bits = int(single.view(np.uint64 if double else np.uint32))
        return f"__longlong_as_double(i64({bits:#x}ull))" if double else f"__int_as_float(i32({bits:#x}u))"
    text = repr(number)
    if float(text) != number or len(text) > 8 or "e" in text:
        return f"{number.hex()}{'' if double else 'f'} /* {number!r} */"
    return f"{text}{'' if double else 'f'}"
