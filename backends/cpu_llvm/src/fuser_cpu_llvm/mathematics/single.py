"""Formulas in single precision, which has twice the lanes: exponentials, logarithm and hyperbolic tangent.

Sine and cosine have theirs in `trigonometry`; all other functions are computed in double precision and rounded.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.evaluation import Real, clamp, horner, nearest
from fuser_cpu_llvm.mathematics.logarithms import at_limits
from fuser_cpu_llvm.mathematics.single_coefficients import EXP, LN2, LOG, TANH

__all__ = ["exp", "exp2", "log", "tanh"]

_MAGIC_BITS = 0x4B400000
"""The bits of what `nearest` adds to a number before it rounds."""

_ONE_BITS = 0x3F800000
_SQRT_HALF_BITS = 0x3F3504F3
_FRACTION_BITS = 23
_TANH_FAR = 0.875


def exp(x: Real) -> Real:
    limited = clamp(x, -105.0, 90.0)
    k, shifted = nearest(limited, 1.0 / math.log(2))
    return x.where(x.is_nan(), _scale(_exp_near_zero(_without_ln2(limited, k)), shifted))


def exp2(x: Real) -> Real:
    limited = clamp(x, -151.0, 129.0)
    k, shifted = nearest(limited, 1.0)
    rest = limited - k
    return x.where(x.is_nan(), _scale(_exp_near_zero(rest.fma(LN2[0], rest * LN2[1])), shifted))


def tanh(x: Real) -> Real:
    """Near 0 by x + x**3 * P(x**2); from 7/8 on by 1 - 2 / (exp(2 * abs(x)) + 1)."""
    magnitude = x.call("fabs")
    doubled = magnitude.of(20.0).where(magnitude > 10.0, magnitude * 2.0)
    k, shifted = nearest(doubled, 1.0 / math.log(2))
    code = x.code
    power = _exp_near_zero(_without_ln2(doubled, k))
    grown = power.from_bits(code.binary("add", power.bits(), _to_exponent(x, shifted.bits())))
    far = 1.0 - 2.0 / (grown + 1.0)
    z = x * x
    near = (x * z).fma(horner(z, TANH), x)
    chosen = far.where(code.compare("oge", magnitude.vector, x.of(_TANH_FAR).vector), near)
    return chosen.call("copysign", x)


def log(x: Real) -> Real:
    """The sum of k times the logarithm of 2 and f - f**2 / 2 + f**3 * P(f), where x = 2**k * (1 + f)."""
    code = x.code
    subnormal = x < 2.0**-126
    bits = (x * 2.0**23).where(subnormal, x).bits()
    # Offset, so that the significand lies between sqrt(1/2) and sqrt(2) and the rest is a multiple of its exponent.
    offset = code.binary("sub", bits, code.integer(_SQRT_HALF_BITS, "i32"))
    exponent = code.binary("ashr", offset, code.integer(_FRACTION_BITS, "i32"))
    mantissa = code.binary("sub", bits, code.binary("shl", exponent, code.integer(_FRACTION_BITS, "i32")))
    f = x.from_bits(mantissa) - 1.0
    k = Real(code, code.convert("sitofp", exponent, "float"), x.single)
    k = (k - 23.0).where(subnormal, k)
    z = f * f
    tail = (z * f).fma(horner(f, LOG), k * LN2[1])
    low = z.fma(-0.5, tail)
    result = k.fma(LN2[0], f + low)
    return at_limits(x, result)


def _without_ln2(x: Real, k: Real) -> Real:
    """X - k * log(2); the first product is exact."""
    return (-k).fma(LN2[1], (-k).fma(LN2[0], x))


def _exp_near_zero(r: Real) -> Real:
    return (r * r).fma(horner(r, EXP), r) + 1.0


def _to_exponent(x: Real, bits: Vector) -> Vector:
    """Move the low bits of an integer to where the exponent is; the others fall out at the top."""
    return x.code.binary("shl", bits, x.code.integer(_FRACTION_BITS, "i32"))


def _scale(value: Real, shifted: Real) -> Real:
    """``value`` (near 1) * 2**k, with k in the low bits of ``shifted``.

    Half of k is added to the exponent; the rest is one multiplication, rounded once.
    """
    code = value.code
    k = code.binary("sub", shifted.bits(), code.integer(_MAGIC_BITS, "i32"))
    half = code.binary("ashr", k, code.integer(1, "i32"))
    rest = code.binary("sub", k, half)
    scaled = value.from_bits(code.binary("add", value.bits(), _to_exponent(value, half)))
    return scaled * value.from_bits(code.binary("add", _to_exponent(value, rest), code.integer(_ONE_BITS, "i32")))
