"""Rules of simplification: what may take the place of an operation, and why not a single bit changes.

A rule is a line of `RULES`. It says for which operations and kinds of results it holds, and gives either an operand
that equals the result, or an operation that does. Its proof is for all values: NaN, infinities, both zeros, subnormal
numbers, integers that wrap. Where only the payload of a NaN could differ a rule stands; where its sign could, it does
not. Neither does a rule that would hold but for memory order: nothing is dropped that has the shape of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from fuser_core.plan import Constant, DType, Elementwise, Operand, Value

__all__ = ["RULES", "Replacement", "Rewritten", "Rule", "rules_of"]


class Rewritten(NamedTuple):
    """An operation that gives the same result."""

    op: str
    inputs: tuple[Operand, ...]


Replacement = Operand | Rewritten | None
Made = Mapping[int, Elementwise]
"""The steps that computed values, by the number of the value."""


class Rule(NamedTuple):
    """A line of the table.

    Attributes:
        ops: Names of operations.
        kinds: NumPy's ``dtype.kind`` of the operands that the rule speaks of.
        replace: Gives what may take the place of a step; where that is an operand, it does so only if it has the
            dtype and the shape of the result.
        proof: Why the results are equal.
    """

    ops: str
    kinds: str
    replace: Callable[[Elementwise, Made], Replacement]
    proof: str


def _first(step: Elementwise, _: Made) -> Replacement:
    return step.inputs[0]


def _same_twice(step: Elementwise, _: Made) -> Replacement:
    left, right = step.inputs
    return left if left == right else None


def _neutral(number: Callable[[DType], object], *, right_only: bool = False) -> Callable[..., Replacement]:
    """Return the other operand where one is the neutral number of its dtype, to the bit."""

    def replace(step: Elementwise, _: Made) -> Replacement:
        for place in (1,) if right_only else (1, 0):
            operand = step.inputs[place]
            if isinstance(operand, Constant) and operand == Constant(operand.dtype.type(number(operand.dtype))):
                return step.inputs[1 - place]
        return None

    return replace


def _lowest(dtype: DType) -> object:
    return False if dtype.kind == "b" else np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _highest(dtype: DType) -> object:
    return True if dtype.kind == "b" else np.iinfo(dtype).max if dtype.kind in "iu" else np.inf


def _all_ones(dtype: DType) -> object:
    return True if dtype.kind == "b" else -1 if dtype.kind == "i" else np.iinfo(dtype).max


def _minus_zero(dtype: DType) -> object:
    return complex(-0.0, -0.0) if dtype.kind == "c" else -0.0


def _of(operand: Operand, made: Made, ops: str) -> Elementwise | None:
    """Return the step that computed an operand, if it is one of these operations."""
    step = made.get(operand.id) if isinstance(operand, Value) else None
    return step if step is not None and step.op in ops.split() else None


def _undone(step: Elementwise, made: Made) -> Replacement:
    inner = _of(step.inputs[0], made, step.op)
    return inner.inputs[0] if inner else None


def _already(ops: str) -> Callable[..., Replacement]:
    """Return the operand where one of these operations has just computed it."""
    return lambda step, made: step.inputs[0] if _of(step.inputs[0], made, ops) else None


def _of_opposite(step: Elementwise, made: Made) -> Replacement:
    inner = _of(step.inputs[0], made, "negative")
    return Rewritten(step.op, inner.inputs) if inner else None


def _negated(opposites: Mapping[str, str], kinds: str) -> Callable[..., Replacement]:
    def replace(step: Elementwise, made: Made) -> Replacement:
        inner = _of(step.inputs[0], made, " ".join(opposites))
        fits = inner is not None and all(item.dtype.kind in kinds for item in inner.inputs)
        return Rewritten(opposites[inner.op], inner.inputs) if inner and fits else None

    return replace


def _is_small(operand: Operand) -> bool:
    """Say whether an operand has one element, so that it has no say in the memory order of the result."""
    return isinstance(operand, Constant) or all(dim == 1 for dim in operand.shape)


def _decided(step: Elementwise, _: Made) -> Replacement:
    condition, chosen, other = step.inputs
    if not isinstance(condition, Constant):
        return None
    taken, dropped = (chosen, other) if condition.value else (other, chosen)
    return taken if _is_small(dropped) else None


def _either_way(step: Elementwise, _: Made) -> Replacement:
    condition, chosen, other = step.inputs
    return chosen if chosen == other and _is_small(condition) else None


def _unless(step: Elementwise, made: Made) -> Replacement:
    condition, chosen, other = step.inputs
    inner = _of(condition, made, "logical_not")
    fits = inner is not None and inner.inputs[0].dtype.kind == "b"
    return Rewritten("where", (*inner.inputs, other, chosen)) if inner and fits else None


def _bounded_twice(step: Elementwise, made: Made) -> Replacement:
    inner = _of(step.inputs[0], made, step.op)
    return step.inputs[0] if inner and inner.inputs[1] == step.inputs[1] else None


def _times_reciprocal(step: Elementwise, _: Made) -> Replacement:
    value, divisor = step.inputs
    if not isinstance(divisor, Constant):
        return None
    with np.errstate(all="ignore"):
        reciprocal = divisor.dtype.type(1) / divisor.value
        exact = abs(np.frexp(divisor.value)[0]) == 0.5 and np.finfo(divisor.dtype).tiny <= abs(reciprocal) < np.inf
    return Rewritten("multiply", (value, Constant(reciprocal))) if exact else None


def _power_of_two(operand: Operand) -> int | None:
    """Return ``k`` where an operand is the integer ``2**k``, k > 0."""
    number = int(operand.value) if isinstance(operand, Constant) else 0
    return number.bit_length() - 1 if number > 1 and not number & (number - 1) else None


def _shifted(step: Elementwise, _: Made) -> Replacement:
    value, divisor = step.inputs
    bits = _power_of_two(divisor)
    return Rewritten("right_shift", (value, Constant(divisor.dtype.type(bits)))) if bits else None


def _masked(step: Elementwise, _: Made) -> Replacement:
    value, divisor = step.inputs
    bits = _power_of_two(divisor)
    return Rewritten("bitwise_and", (value, Constant(divisor.dtype.type((1 << bits) - 1)))) if bits else None


def _squared(step: Elementwise, _: Made) -> Replacement:
    base, exponent = step.inputs
    return Rewritten("square", (base,)) if isinstance(exponent, Constant) and exponent.value == 2 else None


def _through(step: Elementwise, made: Made) -> Replacement:
    """Convert from the first dtype to the last, if the one between holds every number of the first."""
    inner = _of(step.inputs[0], made, "cast")
    if inner is None:
        return None
    first, between, last = inner.inputs[0].dtype, step.inputs[0].dtype, step.outputs[0].dtype
    if last.kind in "iu" and between.kind == "c":
        return None
    # Integers wrap on their way to a narrow integer, and floats saturate.
    wraps = last.kind in "iu" and between.kind == "f" and first.kind in "iu" and not _holds(last, first)
    return Rewritten("cast", inner.inputs) if _holds(between, first) and not wraps else None


def _holds(wide: DType, narrow: DType) -> bool:
    """Say whether every number of one dtype is one of the other."""
    if narrow.kind in "iu" and wide.kind in "fc":
        digits = 8 * narrow.itemsize - (narrow.kind == "i")
        return digits <= np.finfo(wide).nmant + 1
    return np.can_cast(narrow, wide, "safe") and wide.kind in "biufc"


_INVERSES = {"equal": "not_equal", "not_equal": "equal"}
_ORDERS = {"less": "greater_equal", "greater_equal": "less", "greater": "less_equal", "less_equal": "greater"}
_WHOLE = "floor ceil trunc rint"

RULES: tuple[Rule, ...] = (
    # An operation that does nothing.
    Rule("positive", "biufc", _first, "it is defined so"),
    Rule("conjugate", "biuf", _first, "a real number is its own conjugate"),
    Rule("absolute", "bu", _first, "there is no sign"),
    Rule("floor ceil trunc", "biu", _first, "integers are whole"),
    Rule("cast", "biufc", _first, "applies only where the dtype stays, and then copies"),
    Rule("add", "iu", _neutral(lambda _: 0), "x + 0"),
    Rule("add", "fc", _neutral(_minus_zero), "x + -0.0 rounds nothing, and -0.0 + -0.0 is -0.0; 0.0 is not neutral"),
    Rule("subtract", "iufc", _neutral(lambda _: 0, right_only=True), "x - 0.0 is x + -0.0"),
    Rule("multiply", "iuf", _neutral(lambda _: 1), "x * 1 rounds nothing and keeps the sign, of zeros and NaN too"),
    Rule("divide", "f", _neutral(lambda _: 1, right_only=True), "as x * 1"),
    Rule("floor_divide", "iu", _neutral(lambda _: 1, right_only=True), "x // 1"),
    Rule("power", "iu", _neutral(lambda _: 1, right_only=True), "x ** 1"),
    Rule("add logical_or bitwise_or", "b", _neutral(lambda _: False), "x or False; + of booleans is or"),
    Rule("multiply logical_and", "b", _neutral(lambda _: True), "x and True; * of booleans is and"),
    Rule("logical_xor", "b", _neutral(lambda _: False), "x xor False"),
    Rule("bitwise_or bitwise_xor", "iu", _neutral(lambda _: 0), "x | 0"),
    Rule("bitwise_xor", "b", _neutral(lambda _: False), "x ^ False"),
    Rule("bitwise_and", "biu", _neutral(_all_ones), "x & ~0"),
    Rule("left_shift right_shift", "iu", _neutral(lambda _: 0, right_only=True), "x << 0"),
    Rule("maximum", "biuf", _neutral(_lowest), "nothing is less; NaN stays NaN"),
    Rule("minimum", "biuf", _neutral(_highest), "nothing is greater; NaN stays NaN"),
    Rule("maximum minimum fmax fmin", "biuf", _same_twice, "the result is one of two equal operands"),
    Rule("bitwise_and bitwise_or logical_and logical_or", "biu", _same_twice, "x and x"),
    # An operation that undoes, or repeats, the one before it.
    Rule("negative", "iufc", _undone, "flips the sign twice, of NaN too; the least integer is its own opposite"),
    Rule("invert", "biu", _undone, "flips every bit twice"),
    Rule("logical_not", "b", _undone, "flips a boolean twice"),
    Rule("conjugate", "c", _undone, "flips one sign twice"),
    Rule("absolute fabs", "iuf", _already("absolute fabs"), "the sign is cleared; the least integer stays"),
    Rule(_WHOLE, "f", _already(_WHOLE), "the operand is whole, infinite or NaN"),
    Rule("absolute fabs", "if", _of_opposite, "the sign is cleared, of NaN too; the least integer is its own opposite"),
    Rule("maximum minimum fmax fmin", "biuf", _bounded_twice, "the result is one of the operands, chosen by place"),
    Rule("logical_not", "b", _negated(_INVERSES, "biufc"), "!= is the opposite of ==, for NaN too"),
    Rule("logical_not", "b", _negated(_ORDERS, "biu"), "< is the opposite of >=, but for NaN: not of floats"),
    Rule("cast", "biufc", _through, "the dtype between holds every number of the first, and casts go by the number"),
    # A choice that is none.
    Rule("where", "biufc", _decided, "the condition is known"),
    Rule("where", "biufc", _either_way, "both choices are the same"),
    Rule("where", "biufc", _unless, "not c chooses the other one"),
    # A cheaper operation.
    Rule("divide", "f", _times_reciprocal, "both round the same real number, x * 2**-k, once; 2**-k is exact"),
    Rule("floor_divide", "iu", _shifted, "an arithmetic shift rounds down"),
    Rule("remainder", "iu", _masked, "of a positive divisor the rest is positive: the low bits of two's complement"),
    Rule("fmod", "u", _masked, "the low bits"),
    Rule("power", "iu", _squared, "x ** 2 is x * x, and both wrap"),
)
"""Every rule. The first that gives something is applied, and what it gives is looked at again."""


def _by_op() -> dict[str, tuple[Rule, ...]]:
    ops = {op for rule in RULES for op in rule.ops.split()}
    return {op: tuple(rule for rule in RULES if op in rule.ops.split()) for op in ops}


_BY_OP = _by_op()


def rules_of(op: str) -> tuple[Rule, ...]:
    """Return the rules of an operation."""
    return _BY_OP.get(op, ())
