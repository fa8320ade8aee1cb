"""Formulas as Python expressions: operators on `Real` emit vector IR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fuser_cpu_llvm.ir import Code, Vector

__all__ = ["ONE_BITS", "Polynomial", "Real", "clamp", "horner", "nearest", "numbers", "power_of_two"]

ONE_BITS = 0x3FF0000000000000
"""The bits of 1.0: a biased exponent of 1023."""

_MAGIC = {"double": 1.5 * 2.0**52, "float": 1.5 * 2.0**23}
"""Added to a number below a third of it, this leaves the nearest integer in the low bits of the significand."""


@dataclass(frozen=True, slots=True)
class Real:
    """A vector of floating-point numbers in a formula.

    Attributes:
        code: Where the instructions go.
        vector: The register.
        single: Whether the result will be rounded to single precision, so that shorter polynomials do, and small terms
            that are 0 by definition cost nothing: with the literal 0 nothing is emitted.
    """

    code: Code
    vector: Vector
    single: bool = False

    def of(self, value: float) -> Real:
        """A number in every lane."""
        return Real(self.code, self.code.real(value, self.vector.element), self.single)

    @property
    def vanishes(self) -> bool:
        """Whether this is a 0 that a formula for single precision has in place of a small term."""
        return self.single and self.vector == self.code.real(0.0)

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


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Coefficients, constant term first, for results in double and in single precision; all are doubles."""

    double: tuple[float, ...]
    single: tuple[float, ...]

    @classmethod
    def read(cls, double: str, single: str) -> Polynomial:
        """Make one from the texts of its coefficients."""
        return cls(numbers(double), numbers(single))

    def at(self, x: Real) -> Real:
        """Evaluate by Horner's rule."""
        return horner(x, self.single if x.single else self.double)


def horner(x: Real, coefficients: Sequence[float]) -> Real:
    """Evaluate a polynomial, whose constant term comes first."""
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


def nearest(x: Real, factor: float) -> tuple[Real, Real]:
    """Round ``x * factor`` (below 2**51; in single precision 2**22) to an integer, and have it in low bits as well."""
    magic = _MAGIC[x.vector.element]
    shifted = x.fma(factor, magic)
    return shifted - magic, shifted


def power_of_two(shifted: Real) -> Real:
    """2**k for the integer k, -1022 <= k <= 1023, in the low bits of what `nearest` returns."""
    code = shifted.code
    exponent = code.binary("shl", shifted.bits(), code.integer(52, "i64"))
    return shifted.from_bits(code.binary("add", exponent, code.integer(ONE_BITS, "i64")))
