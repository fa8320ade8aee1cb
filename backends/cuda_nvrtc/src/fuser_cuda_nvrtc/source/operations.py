"""The table of operations: each neutral operation, and the expressions that compute it, by the kinds of its operands.

In an expression ``{0}``, ``{1}``, ... are operands, ``{t}`` is the type of the last one in registers and ``{f}`` what
the names of C's functions of that type end in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from fuser_core.plan import Constant, DType, Elementwise
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.storage import BFLOAT16, HALF, storage

__all__ = ["OPERATIONS", "Operation", "cast", "kind_of", "results"]


def kind_of(dtype: DType) -> str:
    """Return NumPy's letter for the kind of a dtype; bfloat16 is a float."""
    return "f" if dtype.name == BFLOAT16 else dtype.kind


@frozen
class Operation:
    """How an operation is written.

    Attributes:
        forms: Kinds of the last operand, and the results for it, parted by ``;``.
        cost: Rough time per element, in additions.
        mixed: Whether the operands differ in dtype.
        obstacle: ``obstacle(step)`` tells in words why a step of a dtype that is taken cannot be held; empty if it can.
    """

    forms: Mapping[str, str]
    cost: int = 1
    mixed: bool = False
    obstacle: Callable[[Elementwise], str] = lambda _: ""

    @property
    def kinds(self) -> str:
        """NumPy's ``dtype.kind`` of the last operand, for each that the operation takes."""
        return "".join(kind for kind in "biufc" if kind in "".join(self.forms))

    def form(self, kind: str) -> list[str]:
        """Return the formats of the results for a kind of operand."""
        (found,) = [form for kinds, form in self.forms.items() if kind in kinds]
        return found.split(";")


def results(step: Elementwise, operands: Sequence[str], *, rounded: bool, loose: Collection[int] = ()) -> list[str]:
    """Return the expressions of a step's results.

    Args:
        step: Not a cast.
        operands: Names of the operands.
        rounded: Whether halves are rounded after the operation; values that are halves already never are.
        loose: The numbers of values that are only stored, which rounds them.
    """
    last = step.inputs[-1].dtype
    forms = OPERATIONS[step.op].form(kind_of(last))
    if last.name == HALF and step.op in _OF_HALVES:
        forms = [_OF_HALVES[step.op]]
    if last.name == HALF and step.op == "divide" and rounded:
        forms = ["divide_halves({0}, {1})"]
    kind = storage(last).register
    texts = [form.format(*operands, t=kind, f="f" if kind == "f32" else "") for form in forms]
    if not rounded or step.op in _EXACT_IN_HALVES:
        return texts
    return [
        text if value.id in loose else storage(value.dtype).rounded.format(text)
        for value, text in zip(step.outputs, texts, strict=True)
    ]


def cast(source: DType, target: DType, operand: str) -> str:
    """Return the expression that converts a number as `fuser_core.definitions.cast_array` does."""
    if source == target:
        return operand
    kinds = kind_of(source) + kind_of(target)
    if kinds[0] == "c":
        return _cast_complex(source, target, operand)
    if kinds[1] == "c":
        part = np.dtype(f"f{target.itemsize // 2}")
        return f"complex_of({cast(source, part, operand)}, {storage(part).register}(0))"
    if kinds[1] == "b":
        return f"{operand} != 0"
    name = storage(target).register
    if kinds[0] == "f" and kinds[1] in "iu":
        return f"saturate<{name}>({operand})"
    if name == "f32" and target.itemsize == 2:
        single = operand if storage(source).register == "f32" else f"f32({operand})"
        single = f"shorten({operand})" if source.name == "float64" else single
        return storage(target).rounded.format(single)
    return f"{name}({operand})" if storage(source).register != name else operand


def _cast_complex(source: DType, target: DType, operand: str) -> str:
    part = np.dtype(f"f{source.itemsize // 2}")
    if target.kind == "b":
        return f"is_true({operand})"
    if target.kind == "c":
        name = storage(np.dtype(f"f{target.itemsize // 2}")).register
        return f"complex_of({name}({operand}.real), {name}({operand}.imag))"
    return cast(part, target, f"{operand}.real")


def _negative_exponent(step: Elementwise) -> str:
    """Why an integer power cannot be held: NumPy refuses negative exponents; a plan checks all but literals."""
    exponent = step.inputs[1]
    if exponent.dtype.kind == "i" and isinstance(exponent, Constant) and int(exponent.value) < 0:
        return "NumPy refuses this negative exponent and a kernel cannot"
    return ""


_TAKES_SECOND = str(bool(np.signbit(np.nextafter(np.float16(0.0), np.float16(-0.0))))).lower()
"""Whether NumPy's nextafter of two equal halves is the second, as C has it; before 2.5 it was the first."""

_OF_HALVES: Mapping[str, str] = MappingProxyType(
    {
        "maximum": "greater_half({0}, {1})",
        "minimum": "lesser_half({0}, {1})",
        "nextafter": f"next_half({{0}}, {{1}}, {_TAKES_SECOND})",
        "spacing": "half_spacing({0})",
    }
)
"""Operations that are not those of single precision, as NumPy has them."""

_EXACT_IN_HALVES = frozenset(
    """
    negative positive absolute fabs sign floor ceil trunc rint copysign heaviside conjugate maximum minimum fmax fmin
    where modf frexp nextafter spacing
    """.split()
)
"""Operations whose results are halves already where their operands are."""


def _compared(sign: str, *, with_complex: str = "") -> Operation:
    text = f"{{0}} {sign} {{1}}"
    return Operation({"biuf": text, "c": with_complex or text})


def _function(name: str, cost: int = 20) -> Operation:
    """A function of C's, of one or two floats."""
    arity = 2 if name in ("pow", "atan2", "hypot") else 1
    return Operation({"f": f"{name}{{f}}({', '.join(['{0}', '{1}'][:arity])})"}, cost)


_EXACT: Mapping[str, Operation] = {
    "add": Operation({"b": "{0} | {1}", "iu": "wrap_add({0}, {1})", "fc": "{0} + {1}"}),
    "subtract": Operation({"iu": "wrap_subtract({0}, {1})", "fc": "{0} - {1}"}),
    "multiply": Operation({"b": "{0} & {1}", "iu": "wrap_multiply({0}, {1})", "fc": "{0} * {1}"}),
    "divide": Operation({"fc": "{0} / {1}"}, 8),
    "floor_divide": Operation({"iu": "whole_floor_divide({0}, {1})", "f": "float_floor_divide({0}, {1})"}, 40),
    "remainder": Operation({"iu": "whole_remainder({0}, {1})", "f": "float_remainder({0}, {1})"}, 40),
    "fmod": Operation({"iu": "whole_fmod({0}, {1})", "f": "fmod{f}({0}, {1})"}, 40),
    "divmod": Operation(
        {
            "iu": "whole_floor_divide({0}, {1});whole_remainder({0}, {1})",
            "f": "float_floor_divide({0}, {1});float_remainder({0}, {1})",
        },
        80,
    ),
    "negative": Operation({"iu": "wrap_negate({0})", "fc": "-{0}"}),
    "positive": Operation({"iufc": "{0}"}),
    "absolute": Operation(
        {"bu": "{0}", "i": "wrap_absolute({0})", "f": "fabs{f}({0})", "c": "hypot({0}.real, {0}.imag)"}, 2
    ),
    "fabs": Operation({"f": "fabs{f}({0})"}),
    "sign": Operation({"iuf": "sign_of({0})", "c": "complex_sign({0})"}, 3),
    "square": Operation({"iu": "wrap_multiply({0}, {0})", "fc": "{0} * {0}"}),
    "sqrt": Operation({"f": "sqrt{f}({0})", "c": "complex_sqrt({0})"}, 8),
    "reciprocal": Operation({"f": "{t}(1) / {0}", "c": "complex_reciprocal({0})"}, 8),
    "floor": Operation({"biu": "{0}", "f": "floor{f}({0})"}),
    "ceil": Operation({"biu": "{0}", "f": "ceil{f}({0})"}),
    "trunc": Operation({"biu": "{0}", "f": "trunc{f}({0})"}),
    "rint": Operation({"f": "rint{f}({0})", "c": "complex_rint({0})"}),
    "copysign": Operation({"f": "copysign{f}({0}, {1})"}),
    "nextafter": Operation({"f": "next_after({0}, {1})"}, 4),
    "spacing": Operation({"f": "spacing_of({0})"}, 4),
    "ldexp": Operation({"i": "scaled({0}, {1})"}, 10, mixed=True),
    "frexp": Operation({"f": "significand_of({0});exponent_of({0})"}, 10),
    "modf": Operation({"f": "fraction_of({0});trunc{f}({0})"}, 4),
    "heaviside": Operation({"f": "step_function({0}, {1})"}, 3),
    "maximum": Operation(
        {"b": "{0} | {1}", "iu": "{0} > {1} ? {0} : {1}", "f": "greater_of({0}, {1})", "c": "complex_maximum({0}, {1})"}
    ),
    "minimum": Operation(
        {"b": "{0} & {1}", "iu": "{0} < {1} ? {0} : {1}", "f": "lesser_of({0}, {1})", "c": "complex_minimum({0}, {1})"}
    ),
    "fmax": Operation(
        {"b": "{0} | {1}", "iu": "{0} > {1} ? {0} : {1}", "f": "number_above({0}, {1})", "c": "complex_fmax({0}, {1})"}
    ),
    "fmin": Operation(
        {"b": "{0} & {1}", "iu": "{0} < {1} ? {0} : {1}", "f": "number_below({0}, {1})", "c": "complex_fmin({0}, {1})"}
    ),
    "equal": _compared("=="),
    "not_equal": _compared("!="),
    "less": _compared("<"),
    "less_equal": _compared("<="),
    "greater": _compared(">", with_complex="{1} < {0}"),
    "greater_equal": _compared(">=", with_complex="{1} <= {0}"),
    "logical_and": Operation({"biuf": "{0} != 0 && {1} != 0", "c": "is_true({0}) && is_true({1})"}),
    "logical_or": Operation({"biuf": "{0} != 0 || {1} != 0", "c": "is_true({0}) || is_true({1})"}),
    "logical_xor": Operation({"biuf": "({0} != 0) != ({1} != 0)", "c": "is_true({0}) != is_true({1})"}),
    "logical_not": Operation({"biuf": "{0} == 0", "c": "!is_true({0})"}),
    "bitwise_and": Operation({"biu": "{t}({0} & {1})"}),
    "bitwise_or": Operation({"biu": "{t}({0} | {1})"}),
    "bitwise_xor": Operation({"biu": "{t}({0} ^ {1})"}),
    "invert": Operation({"b": "!{0}", "iu": "{t}(~{0})"}),
    "left_shift": Operation({"iu": "shift_left({0}, {1})"}, 2),
    "right_shift": Operation({"iu": "shift_right({0}, {1})"}, 2),
    "bitwise_count": Operation({"iu": "count_bits({0})"}, 2),
    "isnan": Operation({"biu": "false", "f": "{0} != {0}", "c": "is_nan({0})"}),
    "isinf": Operation(
        {
            "biu": "false",
            "f": "{0} == {0} && {0} - {0} != 0",
            "c": "({0}.real == {0}.real && {0}.real - {0}.real != 0) || "
            "({0}.imag == {0}.imag && {0}.imag - {0}.imag != 0)",
        }
    ),
    "isfinite": Operation(
        {"biu": "true", "f": "{0} - {0} == 0", "c": "{0}.real - {0}.real == 0 && {0}.imag - {0}.imag == 0"}
    ),
    "signbit": Operation({"f": "sign_bit({0})"}),
    "gcd": Operation({"iu": "common_divisor({0}, {1})"}, 200),
    "lcm": Operation({"iu": "common_multiple({0}, {1})"}, 200),
    "conjugate": Operation({"iuf": "{0}", "c": "complex_of({0}.real, -{0}.imag)"}),
    "real": Operation({"c": "{0}.real"}),
    "imag": Operation({"c": "{0}.imag"}),
    "where": Operation({"biufc": "{0} ? {1} : {2}"}, mixed=True),
}

_ROUNDED: Mapping[str, Operation] = {
    "exp": Operation({"f": "exp{f}({0})", "c": "complex_exp({0})"}, 20),
    "log": Operation({"f": "log{f}({0})", "c": "complex_log({0})"}, 20),
    **{name: _function(name) for name in "exp2 expm1 log2 log10 log1p sinh cosh tanh cbrt".split()},
    "hypot": Operation({"f": "length({0}, {1})"}, 20),
    **{name: _function(name, 40) for name in "sin cos tan".split()},  # with the way of large arguments
    **{f"arc{name}": _function(f"a{name}", 30) for name in "sin cos tan sinh cosh tanh".split()},
    "arctan2": _function("atan2", 30),
    "power": Operation({"iu": "whole_power({0}, {1})", "f": "pow{f}({0}, {1})"}, 60, obstacle=_negative_exponent),
    "float_power": _function("pow", 60),
    "logaddexp": Operation({"f": "log_add_exp({0}, {1})"}, 50),
    "logaddexp2": Operation({"f": "log_add_exp2({0}, {1})"}, 50),
    "erf": _function("erf", 30),
    "erfc": _function("erfc", 40),
    "gammaln": Operation({"f": "log_gamma({0})"}, 100),
}

OPERATIONS: Mapping[str, Operation] = MappingProxyType({**_EXACT, **_ROUNDED})
"""Every operation but ``cast``, which needs to know its target."""
