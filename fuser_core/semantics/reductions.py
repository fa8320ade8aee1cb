"""``np::`` names of NumPy's reductions, means and variances: the accumulator's dtype is explicit, keepdims a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.axes import NewAxis, SourceAxis
from fuser_core.errors import DTypeError
from fuser_core.ops import REDUCTIONS
from fuser_core.plan import HostValue, Operand, Value, View
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, require_attributes, rule, rule_of
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Dim

__all__: list[str] = []


def _reduction_rule(name: str) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        require_arity(f"np::{name}", terms, 1)
        require_attributes(f"np::{name}", attributes, ("axis", "keepdims", "dtype"))
        array = _array(builder, terms[0])
        return (reduce(builder, name, array, **attributes),)


def reduce(
    builder: PlanBuilder,
    name: str,
    array: Value,
    *,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    dtype: np.dtype[Any] | None = None,
) -> Value:
    """Emit a reduction as NumPy's function of that name computes it.

    Raises:
        numpy.exceptions.AxisError: An axis is out of bounds or repeated (NumPy's own message).
    """
    axes = _axes(axis, len(array.shape))
    accumulator = dtype or _accumulator(name, array.dtype)
    operand = builder.convert(array, accumulator)
    assert isinstance(operand, Value)
    if axes:
        result = builder.reduce(name, operand, axes, accumulator, unboxed=True)
    elif name == "squared_deviations":  # each element is its own mean; what is not finite has none
        (result,) = builder.elementwise("subtract", [operand, operand], [accumulator], unboxed=True)
    else:
        result = builder.cast(operand, accumulator, unboxed=True)
    return _keep_dimensions(builder, result, array, axes) if keepdims and axes else result


for _name, _op in REDUCTIONS.items():
    if _op.ufunc is not None:
        _reduction_rule(_name)


@rule("np::mean")
def _mean(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The sum divided by the count; integers are summed as float64 and float16 as float32, as NumPy does."""
    require_arity("np::mean", terms, 1)
    array = _array(builder, terms[0])
    dtype = attributes.get("dtype") or (np.dtype(np.float64) if array.dtype.kind in "biu" else array.dtype)
    dtype = dtype.newbyteorder("=")
    inner = np.dtype(np.float32) if dtype == np.float16 else dtype
    axis, keepdims = attributes.get("axis"), attributes.get("keepdims", False)
    total = reduce(builder, "sum", array, axis=axis, keepdims=keepdims, dtype=inner)
    count = _count(builder, [array.shape[axis] for axis in _axes(axis, len(array.shape))])
    (mean,) = builder.elementwise("divide", [total, builder.convert(count, inner)], [inner], unboxed=True)
    return (mean if dtype == inner else builder.cast(mean, dtype, unboxed=True),)


@rule("np::var")
def _var(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The squared deviations from the mean, divided by the count less the second operand, if there is one.

    Integers are cast to float64 and float16 to float32; of complex numbers both parts deviate. With ``dtype``, which is
    one of floats, no less is computed in than the array's own precision.

    Raises:
        DTypeError: Complex numbers shall vary in a dtype.
    """
    require_attributes("np::var", attributes, ("axis", "keepdims", "dtype"))
    require_arity("np::var", terms[:1], 1)
    array = _array(builder, terms[0])
    parts, own = [array], array.dtype
    if own.kind == "c":
        if "dtype" in attributes:
            raise DTypeError(f"np::var of {own} takes no dtype; take the variance of both parts, and add them up")
        own = np.empty(0, own).real.dtype
        parts = [builder.elementwise(part, [array], [own])[0] for part in ("real", "imag")]
    dtype = (attributes.get("dtype") or (np.dtype(np.float64) if own.kind in "biu" else own)).newbyteorder("=")
    inner = np.result_type(own, dtype)
    inner = np.dtype(np.float32) if inner == np.float16 else inner
    axis, keepdims = attributes.get("axis"), attributes.get("keepdims", False)
    totals: list[Operand] = [
        reduce(builder, "squared_deviations", part, axis=axis, keepdims=keepdims, dtype=inner) for part in parts
    ]
    if len(totals) > 1:
        totals = [*builder.elementwise("add", totals, [inner])]
    count = _count(builder, [array.shape[axis] for axis in _axes(axis, len(array.shape))])
    number = builder.convert(_less(builder, count, *terms[1:]), inner)
    (var,) = builder.elementwise("divide", [*totals, number], [inner], unboxed=True)
    return (var if dtype == inner else builder.cast(var, dtype, unboxed=True),)


def _less(builder: PlanBuilder, count: Term, ddof: Term = 0) -> Term:
    """Return a count less the degrees of freedom that are taken from it; 0 if they are more."""
    if not isinstance(ddof, HostValue) and ddof == 0:
        return count
    kind = ddof.type if isinstance(ddof, HostValue) else type(ddof)
    attributes = {"type": float if kind is float else int}
    rest = rule_of("py::sub")(builder, [count, ddof], attributes)
    return rule_of("py::max")(builder, [0, *rest], attributes)[0]


def _count(builder: PlanBuilder, dims: Sequence[Dim]) -> Term:
    count: int | HostValue = 1
    for dim in dims:
        factor = dim if isinstance(dim, int) else builder.host("size", [dim], int)
        if count == 1:
            count = factor
        elif factor != 1:
            count = builder.host("mul", [count, factor], int)
    return count


def _array(builder: PlanBuilder, term: Term) -> Value:
    """Return a term as an array, since a reduction of a number is one of a 0-d array."""
    if isinstance(term, Value):
        return term
    constant = builder.convert(term, default_dtype(term))
    if isinstance(constant, Value):
        return constant
    return builder.cast(constant, constant.dtype)


def _axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    if axis is None or (ndim == 0 and axis in (0, -1)):
        return tuple(range(ndim))
    return tuple(sorted(np.lib.array_utils.normalize_axis_tuple(axis, ndim)))


def _accumulator(name: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which NumPy accumulates; NumPy itself is asked."""
    if name in ("any", "all"):
        return np.dtype(bool)
    ufunc = REDUCTIONS[name].ufunc
    assert ufunc is not None, name
    result: np.dtype[Any] = ufunc.reduce(np.ones(1, dtype)).dtype
    return result


def _keep_dimensions(builder: PlanBuilder, result: Value, array: Value, axes: tuple[int, ...]) -> Value:
    kept = iter(range(len(result.shape)))
    layout = tuple(NewAxis() if axis in axes else SourceAxis(next(kept)) for axis in range(len(array.shape)))
    shape = tuple(1 if isinstance(axis, NewAxis) else result.shape[axis.axis] for axis in layout)
    indices = (None,) * len(result.shape)
    return builder.view(lambda output: View(result, indices, layout, output), result, shape)
