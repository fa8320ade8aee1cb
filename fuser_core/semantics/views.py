"""``np::`` names that look at an array without moving data: indexing, transposition, new axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from fuser_core.axes import NewAxis, SourceAxis, viewed_shape
from fuser_core.errors import ShapeError
from fuser_core.plan import Value, View
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype

__all__ = ["Index", "as_value"]

Index = int | slice | EllipsisType | None


@rule("np::getitem")
def _getitem(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::getitem", terms, 1)
    array = as_value(builder, terms[0])
    index: tuple[Index, ...] = attributes["index"]
    indices: list[int | None] = []
    axes: list[SourceAxis | NewAxis] = []
    for item in _expand(index, len(array.shape)):
        axis = len(indices)
        match item:
            case None:
                axes.append(NewAxis())
            case slice():
                axes.append(SourceAxis(axis, item.start, item.stop, item.step))
                indices.append(None)
            case _:
                indices.append(item)
    result = _emit(builder, array, tuple(indices), tuple(axes))
    if result.shape == () and Ellipsis not in index:
        builder.unboxed.add(result.id)
    return (result,)


@rule("np::transpose")
def _transpose(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::transpose", terms, 1)
    array = as_value(builder, terms[0])
    rank = len(array.shape)
    axes = attributes.get("axes")
    if axes is not None and len(axes) != rank:
        raise ShapeError(f"axes don't match array: transpose(axes={axes}) of an array of {rank} dimensions")
    order = tuple(reversed(range(rank))) if axes is None else np.lib.array_utils.normalize_axis_tuple(axes, rank)
    result = _emit(builder, array, (None,) * rank, tuple(SourceAxis(axis) for axis in order))
    if array.id in builder.unboxed:
        builder.unboxed.add(result.id)
    return (result,)


def _expand(index: tuple[Index, ...], rank: int) -> list[int | slice | None]:
    """Return the index with the ellipsis spelled out, one item per axis of the array and one per new axis."""
    taken = sum(item is not None and item is not Ellipsis for item in index)
    if taken > rank:
        raise IndexError(f"too many indices for array: array is {rank}-dimensional, but {taken} were indexed")
    if index.count(Ellipsis) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    full = [slice(None)] * (rank - taken)
    result: list[int | slice | None] = []
    for item in index:
        if isinstance(item, EllipsisType):
            result += full
            full = []
        else:
            result.append(item)
    return [*result, *full]


def _emit(
    builder: PlanBuilder, array: Value, indices: tuple[int | None, ...], axes: tuple[SourceAxis | NewAxis, ...]
) -> Value:
    shape = viewed_shape(tuple(map(builder.canonical, array.shape)), axes)
    return builder.view(lambda output: View(array, indices, axes, output), array, shape)


def as_value(builder: PlanBuilder, term: Term) -> Value:
    """Return an operand as an array of the plan, in its own dtype."""
    if isinstance(term, Value):
        return term
    operand = builder.convert(term, default_dtype(term))
    return operand if isinstance(operand, Value) else builder.cast(operand, operand.dtype)
