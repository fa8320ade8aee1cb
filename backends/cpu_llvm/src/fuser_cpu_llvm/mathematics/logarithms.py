"""Logarithms.

x = 2**k * m with sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f), and log(m) = 2 * atanh(s) written as
f - f**2 / 2 + s * (f**2 / 2 + s**2 * P(s**2)), which keeps the rounding of s out of the leading terms
(Ng's method, FDLIBM e_log.c, 1993).
"""

from __future__ import annotations

import math

from fuser_core.records import frozen
from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics import single_coefficients
from fuser_cpu_llvm.mathematics.coefficients import INV_LN2, INV_LN10, LOG, LOG10_2
from fuser_cpu_llvm.mathematics.evaluation import (
    BIAS,
    FRACTION_BITS,
    Real,
    clamp,
    evaluate,
    in_parts,
    nearest,
    power_of_two,
)
from fuser_cpu_llvm.mathematics.exponentials import LN2_PARTS
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

_SQRT_HALF_BITS = {"double": 0x3FE6A09E667F3BCD, "float": 0x3F3504F3}
_FAR = {"double": 900.0, "float": 100.0}
_SMALLEST_NORMAL = {"double": 2.0**-1022, "float": 2.0**-126}


@frozen
class Split:
    """A positive number as 2**exponent * (1 + fraction)."""

    exponent: Real
    fraction: Real


def log(x: Real) -> Real:
    parts = split(x)
    high, low = _log_of_significand(parts.fraction)
    ln2 = LN2_PARTS[x.vector.element]
    if x.spare:
        result = parts.exponent.fma(ln2[0] + ln2[1], high + low)
    else:
        result = parts.exponent.fma(ln2[0], high + parts.exponent.fma(ln2[1], low))
    return at_limits(x, result)


def log2(x: Real) -> Real:
    return _to_base(x, in_parts(x, INV_LN2), (1.0, 0.0))


def log10(x: Real) -> Real:
    per_exponent = single_coefficients.LOG10_2 if x.vector.element == "float" else LOG10_2
    return _to_base(x, in_parts(x, INV_LN10), per_exponent)


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
    limit = _FAR[exponent.vector.element]
    return power_of_two(nearest(clamp(exponent, -limit, limit), -1.0, 1)[1])


def log_of_sum(f: Real, low: Real) -> Pair:
    """log(1 + f + low) for sqrt(1/2) <= 1 + f <= sqrt(2), rounded nearly correctly."""
    if f.vector.element == "float":
        return _log_of_significand(f + low)
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
    ln2 = LN2_PARTS[exponent.vector.element]
    if exponent.spare:
        return exponent.fma(ln2[0] + ln2[1], high + low), exponent.of(0.0)
    total, lost = ordered_sum(exponent * ln2[0], high)
    return total, exponent.fma(ln2[1], low + lost)


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
    code, element = x.code, x.vector.element
    fraction_bits, bias = FRACTION_BITS[element], float(BIAS[element])
    if x.spare:  # What is subnormal in single precision is normal here.
        exponent = x.of(bias)
    else:
        subnormal, up = x < _SMALLEST_NORMAL[element], fraction_bits + 2.0
        x = (x * 2.0**up).where(subnormal, x)
        exponent = x.of(bias + up).where(subnormal, bias)
    bits = x.bits()

    def number(value: int) -> Vector:
        return code.integer(value, bits.element)

    one, whole = BIAS[element] << fraction_bits, (BIAS[element] + fraction_bits) << fraction_bits
    shifted = code.binary("add", bits, number(one - _SQRT_HALF_BITS[element]))
    # Or-ed with the bits of 2**52, in single precision 2**23, a smaller integer makes a number of their sum.
    biased = code.binary("or", code.binary("lshr", shifted, number(fraction_bits)), number(whole))
    significand = code.binary("and", shifted, number((1 << fraction_bits) - 1))
    m = x.from_bits(code.binary("add", significand, number(_SQRT_HALF_BITS[element])))
    return Split(x.from_bits(biased) - (exponent + 2.0**fraction_bits), m - 1.0)


def _log_of_significand(f: Real) -> Pair:
    """log(1 + f) as a leading and a small term."""
    if f.vector.element == "float":
        square = f * f
        return f, square.fma(-0.5, square * f * evaluate(f, single_coefficients.LOG))
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
