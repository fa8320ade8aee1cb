"""``aten::`` comparisons, logic and bits: operands meet in their common dtype, as in PyTorch."""

from __future__ import annotations

from fuser_core.semantics.aten.arithmetic import on_host
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import BOOL, Formula, common_dtype, dtype_of, require
from fuser_core.semantics.builder import PlanBuilder, Term

__all__: list[str] = []

_COMPARISONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}
_LOGIC = {"logical_and", "logical_or", "logical_xor"}
_BITS = {
    "__and__": "bitwise_and",
    "__or__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "bitwise_and": "bitwise_and",
    "bitwise_or": "bitwise_or",
    "bitwise_xor": "bitwise_xor",
}
_SHIFTS = {
    "__lshift__": "left_shift",
    "__rshift__": "right_shift",
    "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift",
}


def _comparison(name: str) -> None:
    @operation(f"aten::{name}", "self other")
    def compare(builder: PlanBuilder, args: Arguments) -> Term:
        left, right = args.term("self"), args.term("other")
        number = on_host(builder, name, left, right, type_=bool)
        if number is not None:
            return number
        dtype = common_dtype(left, right)
        require(name, dtype, "biufc" if name in ("eq", "ne") else "biuf")
        return Formula(builder, left, dtype).test(_COMPARISONS[name], Formula(builder, right, dtype)).operand


def _logic(name: str) -> None:
    @operation(f"aten::{name}", "self other")
    def combine(builder: PlanBuilder, args: Arguments) -> Term:
        left = _truth(builder, args.term("self"))
        return left.apply(name, _truth(builder, args.term("other"))).operand


def _bits(name: str, op: str, kinds: str) -> None:
    @operation(f"aten::{name}", "self other")
    def combine(builder: PlanBuilder, args: Arguments) -> Term:
        dtype = common_dtype(args.term("self"), args.term("other"))
        require(name, dtype, kinds)
        return Formula(builder, args.term("self"), dtype).apply(op, args.term("other")).operand


for _name in _COMPARISONS:
    _comparison(_name)
for _name in _LOGIC:
    _logic(_name)
for _name, _op in _BITS.items():
    _bits(_name, _op, "biu")
for _name, _op in _SHIFTS.items():
    _bits(_name, _op, "iu")


@operation("aten::logical_not", "self")
def _logical_not(builder: PlanBuilder, args: Arguments) -> Term:
    return _truth(builder, args.term("self")).apply("logical_not").operand


@operation("aten::bitwise_not", "self")
def _bitwise_not(builder: PlanBuilder, args: Arguments) -> Term:
    require("bitwise_not", dtype_of(args.term("self")), "biu")
    return Formula(builder, args.term("self")).apply("invert").operand


def _truth(builder: PlanBuilder, term: Term) -> Formula:
    own = Formula(builder, term)
    return Formula(builder, own.operand, BOOL)
