"""What OpenCL C computes as NumPy does: a template of text per operation and kind of operands.

In a template {0}, {1} and {2} are the operands, {T} is the type of the result, {S} that of the operands, {U} an
unsigned type in which integers wrap as NumPy's do (C leaves the overflow of signed ones undefined), {W} their bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from fuser_core.backend import GroupStep, Reduce

__all__ = ["TYPES", "refusal", "write"]

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "bool": "uchar",
        "int8": "char",
        "int16": "short",
        "int32": "int",
        "int64": "long",
        "uint8": "uchar",
        "uint16": "ushort",
        "uint32": "uint",
        "uint64": "ulong",
        "float32": "float",
        "float64": "double",
    }
)
"""OpenCL's types, by the names of NumPy's dtypes."""

_TABLE: tuple[tuple[str, str, str], ...] = (
    # operations, kinds of dtypes of the operands, text
    ("add", "f", "({0} + {1})"),
    ("subtract", "f", "({0} - {1})"),
    ("multiply", "f", "({0} * {1})"),
    ("add", "iu", "({T})(({U}){0} + ({U}){1})"),
    ("subtract", "iu", "({T})(({U}){0} - ({U}){1})"),
    ("multiply", "iu", "({T})(({U}){0} * ({U}){1})"),
    ("divide", "f", "({0} / {1})"),
    ("negative", "f", "(-{0})"),
    ("negative", "iu", "({T})(0 - ({U}){0})"),
    ("absolute", "i", "({T})({0} < 0 ? 0 - ({U}){0} : ({U}){0})"),
    ("absolute fabs", "f", "fabs({0})"),
    ("square", "f", "({0} * {0})"),
    ("square", "iu", "({T})(({U}){0} * ({U}){0})"),
    ("positive", "iuf", "{0}"),
    ("positive absolute", "u", "{0}"),
    ("reciprocal", "f", "(1 / {0})"),
    ("sign", "f", "(isnan({0}) ? {0} : ({T})(({0} > 0) - ({0} < 0)))"),
    ("sign", "iu", "({T})(({0} > 0) - ({0} < 0))"),
    ("sqrt floor ceil trunc rint exp exp2 expm1 log log2 log10 log1p cbrt", "f", "{name}({0})"),
    ("sin cos tan sinh cosh tanh", "f", "{name}({0})"),
    ("arcsin arccos arctan arcsinh arccosh arctanh", "f", "a{short}({0})"),
    ("copysign fmod hypot nextafter", "f", "{name}({0}, {1})"),
    ("arctan2", "f", "atan2({0}, {1})"),
    ("power", "f", "pow({0}, {1})"),
    ("maximum", "f", "({0} >= {1} || isnan({0}) ? {0} : {1})"),
    ("minimum", "f", "({0} <= {1} || isnan({0}) ? {0} : {1})"),
    ("fmax", "f", "({0} >= {1} || isnan({1}) ? {0} : {1})"),
    ("fmin", "f", "({0} <= {1} || isnan({1}) ? {0} : {1})"),
    ("maximum fmax", "iu", "({0} > {1} ? {0} : {1})"),
    ("minimum fmin", "iu", "({0} < {1} ? {0} : {1})"),
    ("less", "iuf", "({0} < {1})"),
    ("less_equal", "iuf", "({0} <= {1})"),
    ("greater", "iuf", "({0} > {1})"),
    ("greater_equal", "iuf", "({0} >= {1})"),
    ("equal", "biuf", "({0} == {1})"),
    ("not_equal", "biuf", "({0} != {1})"),
    ("isnan isinf isfinite signbit", "f", "({name}({0}) != 0)"),
    ("logical_and", "biuf", "({0} != 0 && {1} != 0)"),
    ("logical_or", "biuf", "({0} != 0 || {1} != 0)"),
    ("logical_xor", "biuf", "(({0} != 0) != ({1} != 0))"),
    ("logical_not", "biuf", "({0} == 0)"),
    ("multiply minimum", "b", "({0} & {1})"),
    ("add maximum", "b", "({0} | {1})"),
    ("bitwise_and", "biu", "({T})({0} & {1})"),
    ("bitwise_or", "biu", "({T})({0} | {1})"),
    ("bitwise_xor", "biu", "({T})({0} ^ {1})"),
    ("invert", "iu", "({T})(~{0})"),
    ("invert", "b", "({0} == 0)"),
    ("left_shift", "iu", "(({U}){1} < {W} ? ({T})(({U}){0} << ({U}){1}) : ({T})0)"),
    ("right_shift", "u", "(({U}){1} < {W} ? ({T})({0} >> ({U}){1}) : ({T})0)"),
    ("right_shift", "i", "({T})({0} >> (({U}){1} < {W} ? ({U}){1} : {W} - 1))"),
)
_TEMPLATES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        (name, kind): text.replace("{name}", name).replace("{short}", name.removeprefix("arc"))
        for names, kinds, text in _TABLE
        for name in names.split()
        for kind in kinds
    }
)


def write(step: GroupStep, operands: list[str]) -> str | None:
    """Return the text of a step, or ``None`` where there is none that computes what NumPy does.

    Args:
        step: What to compute.
        operands: The texts of its operands, each a name or a number.
    """
    items = (*step.inputs, *step.outputs)
    if isinstance(step, Reduce) or any(item.dtype.name not in TYPES or not item.dtype.isnative for item in items):
        return None
    source, result = step.inputs[0].dtype, step.outputs[0].dtype
    if step.op == "where":
        template: str | None = "({0} ? {1} : {2})"
    elif step.op == "cast":
        template = _cast(source, result)
    else:
        alike = len({item.dtype for item in step.inputs}) == 1
        template = _TEMPLATES.get((step.op, source.kind)) if alike else None
    if template is None:
        return None
    wide = "ulong" if source.itemsize == 8 else "uint"
    return template.format(*operands, T=TYPES[result.name], S=TYPES[source.name], U=wide, W=8 * source.itemsize)


def _cast(source: np.dtype[np.generic], result: np.dtype[np.generic]) -> str:
    if result.kind == "b":
        return "({0} != 0)"
    if source.kind == "f" and result.kind in "iu":
        return "(isnan({0}) ? ({T})0 : convert_{T}_sat({0}))"  # which of NaN is 0 too, but not as PoCL computes it
    return "({T}){0}"


def refusal(step: GroupStep) -> str:
    """Return why there is no text for a step; empty if there is. Whoever tells it names the backend first."""
    if isinstance(step, Reduce):
        return f"it has no reductions, and this is {step.op}"
    if write(step, ["x"] * len(step.inputs)) is not None:
        return ""
    items = (*step.inputs, *step.outputs)
    unknown = sorted({str(item.dtype) for item in items if item.dtype.name not in TYPES or not item.dtype.isnative})
    if unknown:
        return f"it has no {' and no '.join(unknown)}; it has {', '.join(TYPES)}"
    return f"it has no {step.op} of {' and '.join(dict.fromkeys(item.dtype.name for item in step.inputs))}"
