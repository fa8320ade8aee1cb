"""Exponential and hyperbolic functions.

exp(x) = 2**k * exp(r) with k the integer nearest to x / log(2), and r = x - k * log(2) by two FMAs (Cody and Waite
1980, chapter 6). A power of two too great or too small for one exponent is applied as two factors.
"""

from __future__ import annotations

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.coefficients import EXP, INV_LN2, LN2
from fuser_cpu_llvm.mathematics.evaluation import Real, clamp, nearest, power_of_two
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, ordered_sum

__all__ = ["cosh", "exp", "exp2", "exp2_of_pair", "exp_in_range", "exp_of_pair", "expm1", "scale", "sinh", "tanh"]

_OVERFLOW, _UNDERFLOW = 711.0, -746.0
"""Beyond these exp is inf and 0 (in double; the more in single precision)."""


def exp(x: Real) -> Real:
    x = _clamp(x, _UNDERFLOW, _OVERFLOW)
    k, shifted = nearest(x, INV_LN2[0])
    return _scale(_expm1_near_zero(_reduce(x, k)) + 1.0, k, shifted)


def exp2(x: Real) -> Real:
    x = _clamp(x, -1076.0, 1025.0)
    k, shifted = nearest(x, 1.0)
    fraction = x - k
    r = fraction.fma(LN2[0], fraction * LN2[1])
    return _scale(_expm1_near_zero(r) + 1.0, k, shifted)


def exp_in_range(x: Real) -> Real:
    """exp(x) where that is neither subnormal nor infinite."""
    k, shifted = nearest(x, INV_LN2[0])
    return (_expm1_near_zero(_reduce(x, k)) + 1.0) * power_of_two(shifted)


def exp_of_pair(x: Real, low: Real) -> tuple[Real, Real, Real]:
    """Return a whole k and exp(x + low) / 2**k, which is near 1, as a leading and a small term; see `scale`.

    ``low`` counts only where the result is neither 0 nor inf.
    """
    low = low.where(x.call("fabs") < -_UNDERFLOW, 0.0)
    x = _clamp(x, _UNDERFLOW, _OVERFLOW)
    k, _ = nearest(x, INV_LN2[0])
    return k, *_exp_near_zero((-k).fma(LN2[0], x), (-k).fma(LN2[1], low))


def exp2_of_pair(x: Real, low: Real) -> tuple[Real, Real, Real]:
    """2**(x + low) likewise."""
    low = low.where(x.call("fabs") < 1076.0, 0.0)
    x = _clamp(x, -1076.0, 1025.0)
    k, _ = nearest(x, 1.0)
    ln2 = LN2[0] + LN2[1]
    r, lost = exact_product(x - k, ln2)
    return k, *_exp_near_zero(r, low.fma(ln2, (x - k).fma((LN2[0] - ln2) + LN2[1], lost)))


def expm1(x: Real) -> Real:
    result = _quarter_expm1(x) * 4.0
    return x.where(_tiny(x), result)


def sinh(x: Real) -> Real:
    """With u = expm1(abs(x)) / 2: u + u / (2 * u + 1)."""
    magnitude = x.call("fabs")
    u = _quarter_expm1(magnitude) * 2.0
    share, lost = _share(u, u * 2.0)
    # Beyond 40 the quotient is below half a unit of the last place of u, and where u is inf it would be NaN.
    result = u.where(magnitude > 40.0, u + (share + lost))
    return x.where(_tiny(x), result.call("copysign", x))


def cosh(x: Real) -> Real:
    """With h = exp(abs(x)) / 2: h + 1 / (4 * h)."""
    magnitude = _clamp(x.call("fabs"), 0.0, _OVERFLOW)
    k, shifted = nearest(magnitude, INV_LN2[0])
    half = _scale((_expm1_near_zero(_reduce(magnitude, k)) + 1.0) * 0.5, k, shifted)
    return half + 0.25 / half


def tanh(x: Real) -> Real:
    """With u = expm1(2 * abs(x)) / 2: u / (u + 1); from 22 on it is 1."""
    doubled = _clamp(x.call("fabs") * 2.0, 0.0, 44.0)
    u = _quarter_expm1(doubled) * 2.0
    share, lost = _share(u, u)
    return x.where(_tiny(x), (share + lost).call("copysign", x))


def _share(part: Real, rest: Real) -> Pair:
    """Divide a part by 1 + rest, neither of them negative: the quotient, and what rounding it lost."""
    under, lost = ordered_sum(1.0, rest)
    if part.single:
        return part / under, lost
    inverse = 1.0 / under
    share = part * inverse
    return share, ((-share).fma(under, part) - share * lost) * inverse


def _quarter_expm1(x: Real) -> Real:
    """expm1(x) / 4, finite wherever sinh is; below 1e-300 its last digits are lost."""
    x = _clamp(x, -50.0, 710.5)
    k, shifted = nearest(x, INV_LN2[0])
    quarter_power = power_of_two(shifted - 2.0)
    r = _reduce(x, k)
    r_low = x.of(0.0) if x.single else (-k).fma(LN2[1], (-k).fma(LN2[0], x) - r)
    total, lost = ordered_sum(quarter_power - 0.25, r * quarter_power)
    return total + (r * r).fma(EXP.at(r), r_low).fma(quarter_power, lost)


def _reduce(x: Real, k: Real) -> Real:
    if x.single:
        return (-k).fma(LN2[0] + LN2[1], x)
    return (-k).fma(LN2[1], (-k).fma(LN2[0], x))


def _expm1_near_zero(r: Real) -> Real:
    """expm1(r) for abs(r) <= log(2) / 2."""
    return (r * r).fma(EXP.at(r), r)


def _exp_near_zero(r: Real, low: Real) -> Pair:
    """exp(r + low) for abs(r) <= log(2) / 2."""
    r, low = ordered_sum(r, low)
    total, lost = ordered_sum(1.0, r)
    return ordered_sum(total, lost + (r * r).fma(EXP.at(r), low))


def _scale(value: Real, k: Real, shifted: Real) -> Real:
    """``value`` * 2**k, with k also in the low bits of ``shifted``."""
    return value * power_of_two(shifted) if value.single else scale(value, k)


def scale(value: Real, k: Real) -> Real:
    """``value`` * 2**k for a value near 1; with a single rounding where the result is subnormal."""
    half, half_shifted = nearest(k, 0.5)
    _, rest_shifted = nearest(k - half, 1.0)
    return value * power_of_two(half_shifted) * power_of_two(rest_shifted)


def _clamp(x: Real, low: float, high: float) -> Real:
    """Limit a number; NaN stays. In single precision the limits are such that one exponent is enough."""
    if x.single:
        low, high = max(low, -200.0), min(high, 200.0)
    return clamp(x, low, high)


def _tiny(x: Real) -> Vector:
    """Where x is the rounded value of expm1, sinh and tanh, its sign and subnormal digits included."""
    return x.call("fabs") < 2.0**-54
