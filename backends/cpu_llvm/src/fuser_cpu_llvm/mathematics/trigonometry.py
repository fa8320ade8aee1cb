"""Sine, cosine and tangent.

The argument is reduced by multiples of pi (of pi / 2 for the tangent) in three parts by FMA (Cody and Waite 1980,
chapter 8), which is exact enough below `_LIMIT`; greater arguments, rare, go to the C library lane by lane. Sine and
cosine are computed in the precision of their argument.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.mathematics import single_coefficients
from fuser_cpu_llvm.mathematics.coefficients import HALF_PI_PARTS, PI_PARTS, SIN_HALF_TURN, TAN
from fuser_cpu_llvm.mathematics.evaluation import Real, evaluate, nearest

__all__ = ["cos", "sin", "tan"]

_LIMIT = 1e5


def sin(x: Real) -> Real:
    period = PI_PARTS if x.vector.element == "double" else single_coefficients.PI
    k, shifted = nearest(x, 1.0 / math.pi)
    result = _flipped(_sin_half_turn(_reduce(x, k, period)), shifted)
    return _far(x, "sin", x.where(x.equals(0.0), result))


def cos(x: Real) -> Real:
    """sin(x + pi / 2): with k the odd multiple of pi / 2 nearest to x."""
    period = HALF_PI_PARTS if x.vector.element == "double" else single_coefficients.HALF_PI
    whole, shifted = nearest(x.fma(1.0 / math.pi, -0.5), 1.0)
    r = _reduce(x, whole.fma(2.0, 1.0), period)
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
    if r.vector.element == "float":
        return (r * z).fma(evaluate(z, single_coefficients.SIN), r)
    result = (r * z).fma(SIN_HALF_TURN.at(z), r)
    result = r.of(1.0).where(result > 1.0, result)  # by a unit of the last place, next to pi / 2
    return r.of(-1.0).where(result < -1.0, result)


def _flipped(value: Real, shifted: Real) -> Real:
    """Change the sign where the integer in the low bits is odd."""
    code = value.code
    bits = shifted.bits()
    sign = code.binary("shl", bits, code.integer(bits.bits - 1, bits.element))
    return value.from_bits(code.binary("xor", value.bits(), sign))


def _far(x: Real, name: str, usual: Real) -> Real:
    """Take great arguments from the C library; inf and NaN give NaN."""
    code, function = x.code, f"@fuser.libm.{name}"
    magnitude = x.call("fabs")
    code.declare(function, f"declare double {function}(double)")
    if x.vector.element == "float":
        function = _narrowed(code, function, name)
    far: Vector = code.binary("and", magnitude > _LIMIT, magnitude < math.inf)
    result = Real(code, code.rarely(far, function, (x.vector,), usual.vector), x.single)
    return x.of(math.nan).where(magnitude.equals(math.inf), result)


def _narrowed(code: Code, function: str, name: str) -> str:
    """Return a function of single precision that calls one of double precision."""
    narrow = f"@single.{name}"
    lines = [
        f"define internal float {narrow}(float %x) {{",
        "  %wide = fpext float %x to double",
        f"  %result = call double {function}(double %wide)",
        "  %narrow = fptrunc double %result to float",
        "  ret float %narrow",
        "}",
    ]
    code.declare(narrow, "\n".join(lines))
    return narrow
