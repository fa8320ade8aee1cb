"""``aten::`` names that choose among values: where, minimum and maximum, clamp, threshold, rectifiers."""

from __future__ import annotations

from fuser_core.errors import DTypeError
from fuser_core.semantics.aten.promotion import floating, kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import BOOL, Formula, common_dtype, dtype_of, require, rounded_once
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule_of

__all__: list[str] = []


@operation("aten::where", "condition self other")
def _where(builder: PlanBuilder, args: Arguments) -> Term:
    condition = Formula(builder, args.term("condition"))
    if kind_of(condition.dtype) != "b" and condition.dtype.str != "|u1":
        raise DTypeError(f"aten::where wants a condition of booleans, and was given {condition.dtype}; compare first")
    dtype = common_dtype(args.term("self"), args.term("other"))
    chosen = Formula(builder, args.term("self"), dtype)
    return Formula(builder, condition.operand, BOOL).choose(chosen, args.term("other")).operand


@operation("aten::masked_fill", "self mask value")
def _masked_fill(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    mask = Formula(builder, args.term("mask"))
    require("masked_fill", mask.dtype, "b")
    return mask.choose(array.like(args.term("value")), array).operand


def _extremum(name: str, op: str, *more: str) -> None:
    @operation(f"aten::{name}", "self other", *more)
    def extremum(builder: PlanBuilder, args: Arguments) -> Term:
        """A NaN in either operand is the result; of one array alone, the reduction to a 0-d array."""
        if "other" not in args:
            result = rule_of(f"np::{name}")(builder, [args.term("self")], {})
            builder.unboxed.discard(result[0].id)  # type: ignore[union-attr]
            return result[0]
        dtype = common_dtype(args.term("self"), args.term("other"))
        require(name, dtype, "biuf")
        return Formula(builder, args.term("self"), dtype).apply(op, args.term("other")).operand


_extremum("max", "maximum", "self")
_extremum("min", "minimum", "self")
for _name in ("maximum", "minimum", "fmax", "fmin"):
    _extremum(_name, _name)


def _clamped(builder: PlanBuilder, self: Term, low: Term | None, high: Term | None) -> Term:
    given = [bound for bound in (low, high) if bound is not None]
    if not given:
        raise DTypeError("aten::clamp needs a bound: at least one of min and max must not be None")
    dtype = common_dtype(self, *given)
    require("clamp", dtype, "iuf")
    array = Formula(builder, self, dtype)
    if low is not None:
        array = array.apply("maximum", low)
    return (array if high is None else array.apply("minimum", high)).operand


@operation("aten::clamp", "self min? max?")
def _clamp(builder: PlanBuilder, args: Arguments) -> Term:
    return _clamped(builder, args.term("self"), args.optional("min"), args.optional("max"))


@operation("aten::clamp_min", "self min")
def _clamp_min(builder: PlanBuilder, args: Arguments) -> Term:
    return _clamped(builder, args.term("self"), args.term("min"), None)


@operation("aten::clamp_max", "self max")
def _clamp_max(builder: PlanBuilder, args: Arguments) -> Term:
    return _clamped(builder, args.term("self"), None, args.term("max"))


@operation("aten::threshold", "self threshold value")
def _threshold(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("threshold", array.dtype, "iuf")
    return array.test("less_equal", args.term("threshold")).choose(array.like(args.term("value")), array).operand


@operation("aten::relu", "self")
def _relu(builder: PlanBuilder, args: Arguments) -> Term:
    """NaN and -0.0 pass."""
    array = Formula(builder, args.term("self"))
    require("relu", array.dtype, "iuf")
    return array.test("less", 0).choose(array.like(0), array).operand


@operation("aten::leaky_relu", "self negative_slope=0.01")
def _leaky_relu(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("leaky_relu", array.dtype, "f")
    return array.test("greater", 0).choose(array, array * args.term("negative_slope")).operand


@operation("aten::hardtanh", "self min_val=-1 max_val=1")
def _hardtanh(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("hardtanh", array.dtype, "iuf")
    return array.apply("maximum", args.term("min_val")).apply("minimum", args.term("max_val")).operand


@operation("aten::relu6", "self")
def _relu6(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("relu6", array.dtype, "iuf")
    return array.apply("maximum", 0).apply("minimum", 6).operand


@operation("aten::silu", "self", around=rounded_once)
def _silu(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("silu", array.dtype, "fc")
    return (array / (1 + (-array).apply("exp"))).operand


@operation("aten::elu", "self alpha=1 scale=1 input_scale=1", around=rounded_once)
def _elu(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("elu", array.dtype, "f")
    bent = (array * args.term("input_scale")).apply("expm1") * args.term("alpha")
    return (array.test("greater", 0).choose(array, bent) * args.term("scale")).operand


@operation("aten::logit", "self eps?")
def _logit(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"), floating(dtype_of(args.term("self"))))
    require("logit", array.dtype, "f")
    eps = args.optional("eps")
    if eps is not None:
        margin = array.like(eps)
        array = array.apply("maximum", margin).apply("minimum", margin.complement())
    return (array / (1 - array)).apply("log").operand
