"""``aten::`` reductions: NumPy's, with PyTorch's dtypes and 0-d arrays as results."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.plan import Value
from fuser_core.semantics.aten.casts import scalar_type
from fuser_core.semantics.aten.promotion import kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, dtype_of, materialise, require, rounded_once
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule_of

__all__: list[str] = []

_SINGLE = np.dtype(np.float32)
_AXES = ("self .dtype=None", "self .dim .keepdim=False .dtype=None")


def _reduce(
    builder: PlanBuilder, name: str, array: Value, axis: Any, keepdims: Any, dtype: Any = None, *more: Term
) -> Term:
    options = {"axis": axis, "keepdims": bool(keepdims), **({} if dtype is None else {"dtype": dtype})}
    (result,) = rule_of(f"np::{name}")(builder, [array, *more], options)
    assert isinstance(result, Value)
    builder.unboxed.discard(result.id)
    return result


def _accumulate(builder: PlanBuilder, name: str, term: Term, dtype: Any, args: Arguments, *more: Term) -> Term:
    """Return a reduction in a dtype; what has half the precision is added up in single precision, and rounded once."""
    wide = _SINGLE if kind_of(dtype) == "f" and dtype.itemsize == 2 else dtype
    array = materialise(builder, Formula(builder, term, wide).operand)
    axis, keepdims = _over(args).values()
    return builder.convert(_reduce(builder, name, array, axis, keepdims, wide, *more), dtype)


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
        if code is None and kind_of(dtype) in "biu":
            dtype = np.dtype(np.int64)
        return _accumulate(builder, name, array, dtype, args)


_total("sum")
_total("prod")


@operation("aten::mean", *_AXES)
def _mean(builder: PlanBuilder, args: Arguments) -> Term:
    code = args.static("dtype")
    dtype = dtype_of(args.term("self")) if code is None else scalar_type(code)
    require("mean", dtype, "fc")
    return _accumulate(builder, "mean", args.term("self"), dtype, args)


@operation("aten::var", "self .dim=None .correction=1 .keepdim=False")
def _var(builder: PlanBuilder, args: Arguments) -> Term:
    """The squared deviations from the mean over the count less the correction."""
    return _variance(builder, "var", args)


@operation("aten::std", "self .dim=None .correction=1 .keepdim=False")
def _std(builder: PlanBuilder, args: Arguments) -> Term:
    var = Formula(builder, _variance(builder, "std", args)).apply("sqrt")
    return builder.convert(var.operand, dtype_of(args.term("self")))


def _variance(builder: PlanBuilder, name: str, args: Arguments) -> Term:
    require(name, dtype_of(args.term("self")), "f")
    correction = args.static("correction")
    return _accumulate(
        builder, "var", args.term("self"), dtype_of(args.term("self")), args, 1 if correction is None else correction
    )


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


@operation("aten::softmax", "self .dim .dtype=None", around=rounded_once)
def _softmax(builder: PlanBuilder, args: Arguments) -> Term:
    _, powers, total = _exponentials(builder, args, "softmax")
    return (powers / total).operand


@operation("aten::log_softmax", "self .dim .dtype=None", around=rounded_once)
def _log_softmax(builder: PlanBuilder, args: Arguments) -> Term:
    shifted, _, total = _exponentials(builder, args, "log_softmax")
    return (shifted - total.apply("log")).operand


@operation(
    "aten::layer_norm", "self .normalized_shape weight? bias? .eps=0.00001 .cudnn_enable=True", around=rounded_once
)
def _layer_norm(builder: PlanBuilder, args: Arguments) -> Term:
    """The deviations from the mean of the last axes over their standard deviation, scaled and moved."""
    array = Formula(builder, args.term("self"))
    require("layer_norm", array.dtype, "f")
    operand, sizes = materialise(builder, array.operand), tuple(args.static("normalized_shape"))
    last = operand.shape[len(operand.shape) - len(sizes) :]
    if not sizes or tuple(map(builder.size, last)) != sizes:
        raise ShapeError(f"aten::layer_norm: the last axes are {[*map(builder.size, last)]}, and not {list(sizes)}")
    for own, size in zip(last, sizes, strict=True):
        builder.equate(own, size)
    axes = tuple(range(-len(sizes), 0))
    mean, var = (
        Formula(builder, _reduce(builder, name, operand, axes, keepdims=True, dtype=array.dtype))
        for name in ("mean", "var")
    )
    result: Formula = (array - mean) * (1 / (var + args.static("eps")).apply("sqrt"))
    weight, bias = args.optional("weight"), args.optional("bias")
    result = result if weight is None else result * Formula(builder, weight, array.dtype)
    return (result if bias is None else result + Formula(builder, bias, array.dtype)).operand
