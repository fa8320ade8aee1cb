"""Floating-point operations whose results are exact or correctly rounded: bit for bit NumPy's."""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Code, Vector

__all__ = [
    "extremum",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "isfinite",
    "isinf",
    "maximum",
    "minimum",
    "remainder",
    "sign",
    "sign_bits",
    "signbit",
]


def sign(code: Code, x: Vector) -> Vector:
    """-1, 0 or 1; the zero is positive; NaN stays."""
    zero, one = code.real(0.0, x.element), code.real(1.0, x.element)
    positive = code.compare("ogt", x, zero)
    unsigned = code.select(positive, one, code.select(code.compare("oeq", x, zero), zero, x))
    return code.select(code.compare("olt", x, zero), code.real(-1.0, x.element), unsigned)


def extremum(code: Code, x: Vector, y: Vector, *, keep: str) -> Vector:
    """The first operand where ``x keep y`` holds, else the second; NaN if either is."""
    first = code.binary("or", code.compare(keep, x, y), code.compare("uno", x, x))
    return code.select(first, x, y)


def maximum(code: Code, x: Vector, y: Vector) -> Vector:
    """The greater; NaN if either is; of two equal zeros the second, as NumPy's vector loops."""
    return extremum(code, x, y, keep="ogt")


def minimum(code: Code, x: Vector, y: Vector) -> Vector:
    """The lesser; NaN if either is; of two equal zeros the second, as NumPy's vector loops."""
    return extremum(code, x, y, keep="olt")


def fmax(code: Code, x: Vector, y: Vector) -> Vector:
    """The greater; a number rather than NaN."""
    first = code.binary("or", code.compare("ogt", x, y), code.compare("uno", y, y))
    return code.select(first, x, y)


def fmin(code: Code, x: Vector, y: Vector) -> Vector:
    """The lesser; a number rather than NaN."""
    first = code.binary("or", code.compare("olt", x, y), code.compare("uno", y, y))
    return code.select(first, x, y)


def isinf(code: Code, x: Vector) -> Vector:
    return code.compare("oeq", code.intrinsic("fabs", x), code.real(math.inf, x.element))


def isfinite(code: Code, x: Vector) -> Vector:
    return code.compare("olt", code.intrinsic("fabs", x), code.real(math.inf, x.element))


def signbit(code: Code, x: Vector) -> Vector:
    bits = sign_bits(code, x)
    return code.compare("slt", bits, code.integer(0, bits.element))


def sign_bits(code: Code, x: Vector) -> Vector:
    """The bits of a float as an integer of its width."""
    return code.convert("bitcast", x, f"i{x.bits}")


def heaviside(code: Code, x: Vector, at_zero: Vector) -> Vector:
    zero, one = code.real(0.0, x.element), code.real(1.0, x.element)
    step = code.select(code.compare("oeq", x, zero), at_zero, x)
    step = code.select(code.compare("olt", x, zero), zero, step)
    return code.select(code.compare("ogt", x, zero), one, step)


def fmod(code: Code, x: Vector, y: Vector) -> Vector:
    """Exact remainder of the division towards zero.

    Below 2**m (m: bits of the significand, less one) the truncated quotient is an integer q or q + 1, and
    fma(-q, y, x) is exact; a rest of the wrong sign tells that one y too many was taken. Greater quotients,
    rare, go to the C library lane by lane.
    """
    magnitude, divisor = code.intrinsic("fabs", x), code.intrinsic("fabs", y)
    quotient = code.binary("fdiv", magnitude, divisor)
    whole = code.intrinsic("trunc", quotient)
    rest = code.fma(code.negate(whole), divisor, magnitude)
    too_far = code.compare("olt", rest, code.real(0.0, x.element))
    rest = code.select(too_far, code.binary("fadd", rest, divisor), rest)
    # An infinite divisor would make 0 * inf of it; NaN and infinite dividends and zero divisors give NaN above.
    rest = code.select(code.compare("olt", magnitude, divisor), magnitude, rest)
    usual = code.intrinsic("copysign", rest, x)

    infinity = code.real(math.inf, x.element)
    finite = code.binary(
        "and", code.compare("olt", magnitude, infinity), code.compare("one", y, code.real(0.0, x.element))
    )
    huge = code.compare("oge", quotient, code.real(2.0 ** (52 if x.bits == 64 else 23), x.element))
    function = "@fuser.libm.fmod" if x.bits == 64 else "@fuser.libm.fmodf"
    code.declare(function, f"declare {x.element} {function}({x.element}, {x.element})")
    return code.rarely(code.binary("and", huge, finite), function, (x, y), usual)


def remainder(code: Code, x: Vector, y: Vector) -> Vector:
    """Remainder with the sign of the divisor, as NumPy's ``npy_divmod``."""
    return _floor_rest(code, y, fmod(code, x, y))


def floor_divide(code: Code, x: Vector, y: Vector) -> Vector:
    """Quotient rounded down, as NumPy's ``npy_floor_divide``."""
    zero, one = code.real(0.0, x.element), code.real(1.0, x.element)
    rest, exact = fmod(code, x, y), code.binary("fdiv", x, y)
    quotient = code.binary("fdiv", code.binary("fsub", x, rest), y)
    quotient = code.select(_wrong_side(code, y, rest), code.binary("fsub", quotient, one), quotient)
    below = code.intrinsic("floor", quotient)
    too_low = code.compare("ogt", code.binary("fsub", quotient, below), code.real(0.5, x.element))
    below = code.select(too_low, code.binary("fadd", below, one), below)
    signed_zero = code.intrinsic("copysign", zero, exact)
    result = code.select(code.compare("oeq", quotient, zero), signed_zero, below)
    return code.select(code.compare("oeq", y, zero), exact, result)


def _floor_rest(code: Code, y: Vector, rest: Vector) -> Vector:
    zero = code.real(0.0, y.element)
    moved = code.select(_wrong_side(code, y, rest), code.binary("fadd", rest, y), rest)
    signed_zero = code.intrinsic("copysign", zero, y)
    return code.select(code.compare("oeq", rest, zero), signed_zero, moved)


def _wrong_side(code: Code, y: Vector, rest: Vector) -> Vector:
    """Whether the rest is neither zero nor of the divisor's sign."""
    zero = code.real(0.0, y.element)
    differ = code.binary("xor", code.compare("olt", y, zero), code.compare("olt", rest, zero))
    return code.binary("and", differ, code.compare("une", rest, zero))
