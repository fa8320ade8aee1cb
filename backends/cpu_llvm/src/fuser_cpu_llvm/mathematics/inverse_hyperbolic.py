"""Inverse hyperbolic functions, as logarithms of sums that are kept in two doubles.

arcsinh(x) = log(x + sqrt(x**2 + 1)), arccosh(x) = log(x + sqrt(x**2 - 1)), arctanh(x) = log((1 + x) / (1 - x)) / 2.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.mathematics.coefficients import LN2
from fuser_cpu_llvm.mathematics.evaluation import Real, nearest, power_of_two
from fuser_cpu_llvm.mathematics.logarithms import log_of_pair, split, twice_arctanh, whole_log
from fuser_cpu_llvm.mathematics.pairs import exact_product, ordered_sum

__all__ = ["arccosh", "arcsinh", "arctanh"]

_GREAT = 2.0**500
"""From here on the roots are abs(x) to the last place, and squares come near to overflow."""

_TINY = {True: 2.0**-18, False: 2.0**-28}
"""Below this arcsinh and arctanh are the argument itself, to single or to double precision."""


def arcsinh(x: Real) -> Real:
    magnitude = x.call("fabs")
    limited = magnitude.where(magnitude < _GREAT, _GREAT)
    square, square_low = exact_product(limited, limited)
    total, lost = ordered_sum(1.0, square)
    root = total.call("sqrt")
    # Newton's correction counts only for small arguments, where 1 / (2 * root) is nearly 1 - root / 2.
    slope = root.fma(-0.5, 1.0)
    slope = slope.where(slope > 0.0, 0.0)
    result = _log_of_sum(magnitude, root, limited, _rest(root, total, lost + square_low) * slope)
    return _odd(x, result.where(magnitude < math.inf, magnitude))


def arccosh(x: Real) -> Real:
    limited = x.where(x < _GREAT, _GREAT)
    square, square_low = exact_product(limited, limited)
    total, lost = ordered_sum(square - 1.0, square_low)
    root = total.call("sqrt")
    result = _log_of_sum(x, limited, root, _rest(root, total, lost) * (0.5 / root))
    result = result.where(x < math.inf, x)
    return x.of(0.0).where(x.equals(1.0), x.of(math.nan).where(x < 1.0, result))


def _rest(root: Real, square: Real, low: Real) -> Real:
    """By how much ``square + low`` exceeds the square of ``root``."""
    return low if root.single else (-root).fma(root, square) + low


def _log_of_sum(magnitude: Real, great: Real, small: Real, small_low: Real) -> Real:
    """log(great + small + small_low), or where the magnitude is beyond the limit log(2 * magnitude)."""
    beyond = magnitude > _GREAT
    total, lost = ordered_sum(great, small)
    high, low = log_of_pair(magnitude.where(beyond, total), lost + small_low)
    return high + (low + magnitude.of(LN2[0] + LN2[1]).where(beyond, 0.0))


def arctanh(x: Real) -> Real:
    """With d = 2**k * (1 - abs(x)): k * log(2) / 2 + atanh((1 + abs(x) - d) / (1 + abs(x) + d))."""
    magnitude = x.call("fabs")
    over, over_low = ordered_sum(1.0, magnitude)
    under, under_low = ordered_sum(1.0, -magnitude)
    parts = split(under)
    far = over > (parts.fraction + 1.0) * math.sqrt(2.0)
    k, shifted = nearest((1.0 - parts.exponent).where(far, -parts.exponent), 1.0, 1)
    scale = power_of_two(shifted)
    under, under_low = under * scale, under_low * scale
    total, lost = ordered_sum(over, under)
    inverse = 1.0 / total
    s, low = (over - under) * inverse, x.of(0.0)
    if not x.single:
        rest = (-s).fma(total, over - under) + ((over_low - under_low) - s * (lost + over_low + under_low))
        low = rest * inverse
    high, low = whole_log(k, *twice_arctanh(s, low))
    result = x.of(math.inf).where(magnitude.equals(1.0), (high + low) * 0.5)
    return _odd(x, x.of(math.nan).where(magnitude > 1.0, result))


def _odd(x: Real, result: Real) -> Real:
    """Give a result for abs(x) the sign of x; where x is tiny take x itself, subnormal digits included."""
    return x.where(x.call("fabs") < _TINY[x.single], result.call("copysign", x))
