"""What a value is in registers: a vector or, of complex numbers, one of real and one of imaginary parts.

In memory the parts of a complex number lie side by side: they are taken apart when loaded, and interleaved when stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen
from fuser_cpu_llvm.ir import Code, Vector, element_type

__all__ = [
    "Complex",
    "Register",
    "constant",
    "interleaved",
    "is_complex",
    "lane_order",
    "load",
    "part_type",
    "parts",
    "wholes",
]


@frozen
class Complex:
    """A complex number per lane.

    Attributes:
        real: The real parts.
        imag: The imaginary parts, of the same element type.
    """

    real: Vector
    imag: Vector

    @property
    def element(self) -> str:
        """LLVM type of one part."""
        return self.real.element


Register = Vector | Complex
"""What a value of a program is while a body computes with it."""


def parts(registers: Iterable[Register]) -> list[Vector]:
    """The vectors that registers consist of."""
    return [part for each in registers for part in ((each.real, each.imag) if isinstance(each, Complex) else (each,))]


def wholes(vectors: Iterable[Vector], types: Iterable[type[Register]]) -> tuple[Register, ...]:
    """The registers of given types that consist of vectors."""
    rest = iter(vectors)
    return tuple(Complex(next(rest), next(rest)) if each is Complex else next(rest) for each in types)


def is_complex(dtype: DType) -> bool:
    return dtype.kind == "c"


def part_type(dtype: DType) -> DType:
    """The dtype of the parts of complex numbers."""
    return np.dtype(f"f{dtype.itemsize // 2}")


def constant(code: Code, value: np.generic) -> Register:
    """A number of the program, complex or not, in every lane."""
    if not is_complex(value.dtype):
        return code.constant(value)
    return Complex(code.constant(value.real), code.constant(value.imag))


def lane_order(lanes: int, dtypes: Sequence[DType]) -> Sequence[int]:
    """Choose which element of an iteration each lane holds.

    Args:
        lanes: How many there are.
        dtypes: Of all that is loaded and stored, but for scalars. If it is one complex dtype, no element need cross
            from one half of a register to the other, which halves the instructions that turn pairs into parts and back.
    """
    if len(set(dtypes)) != 1 or not is_complex(dtypes[0]):
        return range(lanes)
    pairs = 16 // dtypes[0].itemsize  # in half a register; two registers are taken apart together
    return [
        block + pairs * half + pair
        for block in range(0, lanes, 4 * pairs)
        for half in (0, 2, 1, 3)
        for pair in range(pairs)
    ]


def load(code: Code, place: int, dtype: DType, index: str, order: Sequence[int], *, scalar: bool) -> Complex:
    """Load an input of the body from ``index`` on, and take its pairs apart; a scalar goes to every lane."""
    element, name = element_type(dtype), f"%{'scalar' if scalar else 'input'}{place}"
    kind = f"<{2 if scalar else 2 * code.lanes} x {element}>"
    if scalar:
        code.entry.append(f"  {name} = load {kind}, ptr %p{place}, align 1")
        code.mark_invariant(name)
    else:
        code.loop += [
            f"  {name}.at = getelementptr [2 x {element}], ptr %p{place}, i64 {index}",
            f"  {name} = load {kind}, ptr {name}.at, align 1",
        ]

    def part(first: int) -> Vector:
        places = ", ".join(f"i32 {first if scalar else 2 * own + first}" for own in order)
        text = f"shufflevector {kind} {name}, {kind} poison, <{code.lanes} x i32> <{places}>"
        return Vector(code.emit(text, [name]), element)

    return Complex(part(0), part(1))


def interleaved(code: Code, value: Complex, order: Sequence[int]) -> tuple[str, str, str, int]:
    """Put pairs side by side: the types of one and of a whole register, the register, and the bits of a pair."""
    kind = code.vector_type(value.element)
    lanes = sorted(range(code.lanes), key=order.__getitem__)
    places = ", ".join(f"i32 {lane}, i32 {lane + code.lanes}" for lane in lanes)
    text = f"shufflevector {kind} {value.real.name}, {kind} {value.imag.name}, <{2 * code.lanes} x i32> <{places}>"
    name = code.emit(text, [value.real, value.imag])
    return f"[2 x {value.element}]", f"<{2 * code.lanes} x {value.element}>", name, 2 * value.real.bits
