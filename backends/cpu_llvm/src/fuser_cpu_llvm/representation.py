"""Floating-point operations on exponent and significand: exact, by integer arithmetic on the bits."""

from __future__ import annotations

import math

from fuser_core.records import frozen
from fuser_cpu_llvm.floats import sign_bits
from fuser_cpu_llvm.ir import Code, Vector

__all__ = ["frexp", "ldexp", "modf", "nextafter", "spacing"]


@frozen
class _Format:
    """What the bits of a type mean: bits of the fraction, and the exponent's offset."""

    fraction: int
    bias: int


_FORMATS = {"double": _Format(52, 1023), "float": _Format(23, 127)}

_FAR = 2200
"""From one end of the doubles to the other."""


def ldexp(code: Code, x: Vector, exponent: Vector) -> Vector:
    """``x`` * 2**exponent for any exponent, rounded once."""
    far = [code.integer(bound, exponent.element, signed=True) for bound in (_FAR, -_FAR)]
    near = code.intrinsic("smax", code.intrinsic("smin", exponent, far[0]), far[1])
    rest = near if near.bits == 64 else code.convert("sext", near, "i64", signed=True)
    if x.element == "float":  # A double holds every such product below 2**-400 and 2**400.
        rest = code.intrinsic("smax", code.intrinsic("smin", rest, _whole(code, 400)), _whole(code, -400))
        product = code.binary("fmul", code.convert("fpext", x, "double"), _power_of_two(code, rest))
        return code.convert("fptrunc", product, "float")
    for _ in range(2):
        # Down by 969 only: what is below 2**-53 of the normal numbers then vanishes, rounded twice or not.
        step = code.select(
            code.compare("sgt", rest, _whole(code, 1023)),
            _whole(code, 1023),
            code.select(code.compare("slt", rest, _whole(code, -1022)), _whole(code, -969), _whole(code, 0)),
        )
        x = code.binary("fmul", x, _power_of_two(code, step))
        rest = code.binary("sub", rest, step)
    return code.binary("fmul", x, _power_of_two(code, rest))


def frexp(code: Code, x: Vector) -> tuple[Vector, Vector]:
    """The significand, in [0.5, 1) by magnitude, and the exponent; 0, inf and NaN are their own, with exponent 0."""
    form, bits = _FORMATS[x.element], sign_bits(code, x)
    smallest = code.real(2.0 ** (1 - form.bias), x.element)
    magnitude = code.intrinsic("fabs", x)
    subnormal = code.compare("olt", magnitude, smallest)
    enlarged = code.binary("fmul", x, code.real(2.0 ** (form.fraction + 1), x.element))
    bits = sign_bits(code, code.select(subnormal, enlarged, x))
    field = ((1 << (x.bits - form.fraction - 1)) - 1) << form.fraction
    biased = code.binary("lshr", code.binary("and", bits, _like(code, bits, field)), _like(code, bits, form.fraction))
    offset = code.select(subnormal, _like(code, bits, form.bias + form.fraction), _like(code, bits, form.bias - 1))
    exponent = code.binary("sub", biased, offset)
    kept = code.binary("and", bits, _like(code, bits, ~field))
    half = code.binary("or", kept, _like(code, bits, (form.bias - 1) << form.fraction))
    ordinary = code.binary(
        "and",
        code.compare("one", x, code.real(0.0, x.element)),
        code.compare("olt", magnitude, code.real(math.inf, x.element)),
    )
    significand = code.select(ordinary, code.convert("bitcast", half, x.element), x)
    exponent = code.select(ordinary, exponent, _like(code, bits, 0))
    narrow = exponent if exponent.bits == 32 else code.convert("trunc", exponent, "i32")
    return significand, Vector(narrow.name, "i32", signed=True)


def modf(code: Code, x: Vector) -> tuple[Vector, Vector]:
    """The fractional and the whole part, both of the sign of x."""
    whole = code.intrinsic("trunc", x)
    infinite = code.compare("oeq", code.intrinsic("fabs", x), code.real(math.inf, x.element))
    fraction = code.select(infinite, code.real(0.0, x.element), code.binary("fsub", x, whole))
    return code.intrinsic("copysign", fraction, x), whole


def nextafter(code: Code, x: Vector, y: Vector) -> Vector:
    """The next number after x on the way to y."""
    bits, zero = sign_bits(code, x), code.real(0.0, x.element)
    outwards = code.binary("xor", code.compare("olt", x, y), code.compare("olt", x, zero))
    step = code.select(outwards, _like(code, bits, 1), _like(code, bits, -1))
    moved = code.convert("bitcast", code.binary("add", bits, step), x.element)
    least = code.convert("bitcast", _like(code, bits, 1), x.element)
    moved = code.select(code.compare("oeq", x, zero), code.intrinsic("copysign", least, y), moved)
    moved = code.select(code.compare("oeq", x, y), y, moved)
    return code.select(code.compare("uno", x, y), code.binary("fadd", x, y), moved)


def spacing(code: Code, x: Vector) -> Vector:
    """The distance to the next number away from 0, of the sign of x; positive at both zeros."""
    bits = sign_bits(code, x)
    after = code.convert("bitcast", code.binary("add", bits, _like(code, bits, 1)), x.element)
    least = code.convert("bitcast", _like(code, bits, 1), x.element)
    return code.select(code.compare("oeq", x, code.real(0.0, x.element)), least, code.binary("fsub", after, x))


def _power_of_two(code: Code, exponent: Vector) -> Vector:
    """2**exponent as doubles, for whole numbers from -1022 to 1023."""
    biased = code.binary("add", exponent, _whole(code, 1023))
    return code.convert("bitcast", code.binary("shl", biased, _whole(code, 52)), "double")


def _whole(code: Code, value: int) -> Vector:
    return code.integer(value, "i64", signed=True)


def _like(code: Code, bits: Vector, value: int) -> Vector:
    return code.integer(value, bits.element)
