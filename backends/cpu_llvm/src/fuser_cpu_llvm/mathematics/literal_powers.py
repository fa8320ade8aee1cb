"""Powers by a literal that is whole or a half: products of pairs, which take a third of the time of a logarithm.

They are made by squarings, with what each rounded product lost kept beside it. Where that runs out of range, in a
function of its own, x = 2**k * m with sqrt(1/2) <= m < sqrt(2): first m**n, and 2**(k * n) applied last. A half takes
an even k, and the square root of m, or of 2 * m or m / 2.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.mathematics.evaluation import Real, clamp, nearest
from fuser_cpu_llvm.mathematics.exponentials import scale
from fuser_cpu_llvm.mathematics.logarithms import split
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, quotient

__all__ = ["is_short", "literal_power"]

_GREATEST = 64
"""Up to here an exponent takes eleven products at most, and what they lose together stays far below a last place."""

_LEAST = 2.0**-960
"""Down to here what a product loses is a normal number."""

_BEYOND = 2000.0
"""A power of two that takes any m**n out of range, and that two factors hold."""


def is_short(exponent: float) -> bool:
    """Whether `literal_power` takes it."""
    return 0 < abs(exponent) <= _GREATEST and (2 * exponent).is_integer()


def literal_power(x: Real, exponent: float) -> Real:
    """x**exponent, with the special values of `power`."""
    if abs(exponent) == 1:
        return x if exponent > 0 else 1.0 / x
    if exponent == 2:
        return x * x
    if x.spare:
        return _spare(x, exponent)
    high, low = _raised(x, x.call("sqrt"), exponent)
    usual = high + low
    if exponent % 2 == 1:
        usual = usual.call("copysign", x)  # of zeros
    far = _out_of_range(x, high, exponent)
    return Real(x.code, x.code.rarely_all(far, _far_power(x, exponent), (x.vector,), usual.vector))


def _spare(x: Real, exponent: float) -> Real:
    """Where single precision is what counts, doubles neither overflow nor vanish before the result does."""
    if exponent.is_integer():
        return _raised(x, x, exponent)[0]
    magnitude = x.call("fabs")
    return _unless_negative(x, _raised(magnitude, magnitude.call("sqrt"), exponent)[0])


def _unless_negative(x: Real, result: Real) -> Real:
    return x.of(math.nan).where(x.code.binary("and", x < 0.0, x > -math.inf), result)


def _out_of_range(x: Real, high: Real, exponent: float) -> Vector:
    """Where a product, all of which lie between 1 and the last, or what it lost, may be subnormal or infinite."""
    code = x.code
    extreme = (x if abs(exponent) < 1 else high).call("fabs")
    small = extreme < _LEAST
    if exponent > 0 and exponent.is_integer():
        small = code.binary("and", small, code.compare("one", x.vector, x.of(0.0).vector))
    return code.binary("or", small, code.compare("ugt", extreme.vector, x.of(1 / _LEAST).vector))


def _far_power(x: Real, exponent: float) -> str:
    """Name the function for what is out of range, and have it in the module."""
    name, kind = f'@"power.{exponent}"', x.code.vector_type("double")
    if name not in x.code.declarations:
        inner = Code(x.code.lanes, x.code.fast_math)
        result = _scaled(Real(inner, Vector("%x", "double")), exponent).vector.name
        head, ending = f"{kind} {name}({kind} %x)", f"  ret {kind} {result}"
        x.code.declare(name, inner.function(head, [ending], traits="cold noinline "))
        for declared, text in inner.declarations.items():
            x.code.declare(declared, text)
    return name


def _scaled(x: Real, exponent: float) -> Real:
    """The power of any number, with the special values."""
    magnitude = x.call("fabs")
    parts = split(magnitude)
    base, k = parts.fraction + 1.0, parts.exponent
    if not exponent.is_integer():
        left = nearest(k, 0.5)[0].fma(-2.0, k)  # -1, 0 or 1
        base = (base * 2.0).where(left > 0.0, (base * 0.5).where(left < 0.0, base))
        k = k - left
    high, low = _raised(base, base.call("sqrt"), exponent)
    result = scale(high + low, clamp(k * exponent, -_BEYOND, _BEYOND))
    limit = magnitude
    if exponent < 0:
        limit = x.of(math.inf).where(x.equals(0.0), x.of(0.0).where(magnitude.equals(math.inf), magnitude))
    ordinary = x.code.binary("and", magnitude > 0.0, magnitude < math.inf)
    result = result.where(ordinary, limit)
    if not exponent.is_integer():
        return _unless_negative(x, result)
    return result.call("copysign", x) if exponent % 2 == 1 else result


def _raised(base: Real, root: Real, exponent: float) -> Pair:
    """base**exponent; ``root`` is the square root, which counts for halves."""
    whole = int(abs(exponent))
    result = _product(base, whole) if whole else None
    if whole != abs(exponent):
        low = base.of(0.0) if base.spare else (-root).fma(root, base) * (0.5 / root)
        result = _times(result, (root, low)) if result else (root, low)
    assert result is not None
    if exponent > 0:
        return result
    return (1.0 / result[0], base.of(0.0)) if base.spare else quotient((base.of(1.0), base.of(0.0)), result)


def _product(base: Real, count: int) -> Pair:
    """base**count for a positive count: by squarings, a product with the base wherever its binary digits have a 1."""
    high, low = base, base.of(0.0)
    for place in reversed(range(count.bit_length() - 1)):
        square, lost = exact_product(high, high)
        low = lost if high is base else (low * 2.0).fma(high, lost)
        high = square
        if count >> place & 1:
            product, lost = exact_product(high, base)
            high, low = product, low.fma(base, lost)
    return high, low


def _times(x: Pair, y: Pair) -> Pair:
    product, lost = exact_product(x[0], y[0])
    return product, x[0].fma(y[1], x[1].fma(y[0], lost))
