"""The logarithm of the absolute value of the gamma function.

From 5.5 on by Stirling's formula. Below, by at most three steps of gamma(x + 1) = x * gamma(x) to gamma(2 + t) with
abs(t) <= 1/2. Below -1/2 by reflection: gamma(-a) * gamma(a) = -pi / (a * sin(pi * a)). Next to a zero on the
negative axis two logarithms cancel: there the error is below a unit of the last place of gammaln(-x).
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.mathematics.coefficients import GAMMALN, ONE_LESS_EULER, SIN_PI, STIRLING, STIRLING_CONSTANT
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.logarithms import log_of_pair
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, exact_sum, ordered_sum

__all__ = ["gammaln"]

_OVERFLOW = 2.5599833278516383e305
"""The greatest argument whose result is finite."""


def gammaln(x: Real) -> Real:
    code, magnitude = x.code, x.call("fabs")
    whole = magnitude.call("rint")
    fraction = magnitude - whole
    result, rest = _of_magnitude(x, magnitude, whole, fraction)
    turned, turned_rest = _log_of_sine(magnitude, fraction)
    total, lost = exact_sum(result, turned)
    reflected = code.binary("and", x < 0.0, whole > 0.0)
    result = (-(total + (lost + rest + turned_rest))).where(reflected, result + rest)
    pole = code.binary("and", fraction.equals(0.0), x <= 0.0)
    result = x.of(math.inf).where(code.binary("or", pole, magnitude > _OVERFLOW), result)
    return x.where(code.compare("ueq", magnitude.vector, x.of(math.inf).vector), result)


def _of_magnitude(x: Real, magnitude: Real, whole: Real, fraction: Real) -> Pair:
    """gammaln(abs(x)), or of x itself where that is between -1/2 and 1/2."""
    one = x.of(1.0)
    tiny, far = whole < 0.5, whole > 5.5
    t = x.where(tiny, fraction)
    first = magnitude.where(whole < 1.5, one.where(whole < 2.5, magnitude - 1.0))
    second = (x + 1.0).where(tiny, one.where(whole < 3.5, magnitude - 2.0))
    second_low = (x - ((x + 1.0) - 1.0)).where(tiny, 0.0)
    third = one.where(whole < 4.5, magnitude - 3.0)
    product, low = exact_product(first, second)
    low = first.fma(second_low, low)
    product, more = exact_product(product, third)
    high, low = log_of_pair(magnitude.where(far, product), x.of(0.0).where(far, low.fma(third, more)))

    less, lost = ordered_sum(high - 1.0, low)
    stirling, stirling_low = exact_product(magnitude, less)
    stirling_low = magnitude.fma(lost, stirling_low)
    inverse = 1.0 / magnitude
    stirling_low = inverse.fma(STIRLING.at(inverse * inverse), stirling_low + STIRLING_CONSTANT[1])

    bend, bend_low = exact_product(t, GAMMALN.at(t))
    slope, slope_low = ordered_sum(ONE_LESS_EULER[0], bend)
    base, base_low = exact_product(t, slope)
    base_low = t.fma(slope_low + (bend_low + ONE_LESS_EULER[1]), base_low)
    up = whole < 1.5
    near, near_low = (-high).where(up, high), (-low).where(up, low)

    total, lost = exact_sum(stirling.where(far, near), less.fma(-0.5, STIRLING_CONSTANT[0]).where(far, base))
    return total, lost + stirling_low.where(far, near_low + base_low)


def _log_of_sine(magnitude: Real, fraction: Real) -> Pair:
    """log(abs(x * sin(pi * x)) / pi)."""
    square = fraction * fraction
    sine, sine_low = ordered_sum(1.0, square * SIN_PI.at(square))
    product, low = exact_product(magnitude, fraction.call("fabs"))
    high, more = exact_product(product, sine)
    return log_of_pair(high, product.fma(sine_low, low.fma(sine, more)))
