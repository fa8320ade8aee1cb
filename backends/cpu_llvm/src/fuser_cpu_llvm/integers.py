"""Integer and boolean operations as NumPy defines them on arrays: they wrap around and never trap."""

from __future__ import annotations

from fuser_cpu_llvm.ir import Code, Vector

__all__ = [
    "absolute",
    "floor_divide",
    "fmod",
    "left_shift",
    "maximum",
    "minimum",
    "negative",
    "remainder",
    "right_shift",
    "sign",
]


def negative(code: Code, x: Vector) -> Vector:
    return code.binary("sub", _number(code, x, 0), x)


def absolute(code: Code, x: Vector) -> Vector:
    return code.intrinsic("abs", x, extra="i1 false") if x.signed else x


def sign(code: Code, x: Vector) -> Vector:
    zero, one = _number(code, x, 0), _number(code, x, 1)
    if not x.signed:
        return code.intrinsic("umin", x, one)
    return code.intrinsic("smax", code.intrinsic("smin", x, one), code.binary("sub", zero, one))


def maximum(code: Code, x: Vector, y: Vector) -> Vector:
    return code.intrinsic("smax" if x.signed else "umax", x, y)


def minimum(code: Code, x: Vector, y: Vector) -> Vector:
    return code.intrinsic("smin" if x.signed else "umin", x, y)


def left_shift(code: Code, x: Vector, count: Vector) -> Vector:
    """Shift; a count that is negative or no less than the width gives 0."""
    if (known := _known(count)) is not None:
        return code.binary("shl", x, count) if 0 <= known < x.bits else _number(code, x, 0)
    inside = code.compare("ult", count, _number(code, x, x.bits))
    shifted = code.binary("shl", x, code.select(inside, count, _number(code, x, 0)))
    return code.select(inside, shifted, _number(code, x, 0))


def right_shift(code: Code, x: Vector, count: Vector) -> Vector:
    """Shift; a count that is negative or no less than the width gives 0, or -1 for a negative number."""
    if x.signed:
        return code.binary("ashr", x, code.intrinsic("umin", count, _number(code, x, x.bits - 1)))
    if (known := _known(count)) is not None:
        return code.binary("lshr", x, count) if 0 <= known < x.bits else _number(code, x, 0)
    inside = code.compare("ult", count, _number(code, x, x.bits))
    shifted = code.binary("lshr", x, code.select(inside, count, _number(code, x, 0)))
    return code.select(inside, shifted, _number(code, x, 0))


def floor_divide(code: Code, x: Vector, y: Vector) -> Vector:
    """Quotient rounded down; 0 where the divisor is 0, and the least integer divided by -1 is itself."""
    zero = _number(code, x, 0)
    quotient, rest, _ = _divide(code, x, y)
    if x.signed:
        quotient = code.select(
            _signs_differ(code, rest, y), code.binary("sub", quotient, _number(code, x, 1)), quotient
        )
    return code.select(code.compare("eq", y, zero), zero, quotient)


def remainder(code: Code, x: Vector, y: Vector) -> Vector:
    """Remainder with the sign of the divisor; 0 where the divisor is 0."""
    _, rest, divisor = _divide(code, x, y)
    if x.signed:
        rest = code.select(_signs_differ(code, rest, y), code.binary("add", rest, divisor), rest)
    return code.select(code.compare("eq", y, _number(code, x, 0)), _number(code, x, 0), rest)


def fmod(code: Code, x: Vector, y: Vector) -> Vector:
    """Remainder with the sign of the dividend; 0 where the divisor is 0."""
    _, rest, _ = _divide(code, x, y)
    return code.select(code.compare("eq", y, _number(code, x, 0)), _number(code, x, 0), rest)


def _divide(code: Code, x: Vector, y: Vector) -> tuple[Vector, Vector, Vector]:
    """Return quotient and rest of the division towards zero, and the divisor that stands in for one that traps."""
    trap = code.compare("eq", y, _number(code, x, 0))
    if x.signed:
        overflow = code.binary(
            "and",
            code.compare("eq", x, _number(code, x, -(1 << (x.bits - 1)))),
            code.compare("eq", y, _number(code, x, -1)),
        )
        trap = code.binary("or", trap, overflow)
    divisor = code.select(trap, _number(code, x, 1), y)
    quotient = code.binary("sdiv" if x.signed else "udiv", x, divisor)
    return quotient, code.binary("sub", x, code.binary("mul", quotient, divisor)), divisor


def _signs_differ(code: Code, rest: Vector, y: Vector) -> Vector:
    """Whether the rest is not zero and its sign is not the divisor's."""
    zero = _number(code, rest, 0)
    differ = code.compare("slt", code.binary("xor", rest, y), zero)
    return code.binary("and", code.compare("ne", rest, zero), differ)


def _known(count: Vector) -> int | None:
    """The number in every lane where the program says it: without IR passes LLVM would select by a constant mask."""
    return None if count.name.startswith("%") else int(count.name.split()[-1].rstrip(")"))


def _number(code: Code, like: Vector, value: int) -> Vector:
    return code.integer(value, like.element, signed=like.signed)
