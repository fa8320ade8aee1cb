"""``aten::`` reductions: NumPy's, with PyTorch's dtypes and 0-d arrays as results."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.plan import Value
from fuser_core.semantics.aten.casts import scalar_type
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, dtype_of, materialise, require
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule_of

__all__: list[str] = []

_AXES = ("self .dtype=None", "self .dim .keepdim=False .dtype=None")


def _reduce(builder: PlanBuilder, name: str, array: Value, axis: Any, keepdims: Any, dtype: Any = None) -> Term:
    options = {"axis": axis, "keepdims": bool(keepdims), **({} if dtype is None else {"dtype": dtype})}
    (result,) = rule_of(f"np::{name}")(builder, [array], options)
    assert isinstance(result, Value)
    builder.unboxed.discard(result.id)
    return result


def _over(args: Arguments) -> dict[str, Any]:
    """Return the axes; none, or an empty list of them, means all."""
    axes = args.optional("dim")
    return {"axis": None if axes == () else axes, "keepdims": args.optional("keepdim")}


def _total(name: str) -> None:
    @operation(f"aten::{name}", *_AXES)
    def total(builder: PlanBuilder, args: Arguments) -> Term:
        """Integers and booleans are added up in int64."""
        array = materialise(builder, args.term("self"))
        code = args.static("dtype")
        dtype = array.dtype if code is None else scalar_type(code)
        if code is None and dtype.kind in "biu":
            dtype = np.dtype(np.int64)
        operand = materialise(builder, Formula(builder, array, dtype).operand)
        return _reduce(builder, name, operand, **_over(args), dtype=dtype)


_total("sum")
_total("prod")


@operation("aten::mean", *_AXES)
def _mean(builder: PlanBuilder, args: Arguments) -> Term:
    code = args.static("dtype")
    dtype = dtype_of(args.term("self")) if code is None else scalar_type(code)
    require("mean", dtype, "fc")
    array = materialise(builder, Formula(builder, args.term("self"), dtype).operand)
    return _reduce(builder, "mean", array, **_over(args), dtype=dtype)


def _reduction(name: str, op: str, *signatures: str) -> None:
    @operation(f"aten::{name}", *signatures)
    def reduce(builder: PlanBuilder, args: Arguments) -> Term:
        return _reduce(builder, op, materialise(builder, args.term("self")), **_over(args))


_reduction("amax", "max", "self .dim=None .keepdim=False")
_reduction("amin", "min", "self .dim=None .keepdim=False")
_reduction("any", "any", "self", "self .dim .keepdim=False")
_reduction("all", "all", "self", "self .dim .keepdim=False")


def _exponentials(builder: PlanBuilder, args: Arguments, name: str) -> tuple[Formula, Formula, Formula]:
    """Return an array less its maximum, the exponentials of that, and their sum."""
    code = args.static("dtype")
    array = Formula(builder, args.term("self"), None if code is None else scalar_type(code))
    require(name, array.dtype, "f")
    axis = args.static("dim") if materialise(builder, array.operand).shape else None
    top = _reduce(builder, "max", materialise(builder, array.operand), axis, keepdims=True)
    shifted = array - Formula(builder, top)
    powers = shifted.apply("exp")
    total = _reduce(builder, "sum", materialise(builder, powers.operand), axis, keepdims=True, dtype=array.dtype)
    return shifted, powers, Formula(builder, total)


@operation("aten::softmax", "self .dim .dtype=None")
def _softmax(builder: PlanBuilder, args: Arguments) -> Term:
    _, powers, total = _exponentials(builder, args, "softmax")
    return (powers / total).operand


@operation("aten::log_softmax", "self .dim .dtype=None")
def _log_softmax(builder: PlanBuilder, args: Arguments) -> Term:
    shifted, _, total = _exponentials(builder, args, "log_softmax")
    return (shifted - total.apply("log")).operand
