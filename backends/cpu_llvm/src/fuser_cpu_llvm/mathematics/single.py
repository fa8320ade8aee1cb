"""Functions computed in single precision throughout: twice the lanes of `exponentials` and the like, below 1 ULP.

Those that are not here are computed in double precision and rounded. Every formula was checked for all 2**32 arguments
(`tools/check_single.py`); the errors are in the accuracy table.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Vector
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.single_coefficients import EXP, HALF_PI, LN2, LOG, PI, SIN, TANH

__all__ = ["cos", "exp", "exp2", "log", "sin", "tanh"]

_MAGIC = 1.5 * 2.0**23
"""Added to a number below 2**22 it leaves the nearest integer in the low bits of the significand."""

_MAGIC_BITS = 0x4B400000
_ONE_BITS = 0x3F800000
_SQRT_HALF_BITS = 0x3F3504F3
_FRACTION_BITS = 23
_TANH_FAR = 0.875
_FAR = 1e5
"""Beyond it sine and cosine go to the C library, lane by lane: the reduction loses digits."""


def exp(x: Real) -> Real:
    limited = _clamp(x, -105.0, 90.0)
    k, bits = _nearest(limited, 1.0 / math.log(2))
    return x.where(x.is_nan(), _scale(_exp_near_zero(_without_ln2(limited, k)), bits))


def exp2(x: Real) -> Real:
    limited = _clamp(x, -151.0, 129.0)
    k, bits = _nearest(limited, 1.0)
    rest = limited - k
    return x.where(x.is_nan(), _scale(_exp_near_zero(rest.fma(LN2[0], rest * LN2[1])), bits))


def tanh(x: Real) -> Real:
    """Near 0 by x + x**3 * P(x**2); from 7/8 on by 1 - 2 / (exp(2 * abs(x)) + 1)."""
    magnitude = x.call("fabs")
    doubled = magnitude.of(20.0).where(magnitude > 10.0, magnitude * 2.0)
    k, bits = _nearest(doubled, 1.0 / math.log(2))
    code = x.code
    power = _exp_near_zero(_without_ln2(doubled, k))
    grown = power.from_bits(code.binary("add", power.bits(), _shifted(x, bits)))
    far = 1.0 - 2.0 / (grown + 1.0)
    z = x * x
    near = (x * z).fma(_horner(z, TANH), x)
    chosen = far.where(code.compare("oge", magnitude.vector, x.of(_TANH_FAR).vector), near)
    return chosen.call("copysign", x)


def log(x: Real) -> Real:
    """The sum of k times the logarithm of 2 and f - f**2 / 2 + f**3 * P(f), where x = 2**k * (1 + f)."""
    code = x.code
    subnormal = x < 2.0**-126
    bits = (x * 2.0**23).where(subnormal, x).bits()
    # Offset, so that the significand lies between sqrt(1/2) and sqrt(2) and the rest is a multiple of its exponent.
    offset = code.binary("sub", bits, code.integer(_SQRT_HALF_BITS, "i32"))
    exponent = code.binary("ashr", offset, code.integer(_FRACTION_BITS, "i32"))
    mantissa = code.binary("sub", bits, code.binary("shl", exponent, code.integer(_FRACTION_BITS, "i32")))
    f = x.from_bits(mantissa) - 1.0
    k = Real(code, code.convert("sitofp", exponent, "float"), x.single)
    k = (k - 23.0).where(subnormal, k)
    z = f * f
    tail = (z * f).fma(_horner(f, LOG), k * LN2[1])
    low = z.fma(-0.5, tail)
    result = k.fma(LN2[0], f + low)
    return _log_limits(x, result)


def sin(x: Real) -> Real:
    k, bits = _nearest(x, 1.0 / math.pi)
    result = _flipped(_sin_half_turn(_without(x, k, PI)), bits)
    return _far(x, "sin", x.where(x.equals(0.0), result))


def cos(x: Real) -> Real:
    """sin(x + pi / 2): with k the odd multiple of pi / 2 nearest to x."""
    whole, bits = _nearest(x.fma(1.0 / math.pi, -0.5), 1.0)
    r = _without(x, whole.fma(2.0, 1.0), HALF_PI)
    return _far(x, "cos", -_flipped(_sin_half_turn(r), bits))


def _nearest(x: Real, factor: float) -> tuple[Real, Vector]:
    """Round ``x * factor`` to an integer: as a number, and as the bits of another that hold it, plus `_MAGIC_BITS`."""
    shifted = x.fma(factor, _MAGIC)
    return shifted - _MAGIC, shifted.bits()


def _without_ln2(x: Real, k: Real) -> Real:
    """X - k * log(2); the first product is exact."""
    return (-k).fma(LN2[1], (-k).fma(LN2[0], x))


def _without(x: Real, k: Real, period: tuple[float, ...]) -> Real:
    """X - k * period; the first product and difference are exact, each of the others is rounded once."""
    k = -k
    return k.fma(period[2], k.fma(period[1], k.fma(period[0], x)))


def _exp_near_zero(r: Real) -> Real:
    return (r * r).fma(_horner(r, EXP), r) + 1.0


def _sin_half_turn(r: Real) -> Real:
    z = r * r
    return (r * z).fma(_horner(z, SIN), r)


def _horner(x: Real, coefficients: tuple[float, ...]) -> Real:
    *rest, leading = coefficients
    result = x.of(leading)
    for coefficient in reversed(rest):
        result = result.fma(x, coefficient)
    return result


def _shifted(x: Real, bits: Vector) -> Vector:
    """Move the low bits of what `_nearest` returns to where the exponent is; the others fall out at the top."""
    return x.code.binary("shl", bits, x.code.integer(_FRACTION_BITS, "i32"))


def _scale(value: Real, bits: Vector) -> Real:
    """``value`` (near 1) * 2**k: half of k is added to the exponent, the rest is one multiplication, rounded once."""
    code = value.code
    k = code.binary("sub", bits, code.integer(_MAGIC_BITS, "i32"))
    half = code.binary("ashr", k, code.integer(1, "i32"))
    rest = code.binary("sub", k, half)
    scaled = value.from_bits(code.binary("add", value.bits(), _shifted(value, half)))
    return scaled * value.from_bits(code.binary("add", _shifted(value, rest), code.integer(_ONE_BITS, "i32")))


def _clamp(x: Real, low: float, high: float) -> Real:
    """Limit a number; NaN stays."""
    x = x.of(high).where(x > high, x)
    return x.of(low).where(x < low, x)


def _flipped(value: Real, bits: Vector) -> Real:
    """Change the sign where the integer in the low bits is odd."""
    code = value.code
    sign = code.binary("shl", bits, code.integer(31, "i32"))
    return value.from_bits(code.binary("xor", value.bits(), sign))


def _log_limits(x: Real, result: Real) -> Real:
    """0 gives -inf, inf gives itself, less than 0 and NaN give NaN."""
    result = x.where(x.equals(math.inf), result)
    result = x.of(-math.inf).where(x.equals(0.0), result)
    return result.of(math.nan).where(x.code.compare("ult", x.vector, x.of(0.0).vector), result)


def _far(x: Real, name: str, usual: Real) -> Real:
    """Take great arguments from the C library; inf and NaN give NaN."""
    code, function, wide = x.code, f"@single.{name}", f"@fuser.libm.{name}"
    code.declare(wide, f"declare double {wide}(double)")
    lines = [
        f"define internal float {function}(float %x) {{",
        "  %wide = fpext float %x to double",
        f"  %result = call double {wide}(double %wide)",
        "  %narrow = fptrunc double %result to float",
        "  ret float %narrow",
        "}",
    ]
    code.declare(function, "\n".join(lines))
    magnitude = x.call("fabs")
    far = code.binary("and", magnitude > _FAR, magnitude < math.inf)
    result = Real(code, code.rarely(far, function, (x.vector,), usual.vector), x.single)
    return x.of(math.nan).where(magnitude.equals(math.inf), result)
