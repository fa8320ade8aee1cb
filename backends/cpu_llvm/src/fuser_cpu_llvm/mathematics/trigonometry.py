"""Sine, cosine and tangent.

The argument is reduced by multiples of pi (of pi / 2 for the tangent) in three parts by FMA (Cody and Waite 1980,
chapter 8), which is exact enough below `_LIMIT`; greater arguments, rare, go to the C library lane by lane.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.coefficients import HALF_PI_PARTS, PI_PARTS, SIN_HALF_TURN, TAN
from fuser_cpu_llvm.mathematics.evaluation import Real, nearest

__all__ = ["cos", "sin", "tan"]

_LIMIT = 1e5


def sin(x: Real) -> Real:
    k, shifted = nearest(x, 1.0 / math.pi)
    result = _flipped(_sin_half_turn(_reduce(x, k, PI_PARTS)), shifted)
    return _far(x, "sin", x.where(x.equals(0.0), result))


def cos(x: Real) -> Real:
    """sin(x + pi / 2): with k the odd multiple of pi / 2 nearest to x."""
    whole, shifted = nearest(x.fma(1.0 / math.pi, -0.5), 1.0)
    r = _reduce(x, whole.fma(2.0, 1.0), HALF_PI_PARTS)
    return _far(x, "cos", -_flipped(_sin_half_turn(r), shifted))


def tan(x: Real) -> Real:
    """The tangent of the rest; -1 / tangent in odd quadrants."""
    code = x.code
    k, shifted = nearest(x, 2.0 / math.pi)
    r, low = _reduce_in_two(x, k, HALF_PI_PARTS)
    z = r * r
    tangent = r + r.fma(z * TAN.at(z), low.fma(z, low))
    odd = code.compare("ne", code.binary("and", shifted.bits(), code.integer(1, "i64")), code.integer(0, "i64"))
    result = x.of(-1.0).where(odd, tangent) / tangent.where(odd, 1.0)
    return _far(x, "tan", x.where(x.equals(0.0), result))


def _reduce(x: Real, k: Real, period: tuple[float, ...]) -> Real:
    """X - k * period; the first difference is exact, next to a multiple of the period the second too."""
    k = -k
    return k.fma(period[2], k.fma(period[1], k.fma(period[0], x)))


def _reduce_in_two(x: Real, k: Real, period: tuple[float, ...]) -> tuple[Real, Real]:
    """X - k * period as a leading and a small term."""
    k = -k
    exact = k.fma(period[0], x)
    nearly = k.fma(period[1], exact)
    r = k.fma(period[2], nearly)
    return r, k.fma(period[1], exact - nearly) + k.fma(period[2], nearly - r)


def _sin_half_turn(r: Real) -> Real:
    """sin(r) for abs(r) <= pi / 2."""
    z = r * r
    result = (r * z).fma(SIN_HALF_TURN.at(z), r)
    if result.single:
        return result
    result = r.of(1.0).where(result > 1.0, result)  # by a unit of the last place, next to pi / 2
    return r.of(-1.0).where(result < -1.0, result)


def _flipped(value: Real, shifted: Real) -> Real:
    """Change the sign where the integer in the low bits is odd."""
    code = value.code
    sign = code.binary("shl", shifted.bits(), code.integer(63, "i64"))
    return value.from_bits(code.binary("xor", value.bits(), sign))


def _far(x: Real, name: str, usual: Real) -> Real:
    """Take great arguments from the C library; inf and NaN give NaN."""
    code, function = x.code, f"@fuser.libm.{name}"
    magnitude = x.call("fabs")
    code.declare(function, f"declare double {function}(double)")
    far: Vector = code.binary("and", magnitude > _LIMIT, magnitude < math.inf)
    result = Real(code, code.rarely(far, function, (x.vector,), usual.vector), x.single)
    return x.of(math.nan).where(magnitude.equals(math.inf), result)
