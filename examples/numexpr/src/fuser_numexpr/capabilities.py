"""What numexpr computes as NumPy does: a template of text per operation and kind of operands; and why not the rest.

Numexpr has six types, here called by the characters that NumPy has for them. An operation is in a table only for the
types in which numexpr's result is NumPy's. What is missing, and why:

* integers are divided by C's division, which ends the process for the least integer and -1;
* ``remainder`` and ``floor_divide`` of floats are computed by a formula that rounds differently;
* some functions exist in double precision only, and would go on in it, where NumPy stays in float32;
* sums and products of floats are computed one number after the other, which loses more digits than the contract
  allows (`fuser_core.disturbance`), and over one axis or all; ``min`` and ``max`` lose NaN;
* complex division overflows where NumPy's does not, and so do complex functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fuser_core.backend import GroupStep, Reduce

__all__ = ["IDENTITIES", "KINDS", "NAMES", "refusal", "template"]

NAMES: Mapping[str, str] = MappingProxyType(
    {"?": "bool", "i": "int32", "l": "int64", "f": "float32", "d": "float64", "D": "complex128"}
)
"""Numexpr's types, by a character for each."""
KINDS: Mapping[str, str] = MappingProxyType({name: char for char, name in NAMES.items()})
"""The characters, by the names of NumPy's dtypes."""
IDENTITIES: Mapping[str, int] = MappingProxyType({"sum": 0, "prod": 1})
"""Of the reductions that it has: what they are of no numbers at all, where numexpr returns nothing."""

_INTEGERS, _FLOATS, _REALS = "il", "fd", "ilfd"

_TABLE: tuple[tuple[str, str, str], ...] = (
    # operations, types of the operands, text; {0}, {1} and {2} are the operands
    ("add", _REALS + "D", "({0} + {1})"),
    ("subtract", _REALS + "D", "({0} - {1})"),
    ("multiply", _REALS + "D", "({0} * {1})"),
    ("divide", _FLOATS, "({0} / {1})"),
    ("negative", _REALS + "D", "(-{0})"),
    ("square", _REALS + "D", "({0} * {0})"),
    ("absolute fabs", _FLOATS, "abs({0})"),
    ("sqrt exp expm1 log log2 log10 log1p sin cos tan sinh cosh tanh floor ceil", _FLOATS, "{name}({0})"),
    ("arcsin arccos arctan arcsinh arccosh arctanh", _FLOATS, "{name}({0})"),
    ("arctan2 fmod", _FLOATS, "{name}({0}, {1})"),
    ("power", _FLOATS, "({0} ** {1})"),
    ("hypot copysign nextafter maximum minimum", "d", "{name}({0}, {1})"),
    ("trunc", "d", "trunc({0})"),
    ("isnan isinf isfinite signbit", _FLOATS, "{name}({0})"),
    ("less", _REALS, "({0} < {1})"),
    ("less_equal", _REALS, "({0} <= {1})"),
    ("greater", _REALS, "({0} > {1})"),
    ("greater_equal", _REALS, "({0} >= {1})"),
    ("equal", "?" + _REALS + "D", "({0} == {1})"),
    ("not_equal", "?" + _REALS + "D", "({0} != {1})"),
    ("bitwise_and", "?" + _INTEGERS, "({0} & {1})"),
    ("bitwise_or", "?" + _INTEGERS, "({0} | {1})"),
    ("bitwise_xor", "?" + _INTEGERS, "({0} ^ {1})"),
    ("invert", "?" + _INTEGERS, "(~{0})"),
    ("logical_and multiply minimum", "?", "({0} & {1})"),
    ("logical_or add maximum", "?", "({0} | {1})"),
    ("logical_xor", "?", "({0} ^ {1})"),
    ("logical_not", "?", "(~{0})"),
    ("left_shift", _INTEGERS, "({0} << {1})"),
    ("right_shift", _INTEGERS, "({0} >> {1})"),
    ("positive", _REALS + "D", "{0}"),
    ("real imag", "D", "{name}({0})"),
    ("conjugate", "D", "conj({0})"),
)
_TEMPLATES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        (name, kind): text.replace("{name}", name)
        for names, kinds, text in _TABLE
        for name in names.split()
        for kind in kinds
    }
)
_CASTS: Mapping[str, str] = MappingProxyType(
    {
        # Numexpr casts what meets a wider type; {one} and {zero} are numbers of the result's type.
        **{f"{kind}?": "({0} != {zero_of_operand})" for kind in _REALS + "D"},
        **{f"?{kind}": "where({0}, {one}, {zero})" for kind in _REALS + "D"},
        **dict.fromkeys(("il", "if", "id", "lf", "ld", "fd"), "({0} * {one})"),
        "dD": "complex({0}, {zero_of_operand})",
        **{f"{kind}{kind}": "{0}" for kind in NAMES},
    }
)


def template(step: GroupStep) -> str | None:
    """Return the text of an operation, or ``None`` where there is none that computes what NumPy does."""
    if isinstance(step, Reduce):
        return _reduction(step)
    kinds = [KINDS.get(item.dtype.name) for item in (*step.inputs, *step.outputs)]
    if None in kinds:
        return None
    *operands, result = kinds
    if step.op == "cast":
        return _CASTS.get(f"{operands[0]}{result}")
    if step.op == "where":
        return "where({0}, {1}, {2})" if operands == ["?", result, result] else None
    return _TEMPLATES.get((step.op, str(operands[0]))) if len(set(operands)) == 1 else None


def _reduction(step: Reduce) -> str | None:
    """Return the text of a reduction; of int64 only, whose sums are the same in any order."""
    if step.op not in IDENTITIES or step.input.dtype.name != "int64":
        return None
    if len(step.axes) == len(step.input.shape):
        return f"{step.op}({{0}})"
    return f"{step.op}({{0}}, axis={step.axes[0]})" if len(step.axes) == 1 else None


def refusal(step: GroupStep) -> str:
    """Return why numexpr does not compute a step; empty if it does. Whoever tells it names the backend first."""
    if template(step) is not None:
        return ""
    unknown = sorted({item.dtype.name for item in (*step.inputs, *step.outputs)} - set(KINDS))
    if unknown:
        return f"it has no {' and no '.join(unknown)}; it has {', '.join(KINDS)}"
    operands = " and ".join(dict.fromkeys(item.dtype.name for item in step.inputs))
    if isinstance(step, Reduce):
        return f"its {step.op} of {operands} over axes {step.axes} does not compute what NumPy's does"
    if step.op == "cast":
        return f"it has no cast of {operands} to {step.outputs[0].dtype.name}"
    if any(name == step.op for name, _ in _TEMPLATES):
        return f"its {step.op} of {operands} does not compute what NumPy's does"
    return f"it has no {step.op} that computes what NumPy's does"
