"""Inverse trigonometric functions and the length of a vector.

arcsin and arccos use the half-angle formula beyond 1/2; arctan reduces its argument to tan(pi / 8) by
arctan(n / d) = pi / 4 + arctan((n - d) / (n + d)) = pi / 2 - arctan(d / n), with one division (Cody and Waite 1980,
chapters 10 and 11).
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.coefficients import ASIN, ATAN, HALF_PI, PI, QUARTER_PI, THREE_QUARTER_PI
from fuser_cpu_llvm.mathematics.evaluation import Real, in_parts

__all__ = ["arccos", "arcsin", "arctan", "arctan2", "hypot"]

Parts = tuple[float, ...]

_TINY_AND_GREAT = {"double": (2.0**-960, 2.0**1000), "float": (2.0**-100, 2.0**120)}
"""Half of a number that is not tiny is normal; the sum of two that are not great is far from infinite."""

_TAN_EIGHTH, _TAN_THREE_EIGHTHS = math.sqrt(2.0) - 1.0, math.sqrt(2.0) + 1.0


def arcsin(x: Real) -> Real:
    magnitude = x.call("fabs")
    outer = magnitude > 0.5
    root, low, z = _half_angle(magnitude)
    z = z.where(outer, magnitude * magnitude)
    cubic = z * ASIN.at(z)
    inner = magnitude.fma(cubic, magnitude)
    high, rest = in_parts(x, HALF_PI)
    beyond = high - (root * 2.0 + (root.fma(cubic, low) * 2.0 - rest))
    return x.where(x.equals(0.0), beyond.where(outer, inner).call("copysign", x))


def arccos(x: Real) -> Real:
    magnitude = x.call("fabs")
    outer = magnitude > 0.5
    root, low, z = _half_angle(magnitude)
    z = z.where(outer, magnitude * magnitude)
    cubic = z * ASIN.at(z)
    half_pi, pi = in_parts(x, HALF_PI), in_parts(x, PI)
    inner = half_pi[0] - (x - x.fma(-cubic, half_pi[1]))
    rest = root.fma(cubic, low)
    near_one = (root + rest) * 2.0
    near_minus_one = pi[0] - (root * 2.0 + (rest * 2.0 - pi[1]))
    return near_one.where(x > 0.0, near_minus_one).where(outer, inner)


def arctan(x: Real) -> Real:
    result = _arctan_quotient(x.call("fabs"), x.of(1.0), x.code.integer(0, "i1"))
    return x.where(x.equals(0.0), result.call("copysign", x))


def arctan2(y: Real, x: Real) -> Real:
    code = x.code
    numerator, denominator = y.call("fabs"), x.call("fabs")
    both_infinite = code.binary("and", numerator.equals(math.inf), denominator.equals(math.inf))
    nowhere = code.binary("and", numerator.equals(0.0), denominator.equals(0.0))
    numerator = numerator.of(1.0).where(both_infinite, numerator)
    denominator = denominator.of(1.0).where(code.binary("or", both_infinite, nowhere), denominator)
    if not x.spare:  # Keep the sum of the two finite, and what is compared normal.
        tiny, great = _TINY_AND_GREAT[x.vector.element]
        up = code.binary("and", numerator < tiny, denominator < tiny)
        down = code.binary("or", numerator > great, denominator > great)
        factor = x.of(2.0**60).where(up, x.of(2.0**-4).where(down, 1.0))
        numerator, denominator = numerator * factor, denominator * factor
    bits = x.bits()
    negative = code.compare("slt", bits, code.integer(0, bits.element))
    return _arctan_quotient(numerator, denominator, negative).call("copysign", y)


def hypot(x: Real, y: Real) -> Real:
    """sqrt(x**2 + y**2), scaled by a power of two so that no square overflows or vanishes."""
    code = x.code
    x, y = x.call("fabs"), y.call("fabs")
    if x.single:
        result = x.fma(x, y * y).call("sqrt")
    else:
        greatest = x.where(x > y, y)
        up, down = greatest < 2.0**-450, greatest > 2.0**500
        factor = x.of(2.0**600).where(up, x.of(2.0**-600).where(down, 1.0))
        back = x.of(2.0**-600).where(up, x.of(2.0**600).where(down, 1.0))
        great, small = greatest * factor, y.where(x > y, x) * factor
        result = great.fma(great, small * small).call("sqrt") * back
    infinite = code.binary("or", x.equals(math.inf), y.equals(math.inf))
    return x.of(math.inf).where(infinite, result)


def _half_angle(magnitude: Real) -> tuple[Real, Real, Real]:
    """Return sqrt(z) as a leading and a small term, and z = (1 - abs(x)) / 2."""
    z = magnitude.fma(-0.5, 0.5)
    root = z.call("sqrt")
    if magnitude.single:
        return root, z.of(0.0), z
    residual = (-root).fma(root, z)
    return root, (residual / (root * 2.0)).where(root > 0.0, 0.0), z


def _arctan_quotient(numerator: Real, denominator: Real, negative: Vector) -> Real:
    """arctan(numerator / denominator) of numbers that are not negative; pi minus that where ``negative`` holds."""
    middle = numerator > denominator * _TAN_EIGHTH
    steep = numerator > denominator * _TAN_THREE_EIGHTHS
    over = (-denominator).where(steep, (numerator - denominator).where(middle, numerator))
    under = numerator.where(steep, (numerator + denominator).where(middle, denominator))
    t = over / under
    z = t * t
    angle = _angles(t, steep, HALF_PI, middle, QUARTER_PI, (0.0, 0.0))
    mirrored = _angles(t, steep, HALF_PI, middle, THREE_QUARTER_PI, PI)
    high, low = (reflex.where(negative, usual) for reflex, usual in zip(mirrored, angle, strict=True))
    t = (-t).where(negative, t)
    return high + (t + t.fma(z * ATAN.at(z), low))


def _angles(
    like: Real, steep: Vector, if_steep: Parts, middle: Vector, if_middle: Parts, otherwise: Parts
) -> tuple[Real, Real]:
    """Choose among three angles, each given in parts."""
    parts = zip(*(in_parts(like, angle) for angle in (if_steep, if_middle, otherwise)), strict=True)
    high, low = (like.of(first).where(steep, like.of(second).where(middle, third)) for first, second, third in parts)
    return high, low
