"""``np::`` names of NumPy's reductions: the accumulator's dtype is made explicit, keepdims becomes a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.axes import NewAxis, SourceAxis
from fuser_core.ops import REDUCTIONS
from fuser_core.plan import HostValue, Value, View
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, require_attributes, rule
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
    else:
        result = builder.cast(operand, accumulator, unboxed=True)
    return _keep_dimensions(builder, result, array, axes) if keepdims and axes else result


for _name in REDUCTIONS:
    _reduction_rule(_name)


@rule("np::mean")
def _mean(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The sum divided by the count; integers are summed as float64 and float16 as float32, as NumPy does."""
    require_arity("np::mean", terms, 1)
    array = _array(builder, terms[0])
    dtype = attributes.get("dtype") or (array.dtype if array.dtype.kind in "fc" else np.dtype(np.float64))
    dtype = dtype.newbyteorder("=")
    inner = np.dtype(np.float32) if dtype == np.float16 else dtype
    axis, keepdims = attributes.get("axis"), attributes.get("keepdims", False)
    total = reduce(builder, "sum", array, axis=axis, keepdims=keepdims, dtype=inner)
    count = _count(builder, [array.shape[axis] for axis in _axes(axis, len(array.shape))])
    (mean,) = builder.elementwise("divide", [total, builder.convert(count, inner)], [inner], unboxed=True)
    return (mean if dtype == inner else builder.cast(mean, dtype, unboxed=True),)


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
    result: np.dtype[Any] = REDUCTIONS[name].ufunc.reduce(np.ones(1, dtype)).dtype
    return result


def _keep_dimensions(builder: PlanBuilder, result: Value, array: Value, axes: tuple[int, ...]) -> Value:
    kept = iter(range(len(result.shape)))
    layout = tuple(NewAxis() if axis in axes else SourceAxis(next(kept)) for axis in range(len(array.shape)))
    shape = tuple(1 if isinstance(axis, NewAxis) else result.shape[axis.axis] for axis in layout)
    indices = (None,) * len(result.shape)
    return builder.view(lambda output: View(result, indices, layout, output), result, shape)
