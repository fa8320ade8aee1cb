"""Half precision: in memory sixteen bits, in registers single precision that is rounded after every operation.

Single precision holds every product, sum, quotient and root of two halves so well that rounding its result once more
gives the correctly rounded half. Where the processor has no conversions, integer arithmetic does them: LLVM would call
functions of a run-time library that this process may not have.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from fuser_cpu_llvm.floats import extremum
from fuser_cpu_llvm.ir import Code, Vector

__all__ = ["DTYPE", "EXACT", "OWN", "narrowed", "rounded", "widened"]

DTYPE = np.dtype(np.float16)

EXACT = frozenset(
    """
    negative positive absolute fabs sign floor ceil trunc rint copysign heaviside conjugate maximum minimum fmax fmin
    where modf frexp nextafter spacing cast
    """.split()
)
"""Operations whose results are halves already."""


def widened(code: Code, bits: Vector) -> Vector:
    """The numbers of sixteen bits each, in single precision."""
    if _has_conversions():
        return code.convert("fpext", code.convert("bitcast", bits, "half"), "float")
    wide = code.convert("zext", bits, "i32")
    sign = code.binary("shl", code.binary("and", wide, _bits(code, 0x8000)), _bits(code, 16))
    magnitude = code.binary("shl", code.binary("and", wide, _bits(code, 0x7FFF)), _bits(code, 13))
    # As a float these are 2**112 times too small, subnormal numbers included.
    scaled = code.binary("fmul", code.convert("bitcast", magnitude, "float"), code.real(2.0**112, "float"))
    special = code.compare("uge", magnitude, _bits(code, 0x7C00 << 13))
    number = code.convert("bitcast", scaled, "i32")
    number = code.select(special, code.binary("or", number, _bits(code, 0x7F800000)), number)
    return code.convert("bitcast", code.binary("or", number, sign), "float")


def narrowed(code: Code, x: Vector) -> Vector:
    """The sixteen bits of single-precision numbers, rounded to the nearest, ties to even."""
    if _has_conversions():
        return code.convert("bitcast", code.convert("fptrunc", x, "half"), "i16")
    bits = code.convert("bitcast", x, "i32")
    magnitude = code.binary("and", bits, _bits(code, 0x7FFFFFFF))
    # Adding half of the last bit that stays, less one where that bit is even, carries where it has to.
    even = code.binary("and", code.binary("lshr", magnitude, _bits(code, 13)), _bits(code, 1))
    offset = _bits(code, 0xFFF - (112 << 23))
    normal = code.binary("lshr", code.binary("add", code.binary("add", magnitude, offset), even), _bits(code, 13))
    # 0.5 has the last place that subnormal halves have.
    shifted = code.binary("fadd", code.convert("bitcast", magnitude, "float"), code.real(0.5, "float"))
    subnormal = code.binary("sub", code.convert("bitcast", shifted, "i32"), _bits(code, 0x3F000000))
    result = code.select(code.compare("ult", magnitude, _bits(code, 0x38800000)), subnormal, normal)
    not_a_number = code.compare("ugt", magnitude, _bits(code, 0x7F800000))
    special = code.select(not_a_number, _bits(code, 0x7E00), _bits(code, 0x7C00))
    result = code.select(code.compare("uge", magnitude, _bits(code, 0x47800000)), special, result)
    sign = code.binary("and", code.binary("lshr", bits, _bits(code, 16)), _bits(code, 0x8000))
    return code.convert("trunc", code.binary("or", result, sign), "i16")


def rounded(code: Code, x: Vector) -> Vector:
    """The halves nearest to numbers in single or double precision, as single precision."""
    if x.element == "double":
        x = _to_odd(code, x)
    return widened(code, narrowed(code, x))


def _to_odd(code: Code, x: Vector) -> Vector:
    """Shorten doubles so that rounding the result again does not round twice: what is lost leaves an odd last bit."""
    bits = code.convert("bitcast", x, "i64")
    lost = code.integer((1 << 29) - 1, "i64")
    carried = code.binary("and", code.binary("add", code.binary("and", bits, lost), lost), code.integer(1 << 29, "i64"))
    kept = code.binary("and", code.binary("or", bits, carried), code.integer(-(1 << 29), "i64"))
    return code.convert("fptrunc", code.convert("bitcast", kept, "double"), "float")


def _nextafter(code: Code, x: Vector, y: Vector) -> Vector:
    """The next half after x on the way to y; where they are equal, the one that NumPy takes: zeros may differ."""
    bits, zero = narrowed(code, x), code.real(0.0, "float")
    outwards = code.binary("xor", code.compare("olt", x, y), code.compare("olt", x, zero))
    step = code.select(outwards, code.integer(1, "i16"), code.integer(-1, "i16"))
    moved = widened(code, code.binary("add", bits, step))
    least = code.intrinsic("copysign", code.real(2.0**-24, "float"), y)
    moved = code.select(code.compare("oeq", x, zero), least, moved)
    moved = code.select(code.compare("oeq", x, y), y if _takes_second() else x, moved)
    return code.select(code.compare("uno", x, y), code.binary("fadd", x, y), moved)


@functools.cache
def _takes_second() -> bool:
    """Whether NumPy's nextafter of two equal halves is the second, as C has it; before 2.5 it was the first."""
    return bool(np.signbit(np.nextafter(DTYPE.type(0.0), DTYPE.type(-0.0))))


def _spacing(code: Code, x: Vector) -> Vector:
    """The distance to the next half above; unlike that of the other types it is positive."""
    infinity = code.real(float("inf"), "float")
    finite = code.compare("olt", code.intrinsic("fabs", x), infinity)
    distance = code.binary("fsub", _nextafter(code, x, infinity), x)
    return code.select(finite, distance, code.real(float("nan"), "float"))


def _maximum(code: Code, x: Vector, y: Vector) -> Vector:
    """The greater; NaN if either is; of two equal zeros the first, where other types have the second."""
    return extremum(code, x, y, keep="oge")


def _minimum(code: Code, x: Vector, y: Vector) -> Vector:
    """The lesser likewise."""
    return extremum(code, x, y, keep="ole")


OWN: Mapping[str, Callable[..., Vector]] = MappingProxyType(
    {"maximum": _maximum, "minimum": _minimum, "nextafter": _nextafter, "spacing": _spacing}
)
"""Operations that are not those of single precision, as NumPy has them."""


@functools.cache
def _has_conversions() -> bool:
    """Whether this processor converts between half and single precision."""
    if platform.machine().lower() in ("aarch64", "arm64"):
        return True
    from fuser_cpu_llvm.host import host_features

    return host_features().get("f16c", False)


def _bits(code: Code, value: int) -> Vector:
    return code.integer(value, "i32")
