"""Exponential and hyperbolic functions.

exp(x) = 2**k * exp(r) with k the integer nearest to x / log(2), and r = x - k * log(2) by two FMAs (Cody and Waite
1980, chapter 6). A power of two too great or too small for one exponent is applied as two factors.
"""

from __future__ import annotations

from collections.abc import Mapping

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics import single_coefficients
from fuser_cpu_llvm.mathematics.coefficients import EXP, INV_LN2, LN2, TANH
from fuser_cpu_llvm.mathematics.evaluation import Real, clamp, nearest, power_of_two, times_power_of_two
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, ordered_sum, quotient

__all__ = [
    "LN2_PARTS",
    "cosh",
    "exp",
    "exp2",
    "exp2_of_pair",
    "exp_in_range",
    "exp_of_pair",
    "expm1",
    "scale",
    "sinh",
    "tanh",
]

_SPARE = (-200.0, 200.0)
"""What is enough for single precision, and what one exponent of a double holds."""

_EXP_RANGE = {"double": (-746.0, 711.0), "float": (-105.0, 90.0)}
"""Beyond these exp is 0 and inf."""

_EXP2_RANGE = {"double": (-1076.0, 1025.0), "float": (-151.0, 129.0)}
_EXPM1_RANGE = {"double": (-50.0, 710.5), "float": (-20.0, 89.5)}
"""From -1 to where sinh is finite."""

_TANH_REACH = {"double": 22.0, "float": 10.0}
"""From here on it is 1."""

LN2_PARTS = {"double": LN2, "float": single_coefficients.LN2}
"""log(2) by precision; products of the first part with an exponent are exact."""


def exp(x: Real) -> Real:
    x = _limited(x, _EXP_RANGE)
    k, shifted = nearest(x, INV_LN2[0], _factors(x))
    return _scaled(_expm1_near_zero(_reduce(x, k)) + 1.0, shifted)


def exp2(x: Real) -> Real:
    x = _limited(x, _EXP2_RANGE)
    k, shifted = nearest(x, 1.0, _factors(x))
    fraction, ln2 = x - k, LN2_PARTS[x.vector.element]
    r = fraction.fma(ln2[0], fraction * ln2[1])
    return _scaled(_expm1_near_zero(r) + 1.0, shifted)


def exp_in_range(x: Real) -> Real:
    """exp(x) where that is neither subnormal nor infinite."""
    k, shifted = nearest(x, INV_LN2[0], 1)
    return (_expm1_near_zero(_reduce(x, k)) + 1.0) * power_of_two(shifted)


def exp_of_pair(x: Real, low: Real) -> tuple[Real, Real, Real]:
    """Return a whole k and exp(x + low) / 2**k, which is near 1, as a leading and a small term; see `scale`.

    ``low`` counts only where the result is neither 0 nor inf.
    """
    underflow, overflow = _EXP_RANGE["double"]
    low = low.where(x.call("fabs") < -underflow, 0.0)
    x = clamp(x, underflow, overflow)
    k, _ = nearest(x, INV_LN2[0])
    return k, *_exp_near_zero((-k).fma(LN2[0], x), (-k).fma(LN2[1], low))


def exp2_of_pair(x: Real, low: Real) -> tuple[Real, Real, Real]:
    """2**(x + low) likewise."""
    low = low.where(x.call("fabs") < 1076.0, 0.0)
    x = clamp(x, *_EXP2_RANGE["double"])
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
    magnitude = _limited(x.call("fabs"), _EXP_RANGE)
    k, shifted = nearest(magnitude, INV_LN2[0], _factors(x))
    half = _scaled((_expm1_near_zero(_reduce(magnitude, k)) + 1.0) * 0.5, shifted)
    return half + 0.25 / half


def tanh(x: Real) -> Real:
    """(q * e - 1) / (q * e + 1), where q = 2**k and e = 1 + 2 * p is exp(2 * r) for 0 <= r <= log(2) / 2.

    With r never negative no sum cancels, and each is rounded but once.
    """
    reach, ln2 = _TANH_REACH[x.vector.element], LN2_PARTS[x.vector.element]
    magnitude = x.call("fabs")
    limited = magnitude.of(reach).where(magnitude > reach, magnitude)
    k, shifted = nearest(limited.fma(2.0 * INV_LN2[0], -0.4995), 1.0, 1)
    r = (-k).fma(ln2[1] * 0.5, (-k).fma(ln2[0] * 0.5, limited))
    p, power = (r * r).fma(TANH.at(r), r), power_of_two(shifted)
    share, low = quotient(_sum(p, power, -1.0), _sum(p, power, 1.0))
    return (share + low).call("copysign", x)


def _sum(p: Real, power: Real, one: float) -> Pair:
    """``power`` * (1 + 2 * p) + ``one``, which is 1 or -1, and what rounding it lost."""
    double, rest = power + power, power + one
    total = p.fma(double, rest)
    return total, p.fma(double, rest - total)


def _share(part: Real, rest: Real) -> Pair:
    """Divide a part by 1 + rest, neither of them negative."""
    if part.spare:
        return part / (rest + 1.0), part.of(0.0)
    return quotient((part, part.of(0.0)), ordered_sum(1.0, rest))


def _quarter_expm1(x: Real) -> Real:
    """expm1(x) / 4, finite wherever sinh is; below 1e-300, or 1e-37, its last digits are lost."""
    x = _limited(x, _EXPM1_RANGE)
    k, shifted = nearest(x, INV_LN2[0], 1)
    quarter_power = power_of_two(shifted - 2.0)
    r = _reduce(x, k)
    r_low = x.of(0.0) if x.single else (-k).fma(LN2[1], (-k).fma(LN2[0], x) - r)
    total, lost = ordered_sum(quarter_power - 0.25, r * quarter_power)
    return total + (r * r).fma(EXP.at(r), r_low).fma(quarter_power, lost)


def _reduce(x: Real, k: Real) -> Real:
    """X - k * log(2)."""
    ln2 = LN2_PARTS[x.vector.element]
    if x.spare:
        return (-k).fma(ln2[0] + ln2[1], x)
    return (-k).fma(ln2[1], (-k).fma(ln2[0], x))


def _expm1_near_zero(r: Real) -> Real:
    """expm1(r) for abs(r) <= log(2) / 2."""
    return (r * r).fma(EXP.at(r), r)


def _exp_near_zero(r: Real, low: Real) -> Pair:
    """exp(r + low) for abs(r) <= log(2) / 2."""
    r, low = ordered_sum(r, low)
    total, lost = ordered_sum(1.0, r)
    return ordered_sum(total, lost + (r * r).fma(EXP.at(r), low))


def scale(value: Real, k: Real) -> Real:
    """``value`` * 2**k for a value near 1; with a single rounding where the result is subnormal."""
    return _scaled(value, nearest(k, 1.0, _factors(k))[1])


def _factors(x: Real) -> int:
    """How many factors a power of two needs."""
    return 1 if x.spare else 2


def _scaled(value: Real, shifted: Real) -> Real:
    return value * power_of_two(shifted) if value.spare else times_power_of_two(value, shifted)


def _limited(x: Real, limits: Mapping[str, tuple[float, float]]) -> Real:
    """Limit a number to where the result changes; NaN stays."""
    low, high = limits[x.vector.element]
    return clamp(x, max(low, _SPARE[0]), min(high, _SPARE[1])) if x.spare else clamp(x, low, high)


def _tiny(x: Real) -> Vector:
    """Where x is the rounded value of expm1 and sinh, its sign and subnormal digits included."""
    return x.call("fabs") < 2.0**-54
