"""Logarithms.

x = 2**k * m with sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f), and log(m) = 2 * atanh(s) written as
f - f**2 / 2 + s * (f**2 / 2 + s**2 * P(s**2)), which keeps the rounding of s out of the leading terms
(Ng's method, FDLIBM e_log.c, 1993).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fuser_cpu_llvm.mathematics.coefficients import INV_LN2, INV_LN10, LN2, LOG, LOG10_2
from fuser_cpu_llvm.mathematics.evaluation import ONE_BITS, Real, nearest, power_of_two
from fuser_cpu_llvm.mathematics.pairs import Pair, ordered_sum

__all__ = [
    "at_limits",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_of_pair",
    "log_of_sum",
    "split",
    "twice_arctanh",
    "whole_log",
]

_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_EXPONENT_MAGIC = 0x4330000000000000
"""The bits of 2**52: or-ed with an integer below 2**52 they make the double 2**52 + that integer."""


@dataclass(frozen=True, slots=True)
class Split:
    """A positive number as 2**exponent * (1 + fraction)."""

    exponent: Real
    fraction: Real


def log(x: Real) -> Real:
    parts = split(x)
    high, low = _log_of_significand(parts.fraction)
    if x.single:
        result = parts.exponent.fma(LN2[0] + LN2[1], high + low)
    else:
        result = parts.exponent.fma(LN2[0], high + parts.exponent.fma(LN2[1], low))
    return at_limits(x, result)


def log2(x: Real) -> Real:
    return _to_base(x, INV_LN2[:2], (1.0, 0.0))


def log10(x: Real) -> Real:
    return _to_base(x, INV_LN10[:2], LOG10_2[:2])


def log1p(x: Real) -> Real:
    total, lost = ordered_sum(1.0, x)
    parts = split(total)
    near = parts.exponent.equals(0.0)
    f = x.where(near, parts.fraction)
    f_low = x.of(0.0).where(near, lost * _power_back(parts.exponent))
    high, low = whole_log(parts.exponent, *log_of_sum(f, f_low))
    tiny = x.call("fabs") < 2.0**-54
    return x.where(tiny, at_limits(total, high + low))


def log_of_pair(x: Real, low: Real) -> Pair:
    """log(x + low) of a positive number in a leading and a small term, which is below its last place."""
    parts = split(x)
    return whole_log(parts.exponent, *log_of_sum(parts.fraction, low * _power_back(parts.exponent)))


def _power_back(exponent: Real) -> Real:
    """2**-exponent; far off, where the small term does not count, any other finite number."""
    exponent = exponent.of(900.0).where(exponent > 900.0, exponent)
    exponent = exponent.of(-900.0).where(exponent < -900.0, exponent)
    _, shifted = nearest(exponent, -1.0)
    return power_of_two(shifted)


def log_of_sum(f: Real, low: Real) -> Pair:
    """log(1 + f + low) for sqrt(1/2) <= 1 + f <= sqrt(2), rounded nearly correctly."""
    under, lost = ordered_sum(2.0, f)
    if f.single:
        return twice_arctanh(f / under, low)
    inverse = 1.0 / under
    s = f * inverse
    rest = (-s).fma(under, f) + (low - s * (low + lost))
    return twice_arctanh(s, rest * inverse)


def twice_arctanh(s: Real, low: Real) -> Pair:
    """2 * atanh(s + low) for abs(s) <= 3 - 2 * sqrt(2)."""
    square = s * s
    return s * 2.0, low.fma(2.0, LOG.at(square) * (s * square))


def whole_log(exponent: Real, high: Real, low: Real) -> Pair:
    """``exponent`` * log(2) + high + low; the exponent is whole, and ``high`` below log(2) / 2."""
    if exponent.single:
        return exponent.fma(LN2[0] + LN2[1], high + low), exponent.of(0.0)
    total, lost = ordered_sum(exponent * LN2[0], high)
    return total, exponent.fma(LN2[1], low + lost)


def _to_base(x: Real, inverse: tuple[float, ...], per_exponent: tuple[float, ...]) -> Real:
    """Scale log(m), held as a sum of two, and add the exponent last, so that powers of the base come out exact."""
    parts = split(x)
    high, low = _log_of_significand(parts.fraction)
    product = high * inverse[0]
    rest = low.fma(inverse[0], high.fma(inverse[1], high.fma(inverse[0], -product)))
    whole = parts.exponent * per_exponent[0]
    total = whole + product
    rest = rest + parts.exponent.fma(per_exponent[1], (whole - total) + product)
    return at_limits(x, total + rest)


def split(x: Real) -> Split:
    code = x.code
    exponent_bias = 1023.0
    if not x.single:  # What is subnormal in single precision is normal here.
        subnormal = x < 2.0**-1022
        x = (x * 2.0**54).where(subnormal, x)
        exponent = x.of(exponent_bias + 54.0).where(subnormal, exponent_bias)
    else:
        exponent = x.of(exponent_bias)
    shifted = code.binary("add", x.bits(), code.integer(ONE_BITS - _SQRT_HALF_BITS, "i64"))
    biased = code.binary(
        "or",
        code.binary("lshr", shifted, code.integer(52, "i64")),
        code.integer(_EXPONENT_MAGIC, "i64"),
    )
    significand = code.binary("and", shifted, code.integer((1 << 52) - 1, "i64"))
    m = x.from_bits(code.binary("add", significand, code.integer(_SQRT_HALF_BITS, "i64")))
    return Split(x.from_bits(biased) - (exponent + 2.0**52), m - 1.0)


def _log_of_significand(f: Real) -> tuple[Real, Real]:
    """log(1 + f) as a leading and a small term."""
    s = f / (f + 2.0)
    z = s * s
    half_square = f * f * 0.5
    correction = s * (half_square + z * LOG.at(z))
    high = f - half_square
    return high, (f - high) - half_square + correction


def at_limits(x: Real, result: Real) -> Real:
    """-inf at 0, NaN below, inf at inf, NaN at NaN."""
    result = x.where(x.code.compare("ueq", x.vector, x.of(math.inf).vector), result)
    result = x.of(-math.inf).where(x.equals(0.0), result)
    return x.of(math.nan).where(x < 0.0, result)
