"""Powers and the cube root.

x**y = exp(y * log(x)). The product may be as great as 745, and its absolute error is the result's relative one: the
logarithm is a pair of doubles, good to 2**-65.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.coefficients import INVERSE_CBRT, LN2, POWER_LOG, TWO_THIRDS
from fuser_cpu_llvm.mathematics.evaluation import Real, nearest, power_of_two
from fuser_cpu_llvm.mathematics.exponentials import exp, exp_of_pair, scale
from fuser_cpu_llvm.mathematics.literal_powers import is_short, literal_power
from fuser_cpu_llvm.mathematics.logarithms import log, split
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, ordered_sum

__all__ = ["cbrt", "power"]

_CBRT_4 = math.cbrt(4.0)
_SATURATED = 2.0**65
"""An exponent of this size takes any base but 1 out of range."""


def power(x: Real, y: Real) -> Real:
    """1 for x = 1 or y = 0, whatever the other is; NaN for negative x unless y is whole or x infinite."""
    literal = y.vector.number
    if literal is not None and is_short(literal):
        return literal_power(x, literal)
    code, magnitude = x.code, x.call("fabs")
    exponent = y.of(_SATURATED).where(y > _SATURATED, y)
    exponent = y.of(-_SATURATED).where(exponent < -_SATURATED, exponent)
    if x.single:
        size = exp(exponent * log(magnitude))
    else:
        high, low = _log_in_two(magnitude)
        product, lost = exact_product(exponent, high)
        k, value, _ = exp_of_pair(product, exponent.fma(low, lost))
        size = scale(value, k)
    broken, odd = _parity(y)
    sign = code.binary("and", x.bits(), code.integer(-(1 << 63), "i64"))
    sign = code.select(odd, sign, code.integer(0, "i64"))
    result = size.from_bits(code.binary("xor", size.bits(), sign))
    negative = code.binary("and", x < 0.0, x > -math.inf)
    result = x.of(math.nan).where(code.binary("and", negative, broken), result)
    return x.of(1.0).where(code.binary("or", x.equals(1.0), y.equals(0.0)), result)


def cbrt(x: Real) -> Real:
    """With x = 8**q * v and 1/3 < v < 3: 2**q * v * r**2, where r = v**(-1/3) comes from a polynomial and one step."""
    magnitude = x.call("fabs")
    parts = split(magnitude)
    third, shifted = nearest(parts.exponent, 1.0 / 3.0, 1)
    left = third.fma(-3.0, parts.exponent)  # -1, 0 or 1
    v = parts.fraction + 1.0
    r = INVERSE_CBRT.at(parts.fraction)
    v = (v * 2.0).where(left > 0.0, (v * 0.5).where(left < 0.0, v))
    r = (r * (0.5 * _CBRT_4)).where(left > 0.0, (r * (2.0 / _CBRT_4)).where(left < 0.0, r))
    h = (-(r * r * r)).fma(v, 1.0)
    r = (r * h).fma(h.fma(2.0 / 9.0, 1.0 / 3.0), r)
    square = r * r
    root = v * square
    if not x.single:  # One step of Newton's, with the exact cube.
        own, own_low = exact_product(root, root)
        rest = (-root).fma(own_low, (-root).fma(own, v))
        root = (rest * (1.0 / 3.0)).fma(square, root)
    root = (root * power_of_two(shifted)).call("copysign", x)
    ordinary = x.code.binary("and", magnitude > 0.0, magnitude < math.inf)
    return root.where(ordinary, x)


def _parity(y: Real) -> tuple[Vector, Vector]:
    """Where a number is not whole, and where it is odd; inf is even."""
    code, half = y.code, y * 0.5
    broken = code.compare("une", y.vector, y.call("rint").vector)
    not_even = code.compare("une", half.vector, half.call("rint").vector)
    return broken, code.binary("and", not_even, code.compare("oeq", y.vector, y.call("rint").vector))


def _log_in_two(x: Real) -> Pair:
    """log(x) of a number that is not negative: 2 * s + s**3 * (2/3 + s**2 * P(s**2)) in pairs; see `logarithms`."""
    parts = split(x)
    f = parts.fraction
    under = f + 2.0
    inverse = 1.0 / under
    s = f * inverse
    s_low = ((-s).fma(under, f) - s * (f - (under - 2.0))) * inverse
    square = s * s
    square_low = s.fma(s, -square) + s * (s_low * 2.0)
    inner = POWER_LOG.at(square)
    factor, factor_low = ordered_sum(TWO_THIRDS[0], square * inner)
    factor_low = square_low.fma(inner, factor_low + TWO_THIRDS[1])
    cube, cube_low = exact_product(s, square)
    cube_low = cube_low + s.fma(square_low, s_low * square)
    tail, tail_low = exact_product(cube, factor)
    tail_low = tail_low + cube.fma(factor_low, cube_low * factor)
    total, lost = ordered_sum(parts.exponent * LN2[0], s * 2.0)
    total, lost_too = ordered_sum(total, tail)
    low = parts.exponent.fma(LN2[1], s_low.fma(2.0, tail_low) + lost + lost_too)
    high, low = ordered_sum(total, low)
    high = x.where(x.code.compare("ueq", x.vector, x.of(math.inf).vector), high)
    return x.of(-math.inf).where(x.equals(0.0), high), low
