"""Complex arithmetic on the real and the imaginary parts.

Sums, differences, comparisons, selections and what works on each part agree with NumPy to the bit. Products and
quotients are NumPy's formulas without contraction, and an absolute value does not overflow on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from fuser_cpu_llvm import complex_functions, floats, mathematics
from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.registers import Complex, Register

__all__ = ["COSTS", "LONG", "OPERATIONS", "truth"]


def truth(code: Code, x: Complex) -> Vector:
    """Whether a number is not zero; NaN is not."""
    zero = code.real(0.0, x.element)
    return code.binary("or", code.compare("une", x.real, zero), code.compare("une", x.imag, zero))


# Arithmetic of the program itself, which `fast_math` may rearrange.


def _add(code: Code, x: Vector, y: Vector) -> Vector:
    return code.binary(f"fadd{code.fast_math}", x, y)


def _subtract(code: Code, x: Vector, y: Vector) -> Vector:
    return code.binary(f"fsub{code.fast_math}", x, y)


def _multiply(code: Code, x: Vector, y: Vector) -> Vector:
    return code.binary(f"fmul{code.fast_math}", x, y)


def _divide(code: Code, x: Vector, y: Vector) -> Vector:
    return code.binary(f"fdiv{code.fast_math}", x, y)


def multiply(code: Code, x: Complex, y: Complex) -> Complex:
    real = _subtract(code, _multiply(code, x.real, y.real), _multiply(code, x.imag, y.imag))
    imag = _add(code, _multiply(code, x.real, y.imag), _multiply(code, x.imag, y.real))
    return Complex(real, imag)


def _proportion(code: Code, x: Complex) -> tuple[Vector, Vector, Vector]:
    """Whether the real part is the greater, the lesser part over the greater, and Smith's denominator."""
    upright = code.compare("oge", code.intrinsic("fabs", x.real), code.intrinsic("fabs", x.imag))
    great, small = code.select(upright, x.real, x.imag), code.select(upright, x.imag, x.real)
    ratio = _divide(code, small, great)
    return upright, ratio, _add(code, great, _multiply(code, small, ratio))


def divide(code: Code, x: Complex, y: Complex) -> Complex:
    """Smith's quotient, which squares nothing; by zero each part is divided by +0."""
    upright, ratio, denominator = _proportion(code, y)
    scale = _divide(code, code.real(1.0, y.element), denominator)
    first, second = code.select(upright, x.real, x.imag), code.select(upright, x.imag, x.real)
    crossed = _multiply(code, first, ratio)
    real = _add(code, first, _multiply(code, second, ratio))
    imag = code.select(upright, _subtract(code, second, crossed), _subtract(code, crossed, second))
    nothing = code.binary("xor", truth(code, y), code.integer(1, "i1"))
    scale = code.select(nothing, code.real(math.inf, y.element), scale)
    real, imag = code.select(nothing, x.real, real), code.select(nothing, x.imag, imag)
    return Complex(_multiply(code, real, scale), _multiply(code, imag, scale))


def reciprocal(code: Code, x: Complex) -> Complex:
    """Smith's quotient of 1; NaN at zero."""
    upright, ratio, denominator = _proportion(code, x)
    one = code.real(1.0, x.element)
    real = code.select(upright, one, ratio)
    imag = code.negate(code.select(upright, ratio, one))
    return Complex(_divide(code, real, denominator), _divide(code, imag, denominator))


def absolute(code: Code, x: Complex) -> Vector:
    return mathematics.FUNCTIONS["hypot"](code, x.real, x.imag)


def sign(code: Code, x: Complex) -> Complex:
    """The number over its magnitude; along an axis where that is infinite, NaN where both parts are."""
    zero, infinity = code.real(0.0, x.element), code.real(math.inf, x.element)
    magnitude = absolute(code, x)
    endless = code.compare("oeq", magnitude, infinity)
    flat, steep = floats.isinf(code, x.real), floats.isinf(code, x.imag)
    nowhere = code.binary("and", flat, steep)
    vanishes = code.compare("oeq", magnitude, zero)

    def part(own: Vector, along: Vector) -> Vector:
        whole = code.select(along, code.intrinsic("copysign", code.real(1.0, x.element), own), zero)
        result = code.select(endless, whole, _divide(code, own, magnitude))
        result = code.select(nowhere, code.real(math.nan, x.element), result)
        return code.select(vanishes, zero, result)

    return Complex(part(x.real, flat), part(x.imag, code.binary("xor", flat, code.integer(1, "i1"))))


# Order: by the real parts, then by the imaginary ones; where a real part decides, no imaginary one may be NaN.


def _ordered(code: Code, x: Complex, y: Complex, strict: str, last: str) -> Vector:
    """Whether ``x`` comes first: ``strict`` compares real parts, ``last`` imaginary parts where those are equal."""
    decided = code.binary("and", code.compare(strict, x.real, y.real), code.compare("ord", x.imag, y.imag))
    tie = code.binary("and", code.compare("oeq", x.real, y.real), code.compare(last, x.imag, y.imag))
    return code.binary("or", decided, tie)


def _order(strict: str, last: str) -> Callable[..., Vector]:
    return lambda code, x, y: _ordered(code, x, y, strict, last)


def _isnan(code: Code, x: Complex) -> Vector:
    return code.compare("uno", x.real, x.imag)


def _extremum(strict: str, last: str, *, skips_nan: bool) -> Callable[..., Complex]:
    """The first operand where it is ahead, or as good; NaN wins, or never if ``skips_nan``."""

    def emit(code: Code, x: Complex, y: Complex) -> Complex:
        first = code.binary("or", _isnan(code, y if skips_nan else x), _ordered(code, x, y, strict, last))
        return select(code, first, x, y)

    return emit


def select(code: Code, condition: Vector, yes: Complex, no: Complex) -> Complex:
    return Complex(code.select(condition, yes.real, no.real), code.select(condition, yes.imag, no.imag))


def _each(emit: Callable[..., Vector]) -> Callable[..., Complex]:
    """What is done to each part by itself."""
    return lambda code, *operands: Complex(
        emit(code, *(operand.real for operand in operands)), emit(code, *(operand.imag for operand in operands))
    )


def _tested(emit: Callable[..., Vector], opcode: str) -> Callable[..., Vector]:
    """What is asked of each part, and how the answers are joined."""
    return lambda code, *operands: code.binary(
        opcode, emit(code, *(operand.real for operand in operands)), emit(code, *(operand.imag for operand in operands))
    )


def _logical(opcode: str) -> Callable[..., Vector]:
    return lambda code, x, y: code.binary(opcode, truth(code, x), truth(code, y))


OPERATIONS: Mapping[str, Callable[..., Register]] = MappingProxyType(
    {
        "add": _each(_add),
        "subtract": _each(_subtract),
        "multiply": multiply,
        "divide": divide,
        "square": lambda code, x: multiply(code, x, x),
        "reciprocal": reciprocal,
        "negative": _each(lambda code, x: code.negate(x)),
        "positive": lambda _, x: x,
        "conjugate": lambda code, x: Complex(x.real, code.negate(x.imag)),
        "rint": _each(lambda code, x: code.intrinsic("rint", x)),
        "absolute": absolute,
        "sign": sign,
        "sqrt": complex_functions.sqrt,
        "exp": complex_functions.exp,
        "log": complex_functions.log,
        "real": lambda _, x: x.real,
        "imag": lambda _, x: x.imag,
        "where": select,
        "equal": _tested(lambda code, x, y: code.compare("oeq", x, y), "and"),
        "not_equal": _tested(lambda code, x, y: code.compare("une", x, y), "or"),
        "less": _order("olt", "olt"),
        "less_equal": _order("olt", "ole"),
        "greater": _order("ogt", "ogt"),
        "greater_equal": _order("ogt", "oge"),
        "maximum": _extremum("ogt", "oge", skips_nan=False),
        "minimum": _extremum("olt", "ole", skips_nan=False),
        "fmax": _extremum("ogt", "oge", skips_nan=True),
        "fmin": _extremum("olt", "ole", skips_nan=True),
        "logical_and": _logical("and"),
        "logical_or": _logical("or"),
        "logical_xor": _logical("xor"),
        "logical_not": lambda code, x: code.binary("xor", truth(code, x), code.integer(1, "i1")),
        "isnan": _isnan,
        "isinf": _tested(floats.isinf, "or"),
        "isfinite": _tested(floats.isfinite, "and"),
    }
)
"""How each operation that takes complex numbers is emitted: ``emit(code, *operands)``."""

LONG = frozenset(("divide", "reciprocal", "absolute", "sign", "sqrt"))
"""Operations of so many instructions that a loop should not have many of them."""

COSTS: Mapping[str, int] = MappingProxyType(
    {
        "multiply": 6,
        "square": 6,
        "divide": 30,
        "reciprocal": 30,
        "absolute": 20,
        "sign": 40,
        "sqrt": 40,
        "exp": 70,
        "log": 100,
    }
)
"""Rough time per element, in additions of real numbers, where it is more than 2."""
