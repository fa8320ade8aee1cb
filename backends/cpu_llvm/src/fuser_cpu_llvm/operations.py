"""The table of operations: each neutral operation, the kinds of operands it takes here, and its IR."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fuser_core.plan import Constant, Elementwise
from fuser_core.records import frozen, replace
from fuser_cpu_llvm import complexes, floats, integer_loops, integers, mathematics, representation
from fuser_cpu_llvm.conversions import to_real, truth
from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.registers import Complex, Register

__all__ = ["OPERATIONS", "Operation"]

Emitter = Callable[..., Vector]
Emitters = Callable[..., tuple[Register, ...]]


@frozen
class Operation:
    """How to emit one operation.

    Attributes:
        kinds: NumPy's ``dtype.kind`` of the last operand, for each that the operation takes.
        emit: ``emit(code, *operands)`` gives the results' vectors, in the order of the step's outputs.
        cost: Rough time per element, in units of one addition.
        complex_cost: Likewise where operands are complex.
        mixed: Whether the operands differ in dtype.
        obstacle: ``obstacle(step)`` tells in words why a step of a dtype that is taken cannot be held; empty if it can.
    """

    kinds: str
    emit: Emitters
    cost: int = 1
    complex_cost: int = 0
    mixed: bool = False
    obstacle: Callable[[Elementwise], str] = lambda _: ""


def _by_kind(*, real: Emitter | None = None, whole: Emitter | None = None, logical: Emitter | None = None) -> Emitter:
    """Choose the emitter by the operand that carries the type: floats, integers, booleans."""

    def emit(code: Code, *operands: Vector) -> Vector:
        last = operands[-1]
        chosen = real if last.is_float else logical if last.element == "i1" else whole
        assert chosen is not None, "declined by `capabilities`"
        return chosen(code, *operands)

    return emit


def _arithmetic(opcode: str) -> Emitter:
    def emit(code: Code, x: Vector, y: Vector) -> Vector:
        return code.binary(f"{opcode}{code.fast_math}" if x.is_float else opcode, x, y)

    return emit


def _bitwise(opcode: str) -> Emitter:
    return lambda code, x, y: code.binary(opcode, x, y)


def _logical(opcode: str) -> Emitter:
    return lambda code, x, y: code.binary(opcode, truth(code, x), truth(code, y))


def _intrinsic(name: str) -> Emitter:
    return lambda code, *operands: code.intrinsic(name, *operands)


def _comparison(real: str, whole: str) -> Emitter:
    """Compare; ``whole`` is LLVM's unsigned predicate, or one without sign."""

    def emit(code: Code, x: Vector, y: Vector) -> Vector:
        if x.is_float:
            return code.compare(real, x, y)
        return code.compare(whole.replace("u", "s", 1) if x.signed else whole, x, y)

    return emit


def _everywhere(value: bool) -> Emitter:
    return lambda code, _: code.integer(int(value), "i1")


def _same(_: Code, x: Vector) -> Vector:
    return x


def _invert(code: Code, x: Vector) -> Vector:
    return code.binary("xor", x, code.integer(1 if x.element == "i1" else -1, x.element, signed=x.signed))


def _square(code: Code, x: Vector) -> Vector:
    return _multiply(code, x, x)


def _reciprocal(code: Code, x: Vector) -> Vector:
    return code.binary(f"fdiv{code.fast_math}", code.real(1.0, x.element), x)


def _where(code: Code, condition: Vector, yes: Vector, no: Vector) -> Vector:
    return code.select(condition, yes, no)


def _bitwise_count(code: Code, x: Vector) -> Vector:
    from numpy import dtype, uint8

    return to_real(code, code.intrinsic("ctpop", integers.absolute(code, x)), dtype(uint8))


_and, _or, _xor = _bitwise("and"), _bitwise("or"), _bitwise("xor")
_add, _subtract, _multiply = (
    _by_kind(real=_arithmetic("fadd"), whole=_arithmetic("add"), logical=_or),
    _by_kind(real=_arithmetic("fsub"), whole=_arithmetic("sub")),
    _by_kind(real=_arithmetic("fmul"), whole=_arithmetic("mul"), logical=_and),
)
_round = {
    name: _by_kind(real=_intrinsic(name), whole=_same, logical=_same) for name in ("floor", "ceil", "trunc", "rint")
}

_COSTS = {
    **dict.fromkeys(("power", "float_power", "erfc"), 75),
    **dict.fromkeys(("logaddexp", "logaddexp2"), 60),
    **dict.fromkeys(("erf", "arcsinh", "arccosh", "arctanh", "arctan2"), 45),
    "gammaln": 130,
}
"""Of the elementary functions that take much longer than an exponential, by the number of their instructions."""

_SINGLE: Mapping[str, tuple[str, Emitter, int]] = {
    "add": ("biuf", _add, 1),
    "subtract": ("iuf", _subtract, 1),
    "multiply": ("biuf", _multiply, 1),
    "divide": ("f", _arithmetic("fdiv"), 4),
    "floor_divide": ("iuf", _by_kind(real=floats.floor_divide, whole=integers.floor_divide), 20),
    "remainder": ("iuf", _by_kind(real=floats.remainder, whole=integers.remainder), 20),
    "fmod": ("iuf", _by_kind(real=floats.fmod, whole=integers.fmod), 20),
    "negative": ("iuf", _by_kind(real=lambda code, x: code.negate(x), whole=integers.negative), 1),
    "positive": ("iuf", _same, 1),
    "absolute": ("biuf", _by_kind(real=_intrinsic("fabs"), whole=integers.absolute, logical=_same), 1),
    "fabs": ("f", _intrinsic("fabs"), 1),
    "sign": ("iuf", _by_kind(real=floats.sign, whole=integers.sign), 3),
    "square": ("iuf", _square, 1),
    "sqrt": ("f", _intrinsic("sqrt"), 6),
    "reciprocal": ("f", _reciprocal, 4),
    "floor": ("biuf", _round["floor"], 1),
    "ceil": ("biuf", _round["ceil"], 1),
    "trunc": ("biuf", _round["trunc"], 1),
    "rint": ("f", _round["rint"], 1),
    "copysign": ("f", _intrinsic("copysign"), 1),
    "heaviside": ("f", floats.heaviside, 3),
    "conjugate": ("iuf", _same, 1),
    "maximum": ("biuf", _by_kind(real=floats.maximum, whole=integers.maximum, logical=_or), 2),
    "minimum": ("biuf", _by_kind(real=floats.minimum, whole=integers.minimum, logical=_and), 2),
    "fmax": ("biuf", _by_kind(real=floats.fmax, whole=integers.maximum, logical=_or), 2),
    "fmin": ("biuf", _by_kind(real=floats.fmin, whole=integers.minimum, logical=_and), 2),
    "equal": ("biuf", _comparison("oeq", "eq"), 1),
    "not_equal": ("biuf", _comparison("une", "ne"), 1),
    "less": ("biuf", _comparison("olt", "ult"), 1),
    "less_equal": ("biuf", _comparison("ole", "ule"), 1),
    "greater": ("biuf", _comparison("ogt", "ugt"), 1),
    "greater_equal": ("biuf", _comparison("oge", "uge"), 1),
    "logical_and": ("biuf", _logical("and"), 1),
    "logical_or": ("biuf", _logical("or"), 1),
    "logical_xor": ("biuf", _logical("xor"), 1),
    "logical_not": ("biuf", lambda code, x: _invert(code, truth(code, x)), 1),
    "bitwise_and": ("biu", _and, 1),
    "bitwise_or": ("biu", _or, 1),
    "bitwise_xor": ("biu", _xor, 1),
    "invert": ("biu", _invert, 1),
    "left_shift": ("iu", integers.left_shift, 2),
    "right_shift": ("iu", integers.right_shift, 2),
    "bitwise_count": ("iu", _bitwise_count, 4),
    "isnan": (
        "biuf",
        _by_kind(real=lambda c, x: c.compare("uno", x, x), whole=_everywhere(False), logical=_everywhere(False)),
        1,
    ),
    "isinf": ("biuf", _by_kind(real=floats.isinf, whole=_everywhere(False), logical=_everywhere(False)), 1),
    "isfinite": ("biuf", _by_kind(real=floats.isfinite, whole=_everywhere(True), logical=_everywhere(True)), 1),
    "signbit": ("f", floats.signbit, 1),
    "nextafter": ("f", representation.nextafter, 4),
    "spacing": ("f", representation.spacing, 2),
    "gcd": ("iu", integer_loops.gcd, 500),
    "lcm": ("iu", integer_loops.lcm, 500),
    **{name: ("f", emit, _COSTS.get(name, 20)) for name, emit in mathematics.FUNCTIONS.items()},
}


def _alone(emit: Callable[..., Register]) -> Emitters:
    return lambda code, *operands: (emit(code, *operands),)


def _divmod(code: Code, x: Vector, y: Vector) -> tuple[Vector, ...]:
    return _SINGLE["floor_divide"][1](code, x, y), _SINGLE["remainder"][1](code, x, y)


def _negative_exponent(step: Elementwise) -> str:
    """Why an integer power cannot be held: NumPy refuses negative exponents; a plan checks all but literals."""
    exponent = step.inputs[1]
    if exponent.dtype.kind == "i" and isinstance(exponent, Constant) and int(exponent.value) < 0:
        return "NumPy refuses this negative exponent and a kernel cannot"
    return ""


_power = _by_kind(real=mathematics.FUNCTIONS["power"], whole=integer_loops.power)

_REAL: Mapping[str, Operation] = MappingProxyType(
    {
        **{name: Operation(kinds, _alone(emit), cost) for name, (kinds, emit, cost) in _SINGLE.items()},
        "divmod": Operation("iuf", _divmod, 30),
        "frexp": Operation("f", representation.frexp, 4),
        "modf": Operation("f", representation.modf, 3),
        "ldexp": Operation("i", _alone(representation.ldexp), 6, mixed=True),
        "where": Operation("biuf", _alone(_where), 1, mixed=True),
        "power": Operation("iuf", _alone(_power), _COSTS["power"], obstacle=_negative_exponent),
    }
)


def _with_complex(name: str) -> Operation:
    """An operation that takes complex numbers, besides what else it takes."""
    real, of_complex = _REAL.get(name), complexes.OPERATIONS[name]
    cost = complexes.COSTS.get(name, 2)
    if real is None:
        return Operation("c", _alone(of_complex), cost, cost)

    def emit(code: Code, *operands: Register) -> tuple[Register, ...]:
        return (of_complex(code, *operands),) if isinstance(operands[-1], Complex) else real.emit(code, *operands)

    return replace(real, kinds=f"{real.kinds}c", emit=emit, complex_cost=cost)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {**_REAL, **{name: _with_complex(name) for name in complexes.OPERATIONS}}
)
"""Every operation but ``cast``, which needs to know its target."""
