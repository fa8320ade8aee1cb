"""Sine, cosine and tangent.

The argument is reduced by multiples of pi (of pi / 2 for the tangent) in three parts by FMA (Cody and Waite 1980,
chapter 8), which is exact enough below `_LIMIT`; greater arguments, rare, go to the C library lane by lane.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.coefficients import COS_QUARTER_TURN, HALF_PI, PI, SIN_HALF_TURN, SIN_QUARTER_TURN
from fuser_cpu_llvm.mathematics.evaluation import Real, nearest

__all__ = ["cos", "sin", "tan"]

_LIMIT = 1e5


def sin(x: Real) -> Real:
    k, shifted = nearest(x, 1.0 / math.pi)
    result = _flipped(_sin_half_turn(_reduce(x, k, PI)), shifted)
    return _far(x, "sin", x.where(x.equals(0.0), result))


def cos(x: Real) -> Real:
    """sin(x + pi / 2): with k the odd multiple of pi / 2 nearest to x."""
    whole, shifted = nearest(x.fma(1.0 / math.pi, -0.5), 1.0)
    r = _reduce(x, whole.fma(2.0, 1.0), HALF_PI)
    return _far(x, "cos", -_flipped(_sin_half_turn(r), shifted))


def tan(x: Real) -> Real:
    """Sin / cos of the rest; -cos / sin in odd quadrants."""
    code = x.code
    k, shifted = nearest(x, 2.0 / math.pi)
    r, low = _reduce_in_two(x, k, HALF_PI)
    z = r * r
    cubic = z * SIN_QUARTER_TURN.at(z)
    sine = r + r.fma(cubic, low)
    head = z.fma(-0.5, 1.0)
    tail = (1.0 - head) - z * 0.5
    cosine = head + (z * z).fma(COS_QUARTER_TURN.at(z), tail - r * low)
    odd = code.compare("ne", code.binary("and", shifted.bits(), code.integer(1, "i64")), code.integer(0, "i64"))
    result = (-cosine).where(odd, sine) / sine.where(odd, cosine)
    return _far(x, "tan", x.where(x.equals(0.0), result))


def _reduce(x: Real, k: Real, period: tuple[float, ...]) -> Real:
    """X - k * period; the first product and difference are exact, each of the others is rounded once."""
    k = -k
    return k.fma(period[2], k.fma(period[1], k.fma(period[0], x)))


def _reduce_in_two(x: Real, k: Real, period: tuple[float, ...]) -> tuple[Real, Real]:
    """X - k * period as a leading and a small term."""
    k = -k
    exact = k.fma(period[0], x)
    nearly = k.fma(period[1], exact)
    # What rounding `nearly` lost. Next to a multiple of the period the subtraction is not exact, nor is it needed.
    lost = k.fma(period[1], exact - nearly)
    return k.fma(period[2], nearly), lost.of(0.0).where(exact.call("fabs") < 2.0**-36, lost)


def _sin_half_turn(r: Real) -> Real:
    """sin(r) for abs(r) <= pi / 2."""
    z = r * r
    return (r * z).fma(SIN_HALF_TURN.at(z), r)


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
