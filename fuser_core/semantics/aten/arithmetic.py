"""``aten::`` arithmetic: sums, products, quotients, remainders, powers and their combinations.

On Python numbers alone these names mean Python's operators, computed on the host.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.errors import DTypeError, GraphError
from fuser_core.plan import HostValue
from fuser_core.semantics.aten.promotion import floating, kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, common_dtype, dtype_of, is_number, reject, require, rounded_once
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule_of

__all__ = ["on_host"]

DType = np.dtype[Any]


def on_host(builder: PlanBuilder, op: str, *terms: Term, type_: type | None = None) -> Term | None:
    """Return an operation on Python numbers, or ``None`` when an operand is an array."""
    if not all(map(is_number, terms)):
        return None
    types = [term.type if isinstance(term, HostValue) else type(term) for term in terms]
    widest = max([int, *types], key=[bool, int, float, complex].index)
    return rule_of(f"py::{op}")(builder, terms, {"type": type_ or widest})[0]


def _pair(builder: PlanBuilder, args: Arguments, name: str = "other") -> tuple[Formula, Formula]:
    left, right = args.term("self"), args.term(name)
    dtype = common_dtype(left, right)
    return Formula(builder, left, dtype), Formula(builder, right, dtype)


def _times(factor: Term, operand: Formula) -> Formula:
    return operand if isinstance(factor, bool | int | float) and factor == 1 else factor * operand


def _scaled(operand: Formula, factor: Term) -> Formula:
    """Return ``factor * operand``; the factor may not raise the kind of the dtype."""
    if kind_of(dtype_of(factor)) == "f" and kind_of(operand.dtype) in "biu":
        raise DTypeError(
            f"the operands are {operand.dtype}, and alpha is a float: for integers PyTorch wants an integer alpha"
        )
    return _times(factor, operand)


def _refuse_bool(name: str, *terms: Term) -> None:
    if any(kind_of(dtype_of(term)) == "b" for term in terms if not is_number(term)):
        raise reject(name, np.dtype(bool), "for masks use ^ or logical_xor, and logical_not")


@operation("aten::add", "self other alpha=1", around=rounded_once)
def _add(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "add", args.term("self"), args.term("other"))
    if number is not None:
        return number
    left, right = _pair(builder, args)
    return (left + _scaled(right, args.term("alpha"))).operand


@operation("aten::sub", "self other alpha=1", around=rounded_once)
def _sub(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "sub", args.term("self"), args.term("other"))
    if number is not None:
        return number
    _refuse_bool("sub", args.term("self"), args.term("other"))
    left, right = _pair(builder, args)
    return (left - _scaled(right, args.term("alpha"))).operand


@operation("aten::rsub", "self other alpha=1", around=rounded_once)
def _rsub(builder: PlanBuilder, args: Arguments) -> Term:
    _refuse_bool("rsub", args.term("self"), args.term("other"))
    left, right = _pair(builder, args)
    return (right - _scaled(left, args.term("alpha"))).operand


@operation("aten::mul", "self other")
def _mul(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "mul", args.term("self"), args.term("other"))
    if number is not None:
        return number
    left, right = _pair(builder, args)
    return (left * right).operand


@operation("aten::div", "self other .rounding_mode=None")
def _div(builder: PlanBuilder, args: Arguments) -> Term:
    mode = args.static("rounding_mode")
    number = on_host(builder, "truediv", args.term("self"), args.term("other"), type_=float)
    if number is not None:
        return number
    if mode is None:
        dtype = floating(common_dtype(args.term("self"), args.term("other")))
        return (Formula(builder, args.term("self"), dtype) / Formula(builder, args.term("other"), dtype)).operand
    left, right = _pair(builder, args)
    require(f"div[rounding_mode={mode!r}]", left.dtype, "iuf")
    if mode == "floor":
        return left.apply("floor_divide", right).operand
    if mode == "trunc":
        return _truncated(left, right).operand
    raise GraphError(f"aten::div has the rounding modes 'floor' and 'trunc', and was given {mode!r}")


def _truncated(left: Formula, right: Formula) -> Formula:
    if kind_of(left.dtype) == "f":
        return (left / right).apply("trunc")
    return (left - left.apply("fmod", right)).apply("floor_divide", right)


def _floor_division(name: str) -> None:
    @operation(f"aten::{name}", "self other")
    def divide(builder: PlanBuilder, args: Arguments) -> Term:
        number = on_host(builder, "floordiv", args.term("self"), args.term("other"))
        if number is not None:
            return number
        left, right = _pair(builder, args)
        require(name, left.dtype, "iuf")
        return left.apply("floor_divide", right).operand


_floor_division("floor_divide")
_floor_division("floordiv")


@operation("aten::fmod", "self other")
def _fmod(builder: PlanBuilder, args: Arguments) -> Term:
    left, right = _pair(builder, args)
    require("fmod", left.dtype, "iuf")
    return left.apply("fmod", right).operand


@operation("aten::remainder", "self other")
def _remainder(builder: PlanBuilder, args: Arguments) -> Term:
    """The remainder of floor division; unlike NumPy's, a zero keeps the dividend's sign."""
    number = on_host(builder, "mod", args.term("self"), args.term("other"))
    if number is not None:
        return number
    left, right = _pair(builder, args)
    require("remainder", left.dtype, "iuf")
    if kind_of(left.dtype) != "f":
        return left.apply("remainder", right).operand
    rest = left.apply("fmod", right)
    differ = rest.test("less", 0).test("not_equal", right.test("less", 0))
    return differ.apply("logical_and", rest.test("not_equal", 0)).choose(rest + right, rest).operand


@operation("aten::pow", "self exponent")
def _pow(builder: PlanBuilder, args: Arguments) -> Term:
    number = on_host(builder, "pow", args.term("self"), args.term("exponent"))
    if number is not None:
        return number
    base, exponent = _pair(builder, args, "exponent")
    require("pow", base.dtype, "iufc")
    given = args.term("exponent")
    if kind_of(base.dtype) in "iu":
        return _integer_power(base, exponent, given).operand
    if kind_of(base.dtype) == "f" and isinstance(given, bool | int | float):
        return _constant_power(base, exponent, given).operand
    return base.apply("power", exponent).operand


def _constant_power(base: Formula, exponent: Formula, given: float) -> Formula:
    """Return a power as PyTorch computes it for the exponents that have a shorter way."""
    ways = {
        0.5: lambda: base.apply("sqrt"),
        2.0: lambda: base * base,
        3.0: lambda: base * base * base,
        -0.5: lambda: 1 / base.apply("sqrt"),
        -1.0: lambda: 1 / base,
        -2.0: lambda: 1 / (base * base),
    }
    return ways.get(given, lambda: base.apply("power", exponent))()


def _integer_power(base: Formula, exponent: Formula, given: Term) -> Formula:
    """Return an integer power; with a negative exponent it is 0 but for bases 1 and -1."""
    if isinstance(given, bool | int):
        if given < 0:
            raise DTypeError("integers to negative integer powers are not allowed; make the base a float")
        return base.apply("power", exponent)
    if kind_of(base.dtype) == "u":
        return base.apply("power", exponent)
    power = base.apply("power", exponent.apply("maximum", 0))
    odd = exponent.apply("bitwise_and", 1).test("not_equal", 0)
    of_minus_one = base.test("equal", -1).choose(odd.choose(base.like(-1), 1), 0)
    inverse = base.test("equal", 1).choose(base.like(1), of_minus_one)
    return exponent.test("less", 0).choose(inverse, power)


@operation("aten::addcmul", "self tensor1 tensor2 value=1", around=rounded_once)
def _addcmul(builder: PlanBuilder, args: Arguments) -> Term:
    terms = [args.term(name) for name in ("self", "tensor1", "tensor2")]
    dtype = common_dtype(*terms)
    require("addcmul", dtype, "iufc")
    start, left, right = (Formula(builder, term, dtype) for term in terms)
    return (start + _times(args.term("value"), left) * right).operand


@operation("aten::addcdiv", "self tensor1 tensor2 value=1", around=rounded_once)
def _addcdiv(builder: PlanBuilder, args: Arguments) -> Term:
    terms = [args.term(name) for name in ("self", "tensor1", "tensor2")]
    dtype = common_dtype(*terms)
    require("addcdiv", dtype, "fc")
    start, left, right = (Formula(builder, term, dtype) for term in terms)
    return (start + _times(args.term("value"), left) / right).operand


@operation("aten::lerp", "self end weight", around=rounded_once)
def _lerp(builder: PlanBuilder, args: Arguments) -> Term:
    """Interpolation from the nearer end, so that the weight 1 gives the end exactly."""
    dtype = dtype_of(args.term("self"))
    require("lerp", dtype, "fc")
    if dtype_of(args.term("end")) != dtype:
        raise DTypeError(f"aten::lerp goes from {dtype} to {dtype_of(args.term('end'))}; both ends need one dtype")
    start, end = Formula(builder, args.term("self")), Formula(builder, args.term("end"))
    given = args.term("weight")
    weight = Formula(builder, given, dtype)
    from_start, from_end = start + weight * (end - start), end - (end - start) * weight.complement()
    if isinstance(given, bool | int | float):
        return (from_start if abs(given) < 0.5 else from_end).operand
    size = weight.apply("absolute", result=np.empty(0, dtype).real.dtype)
    return size.test("less", 0.5).choose(from_start, from_end).operand


def _float_pair(name: str, op: str) -> None:
    @operation(f"aten::{name}", "self other", around=rounded_once)
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        dtype = floating(common_dtype(args.term("self"), args.term("other")))
        require(name, dtype, "f")
        return Formula(builder, args.term("self"), dtype).apply(op, args.term("other")).operand


for _name in ("copysign", "hypot", "logaddexp", "logaddexp2"):
    _float_pair(_name, _name)
