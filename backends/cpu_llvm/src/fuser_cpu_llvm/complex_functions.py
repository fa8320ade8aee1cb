"""Elementary functions of complex numbers, out of those of real ones, where the result is near by the norm."""

from __future__ import annotations

import math
from collections.abc import Callable

from fuser_core.records import frozen
from fuser_cpu_llvm import mathematics
from fuser_cpu_llvm.ir import Code
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.registers import Complex

__all__ = ["exp", "log", "sqrt"]


@frozen
class _Range:
    """Powers of two at which a type runs out of exponents.

    Attributes:
        large: Beyond this, twice a number may be none.
        small: Below this, a sum of squares has lost digits.
        up: What lifts the least number above ``small``; even.
        exponent: From here on the exponential may be infinite where its product with a sine is not.
    """

    large: int
    small: int
    up: int
    exponent: float


_RANGES = {"double": _Range(1020, -900, 200, 709.0), "float": _Range(124, -80, 80, 88.0)}
_DOWN = -4


def _call(name: str, *operands: Real) -> Real:
    code = operands[0].code
    return Real(code, mathematics.FUNCTIONS[name](code, *(operand.vector for operand in operands)))


def _formula(function: Callable[[Real, Real], tuple[Real, Real]]) -> Callable[[Code, Complex], Complex]:
    """Turn a formula of both parts into an emitter."""

    def emit(code: Code, z: Complex) -> Complex:
        real, imag = function(Real(code, z.real), Real(code, z.imag))
        return Complex(real.vector, imag.vector)

    return emit


@_formula
def exp(x: Real, y: Real) -> tuple[Real, Real]:
    """``exp(x)`` along the angle ``y``."""
    code = x.code
    exponent = _RANGES[x.vector.element].exponent
    beyond = x > exponent
    magnitude = _call("exp", (x - exponent).where(beyond, x))
    rest = x.of(math.exp(exponent)).where(beyond, 1.0)
    real, imag = (_call(name, y) * magnitude * rest for name in ("cos", "sin"))
    nowhere = code.binary("and", x.call("fabs").equals(math.inf), (y - y).is_nan())
    real = magnitude.where(nowhere, real)
    imag = x.of(0.0).where(code.binary("and", nowhere, x < 0.0), y.where(y.equals(0.0), imag))
    return real, imag


@_formula
def log(x: Real, y: Real) -> tuple[Real, Real]:
    """The logarithm of the magnitude, and the angle. Near the unit circle the magnitude less 1 is found first."""
    code, limits = x.code, _RANGES[x.vector.element]
    great, small = _ordered(x, y)
    near = code.binary("and", x.of(0.5) <= great, great <= 2.0)
    beyond = (great - 1.0) * (great + 1.0) + small * small
    large, tiny = great > 2.0**limits.large, great < 2.0**limits.small
    power = x.of(_DOWN).where(large, x.of(limits.up).where(tiny, 0.0))
    factor = x.of(2.0**_DOWN).where(large, x.of(2.0**limits.up).where(tiny, 1.0))
    far = _call("log", _call("hypot", great * factor, small * factor)) - power * math.log(2)
    return (_call("log1p", beyond) * 0.5).where(near, far), _call("arctan2", y * factor, x * factor)


@_formula
def sqrt(x: Real, y: Real) -> tuple[Real, Real]:
    """The root with a real part that is not negative: the part that does not cancel gives the other one."""
    limits = _RANGES[x.vector.element]
    great, _ = _ordered(x, y)
    large, tiny = great > 2.0**limits.large, great < 2.0**limits.small
    factor = x.of(2.0**_DOWN).where(large, x.of(2.0**limits.up).where(tiny, 1.0))
    back = x.of(2.0 ** (-_DOWN // 2)).where(large, x.of(2.0 ** (-limits.up // 2)).where(tiny, 1.0))
    a, b = x.call("fabs") * factor, y.call("fabs") * factor
    first = ((a + _call("hypot", a, b)) * 0.5).call("sqrt")
    second = b * 0.5 / first
    first, second = first * back, second * back
    left, endless = x < 0.0, y.call("fabs").equals(math.inf)
    real, imag = second.where(left, first), first.where(left, second)
    nothing = x.code.binary("and", x.equals(0.0), y.equals(0.0))
    real = x.of(math.inf).where(endless, x.of(0.0).where(nothing, real))
    imag = x.of(math.inf).where(endless, x.of(0.0).where(nothing, imag))
    return real, imag.call("copysign", y)


def _ordered(x: Real, y: Real) -> tuple[Real, Real]:
    """The magnitudes of both parts, the greater first."""
    x, y = x.call("fabs"), y.call("fabs")
    return x.where(x > y, y), y.where(x > y, x)
