"""``np::`` names that put arrays together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.plan import Concat, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule, rule_of
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import total

__all__ = ["join"]


@rule("np::concatenate")
def _concatenate(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    arrays = _arrays(builder, terms, "concatenate")
    if not arrays[0].shape:
        raise ShapeError("zero-dimensional arrays cannot be concatenated; use numpy.stack")
    return (join(builder, arrays, attributes["axis"], "concatenate"),)


@rule("np::stack")
def _stack(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    arrays = _arrays(builder, terms, "stack")
    axis = np.lib.array_utils.normalize_axis_index(attributes["axis"], len(arrays[0].shape) + 1)
    index = (*[slice(None)] * axis, None, Ellipsis)
    pieces = [rule_of("np::getitem")(builder, [array], {"index": index})[0] for array in arrays]
    return (join(builder, [piece for piece in pieces if isinstance(piece, Value)], axis, "stack"),)


def _arrays(builder: PlanBuilder, terms: Sequence[Term], name: str) -> list[Value]:
    """Return the operands as arrays of one dtype, the one that NumPy gives the whole."""
    if not terms:
        raise ShapeError(f"need at least one array to {name}; give it some")
    operands = [builder.convert(term, default_dtype(term)) for term in terms]
    dtype = np.result_type(*[operand.dtype for operand in operands])
    converted = [builder.convert(operand, dtype) for operand in operands]
    return [item if isinstance(item, Value) else builder.cast(item, dtype) for item in converted]


def join(builder: PlanBuilder, arrays: Sequence[Value], axis: int, name: str) -> Value:
    """Emit a `Concat` of arrays of one dtype along an axis, which may be counted from the end.

    Args:
        builder: Of the plan.
        arrays: At least one, of one or more dimensions.
        axis: Along which they are put together.
        name: Of the function, for messages.

    Raises:
        ShapeError: They differ in rank, or in another axis.
    """
    rank = len(arrays[0].shape)
    axis = np.lib.array_utils.normalize_axis_index(axis, rank)
    shape = list(arrays[0].shape)
    others = [other for other in range(rank) if other != axis]
    for position, array in enumerate(arrays[1:], start=1):
        sizes = [tuple(map(builder.size, item.shape)) for item in (arrays[0], array)]
        if len(array.shape) != rank or any(sizes[0][each] != sizes[1][each] for each in others):
            raise ShapeError(
                f"{name}: array 0 has shape {sizes[0]} and array {position} has shape {sizes[1]}; all dimensions but "
                f"axis {axis} must be equal"
            )
        for each in others:
            shape[each] = builder.equate(shape[each], array.shape[each])
    shape[axis] = total([array.shape[axis] for array in arrays])
    output = builder.value(arrays[0].dtype, tuple(shape))
    builder.steps.append(Concat(tuple(arrays), axis, output))
    return output
