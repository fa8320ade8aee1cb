"""``aten::`` functions of one array: floats keep their dtype, integers become the default float where need be."""

from __future__ import annotations

import numpy as np

from fuser_core.semantics.aten.arithmetic import on_host
from fuser_core.semantics.aten.promotion import floating, kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import BOOL, Formula, common_dtype, dtype_of, materialise, require, rounded_once
from fuser_core.semantics.builder import PlanBuilder, Term

__all__: list[str] = []

_FLOAT = {
    **dict.fromkeys("log log2 log10 log1p exp exp2 expm1 sin cos tan sinh cosh tanh sqrt reciprocal".split()),
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
"""Functions of floats, with NumPy's name where it differs."""
_ROUNDING = {"ceil": "ceil", "floor": "floor", "trunc": "trunc"}
_TESTS = ("isnan", "isinf", "isfinite", "signbit")


def _float_function(name: str, op: str) -> None:
    @operation(f"aten::{name}", "self")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        return _floats(builder, args).apply(op).operand


def _rounding(name: str) -> None:
    @operation(f"aten::{name}", "self")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        return _rounded(builder, name, args.term("self"), _ROUNDING[name])


def _test(name: str) -> None:
    @operation(f"aten::{name}", "self")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        array = Formula(builder, args.term("self"))
        if name == "signbit" and kind_of(array.dtype) in "biu":
            return array.test("less", 0).operand
        return array.apply(name, result=BOOL).operand


for _name, _op in _FLOAT.items():
    _float_function(_name, _op or _name)
for _name in _ROUNDING:
    _rounding(_name)
for _name in _TESTS:
    _test(_name)


def _floats(builder: PlanBuilder, args: Arguments) -> Formula:
    return Formula(builder, args.term("self"), floating(dtype_of(args.term("self"))))


def _rounded(builder: PlanBuilder, name: str, term: Term, op: str) -> Term:
    require(name, dtype_of(term), "iuf")
    if kind_of(dtype_of(term)) == "f":
        return Formula(builder, term).apply(op).operand
    return builder.cast(materialise(builder, term), dtype_of(term))


@operation("aten::round", "self .decimals=0")
def _round(builder: PlanBuilder, args: Arguments) -> Term:
    """Half to even."""
    decimals = args.static("decimals")
    if decimals == 0 or kind_of(dtype_of(args.term("self"))) != "f":
        return _rounded(builder, "round", args.term("self"), "rint")
    array, scale = Formula(builder, args.term("self")), float(10 ** abs(decimals))
    if decimals > 0:
        return ((array * scale).apply("rint") / scale).operand
    return ((array / scale).apply("rint") * scale).operand


@operation("aten::abs", "self")
def _abs(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "abs", args.term("self"))
    if number is not None:
        return number
    dtype = dtype_of(args.term("self"))
    require("abs", dtype, "iufc")
    return Formula(builder, args.term("self")).apply("absolute", result=np.empty(0, dtype).real.dtype).operand


@operation("aten::neg", "self")
def _neg(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "neg", args.term("self"))
    if number is not None:
        return number
    require("neg", dtype_of(args.term("self")), "iufc")
    return (-Formula(builder, args.term("self"))).operand


@operation("aten::sign", "self")
def _sign(builder: PlanBuilder, args: Arguments) -> Term:
    """The sign of NaN is 0."""
    array = Formula(builder, args.term("self"))
    require("sign", array.dtype, "biuf")
    if kind_of(array.dtype) == "b":
        return builder.cast(materialise(builder, array.operand), BOOL)
    above, below = array.test("greater", 0), array.test("less", 0)
    return (Formula(builder, above.operand, array.dtype) - Formula(builder, below.operand, array.dtype)).operand


@operation("aten::square", "self")
def _square(builder: PlanBuilder, args: Arguments) -> Term:
    dtype = dtype_of(args.term("self"))
    array = Formula(builder, args.term("self"), np.dtype(np.int64) if kind_of(dtype) == "b" else dtype)
    return (array * array).operand


@operation("aten::rsqrt", "self", around=rounded_once)
def _rsqrt(builder: PlanBuilder, args: Arguments) -> Term:
    return (1 / _floats(builder, args).apply("sqrt")).operand


@operation("aten::frac", "self")
def _frac(builder: PlanBuilder, args: Arguments) -> Term:
    require("frac", dtype_of(args.term("self")), "f")
    array = Formula(builder, args.term("self"))
    return (array - array.apply("trunc")).operand


@operation("aten::sigmoid", "self", around=rounded_once)
def _sigmoid(builder: PlanBuilder, args: Arguments) -> Term:
    return (1 / (1 + (-_floats(builder, args)).apply("exp"))).operand


@operation("aten::atan2", "self other")
def _atan2(builder: PlanBuilder, args: Arguments) -> Term:
    dtype = floating(common_dtype(args.term("self"), args.term("other")))
    require("atan2", dtype, "f")
    return Formula(builder, args.term("self"), dtype).apply("arctan2", args.term("other")).operand
