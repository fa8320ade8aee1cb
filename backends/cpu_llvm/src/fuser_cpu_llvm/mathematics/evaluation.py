"""Formulas as Python expressions: operators on `Real` emit vector IR."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fuser_core.records import frozen
from fuser_cpu_llvm.ir import Code, Vector

__all__ = [
    "BIAS",
    "FRACTION_BITS",
    "Polynomial",
    "Real",
    "clamp",
    "evaluate",
    "in_parts",
    "nearest",
    "numbers",
    "power_of_two",
    "times_power_of_two",
]

FRACTION_BITS = {"double": 52, "float": 23}
BIAS = {"double": 1023, "float": 127}
"""What is added to the exponent of a number in its representation."""

_LONG = 10
"""From so many coefficients on a polynomial is evaluated as two that are independent of each other."""


@frozen
class Real:
    """A vector of floating-point numbers in a formula.

    Attributes:
        code: Where the instructions go.
        vector: The register.
        single: Whether the result is one of single precision, so that shorter polynomials do. In a register of doubles
            small terms are then 0 by definition, and cost nothing: with the literal 0 nothing is emitted.
    """

    code: Code
    vector: Vector
    single: bool = False

    def of(self, value: float) -> Real:
        """A number in every lane."""
        return Real(self.code, self.code.real(value, self.vector.element), self.single)

    @property
    def spare(self) -> bool:
        """Whether this is a double that stands for single precision, with digits and exponents to spare."""
        return self.single and self.vector.element == "double"

    @property
    def vanishes(self) -> bool:
        """Whether this is a 0 that a formula for single precision has in place of a small term."""
        return self.single and self.vector == self.code.real(0.0, self.vector.element)

    def _operand(self, other: Real | float) -> Real:
        return other if isinstance(other, Real) else self.of(other)

    def _binary(self, opcode: str, left: Real, right: Real) -> Real:
        return Real(self.code, self.code.binary(opcode, left.vector, right.vector), self.single)

    def __add__(self, other: Real | float) -> Real:
        other = self._operand(other)
        if self.vanishes or other.vanishes:
            return other if self.vanishes else self
        return self._binary("fadd", self, other)

    __radd__ = __add__

    def __sub__(self, other: Real | float) -> Real:
        return self._binary("fsub", self, self._operand(other))

    def __rsub__(self, other: float) -> Real:
        return self._binary("fsub", self.of(other), self)

    def __mul__(self, other: Real | float) -> Real:
        other = self._operand(other)
        if self.vanishes or other.vanishes:
            return self.of(0.0)
        return self._binary("fmul", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Real | float) -> Real:
        return self._binary("fdiv", self, self._operand(other))

    def __rtruediv__(self, other: float) -> Real:
        return self._binary("fdiv", self.of(other), self)

    def __neg__(self) -> Real:
        return Real(self.code, self.code.negate(self.vector), self.single)

    def __lt__(self, other: Real | float) -> Vector:
        return self.code.compare("olt", self.vector, self._operand(other).vector)

    def __le__(self, other: Real | float) -> Vector:
        return self.code.compare("ole", self.vector, self._operand(other).vector)

    def __gt__(self, other: Real | float) -> Vector:
        return self.code.compare("ogt", self.vector, self._operand(other).vector)

    def equals(self, other: Real | float) -> Vector:
        """Lanes where the numbers are equal."""
        return self.code.compare("oeq", self.vector, self._operand(other).vector)

    def is_nan(self) -> Vector:
        return self.code.compare("uno", self.vector, self.vector)

    def fma(self, factor: Real | float, addend: Real | float) -> Real:
        """``self * factor + addend``, rounded once."""
        factor, addend = self._operand(factor), self._operand(addend)
        if self.vanishes or factor.vanishes or addend.vanishes:
            return self * factor + addend
        return Real(self.code, self.code.fma(self.vector, factor.vector, addend.vector), self.single)

    def call(self, intrinsic: str, *operands: Real) -> Real:
        """Apply an LLVM intrinsic: ``fabs``, ``sqrt``, ``copysign``."""
        vectors = (self.vector, *(operand.vector for operand in operands))
        return Real(self.code, self.code.intrinsic(intrinsic, *vectors), self.single)

    def where(self, condition: Vector, other: Real | float) -> Real:
        """This number where ``condition`` holds, else the other."""
        other = self._operand(other)
        if self.vanishes and other.vanishes:
            return self
        chosen = self.code.select(condition, self.vector, other.vector)
        return Real(self.code, chosen, self.single)

    def bits(self) -> Vector:
        """The representation as integers of the same width."""
        return self.code.convert("bitcast", self.vector, f"i{self.vector.bits}")

    def from_bits(self, bits: Vector) -> Real:
        """The numbers of a representation."""
        return Real(self.code, self.code.convert("bitcast", bits, self.vector.element), self.single)


@frozen
class Polynomial:
    """Coefficients, constant term first, for results in double and in single precision; all are doubles."""

    double: tuple[float, ...]
    single: tuple[float, ...]

    @classmethod
    def read(cls, double: str, single: str) -> Polynomial:
        """Make one from the texts of its coefficients."""
        return cls(numbers(double), numbers(single))

    def at(self, x: Real) -> Real:
        return evaluate(x, self.single if x.single else self.double)


def evaluate(x: Real, coefficients: Sequence[float]) -> Real:
    """Evaluate a polynomial, whose constant term comes first.

    By Horner's rule, each step of which waits for the one before it. So a long one is split into its even and its odd
    powers, which a processor evaluates side by side: four registers in flight do not fill two units whose result takes
    four cycles.
    """
    if len(coefficients) < _LONG:
        return _horner(x, coefficients)
    square = x * x
    return _horner(square, coefficients[1::2]).fma(x, _horner(square, coefficients[::2]))


def _horner(x: Real, coefficients: Sequence[float]) -> Real:
    *rest, leading = coefficients
    result = x.of(leading)
    for coefficient in reversed(rest):
        result = result.fma(x, coefficient)
    return result


def clamp(x: Real, low: float, high: float) -> Real:
    """Limit a number; NaN stays."""
    x = x.of(high).where(x > high, x)
    return x.of(low).where(x < low, x)


def numbers(text: str) -> tuple[float, ...]:
    """Read doubles written in hexadecimal."""
    return tuple(float.fromhex(word) for word in text.split())


def in_parts(x: Real, constant: Sequence[float]) -> tuple[float, float]:
    """Return a constant, given as the sum of doubles, as one of two numbers in the precision of ``x``."""
    if x.vector.element == "double":
        return constant[0], constant[1]
    high = float(np.float32(constant[0]))
    return high, (constant[0] - high) + constant[1]


def nearest(x: Real, factor: float, powers: int = 0) -> tuple[Real, Real]:
    """Round ``x * factor`` to an integer, and have it in low bits as well.

    Args:
        x: Times the factor below 2**51, in single precision 2**22.
        factor: A number.
        powers: How many factors the second result will be made into a power of two with: see `power_of_two`.
    """
    element = x.vector.element
    # Added to a number, this leaves the nearest integer in the low bits of the significand.
    magic = 1.5 * 2.0 ** FRACTION_BITS[element] + powers * BIAS[element]
    shifted = x.fma(factor, magic)
    return shifted - magic, shifted


def power_of_two(shifted: Real) -> Real:
    """2**k, neither subnormal nor infinite, for the k in what `nearest` returned for one factor."""
    return shifted.from_bits(_to_exponent(shifted, FRACTION_BITS[shifted.vector.element]))


def times_power_of_two(value: Real, shifted: Real) -> Real:
    """``value`` * 2**k, rounded once, for any k in what `nearest` returned for two factors."""
    code, bits = value.code, FRACTION_BITS[value.vector.element]
    both = _to_exponent(shifted, bits)
    field = code.integer(-1 << bits, both.element)
    half = code.binary("and", _to_exponent(shifted, bits - 1), field)
    return value * value.from_bits(half) * value.from_bits(code.binary("sub", both, half))


def _to_exponent(shifted: Real, places: int) -> Vector:
    """Move the low bits to where the exponent is; the others fall out at the top."""
    bits = shifted.bits()
    return shifted.code.binary("shl", bits, shifted.code.integer(places, bits.element))
