"""Conversions between types: floats saturate as integers, and NaN becomes 0."""

from __future__ import annotations

from fuser_core.plan import DType
from fuser_cpu_llvm import complexes, half
from fuser_cpu_llvm.ir import Code, Vector, element_type
from fuser_cpu_llvm.registers import Complex, Register, is_complex, part_type

__all__ = ["cast", "to_real", "truth"]

_WORD = 4
"""Bytes of the least integer that a processor converts a float to."""


def cast(code: Code, source: Register, target: DType) -> Register:
    """Convert as `fuser_core.ops.cast_array` does: of complex numbers the real parts."""
    if is_complex(target):
        part = part_type(target)
        if not isinstance(source, Complex):
            return Complex(to_real(code, source, part), code.real(0.0, element_type(part)))
        return Complex(to_real(code, source.real, part), to_real(code, source.imag, part))
    if isinstance(source, Complex):
        return complexes.truth(code, source) if target.kind == "b" else to_real(code, source.real, target)
    return to_real(code, source, target)


def to_real(code: Code, source: Vector, target: DType) -> Vector:
    """Convert between types that are not complex: floats saturate, and NaN becomes 0."""
    if target.kind == "b":
        return truth(code, source)
    if target.kind == "f":
        return _to_float(code, source, target)
    element, signed = element_type(target), target.kind == "i"
    if source.is_float:
        if source.bits > 8 * target.itemsize and target.itemsize < _WORD:
            return _with_sign(_to_short(code, source, element, signed=signed), signed)
        return _with_sign(code.intrinsic("fptosi.sat" if signed else "fptoui.sat", source, result=element), signed)
    if source.bits == 8 * target.itemsize:
        return _with_sign(source, signed)
    if source.bits > 8 * target.itemsize:
        return code.convert("trunc", source, element, signed=signed)
    return code.convert("sext" if source.signed else "zext", source, element, signed=signed)


def _to_float(code: Code, source: Vector, target: DType) -> Vector:
    element = element_type(target)
    if not source.is_float:
        source = code.convert("sitofp" if source.signed else "uitofp", source, element)
    if target == half.DTYPE:
        return half.rounded(code, source)
    if source.element == element:
        return source
    return code.convert("fpext" if element == "double" else "fptrunc", source, element)


def _to_short(code: Code, source: Vector, element: str, *, signed: bool) -> Vector:
    """Saturate to less than a word, by a minimum and a maximum of floats: of a NaN each gives its second operand."""
    bits = int(element[1:])
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if signed:
        source = code.select(code.compare("uno", source, source), code.real(0.0, source.element), source)
    low, high = code.real(least, source.element), code.real(most, source.element)
    source = code.select(code.compare("ogt", source, low), source, low)
    source = code.select(code.compare("olt", source, high), source, high)
    return code.convert("trunc", code.convert("fptosi", source, "i32"), element)


def _with_sign(value: Vector, signed: bool) -> Vector:
    return Vector(value.name, value.element, signed)


def truth(code: Code, x: Vector) -> Vector:
    """Whether a number is not zero; NaN is not."""
    if x.element == "i1":
        return x
    return code.compare("une", x, code.real(0.0, x.element)) if x.is_float else code.compare("ne", x, _zero(code, x))


def _zero(code: Code, x: Vector) -> Vector:
    return code.integer(0, x.element, signed=x.signed)
