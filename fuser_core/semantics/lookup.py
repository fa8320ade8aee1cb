"""``np::`` names of calls that look values up in a table, which no kernel holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from fuser_core.errors import DTypeError, ShapeError
from fuser_core.plan import Opaque
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype

__all__: list[str] = []


@rule("np::take")
def _take(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """Elements of the first operand along an axis, by the integers of the second.

    Raises:
        DTypeError: The second holds no integers.
        numpy.exceptions.AxisError: The axis is out of bounds.
    """
    require_arity("np::take", terms, 2)
    table, indices = (builder.convert(term, default_dtype(term)) for term in terms)
    if indices.dtype.kind not in "iu":
        raise DTypeError(f"take: indices of dtype {indices.dtype} are no integers; convert them with astype")
    shape = shape_of(table)
    axis = np.lib.array_utils.normalize_axis_index(attributes["axis"], len(shape))
    output = builder.value(table.dtype, (*shape[:axis], *shape_of(indices), *shape[axis + 1 :]))
    function = partial(np.take, axis=axis, mode=attributes.get("mode", "raise"))
    builder.steps.append(Opaque("numpy.take", function, (table, indices), (output,)))
    if not output.shape:
        builder.unboxed.add(output.id)
    return (output,)


@rule("np::interp")
def _interp(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::interp", terms, 3)
    operands = tuple(builder.convert(term, default_dtype(term)) for term in terms)
    positions, points, values = map(shape_of, operands)
    if len(points) != 1 or len(values) != 1 or builder.size(points[0]) != builder.size(values[0]):
        raise ShapeError("interp: fp and xp are not one-dimensional or not of the same length; pass matching points")
    builder.equate(points[0], values[0])
    dtype = np.interp(0.0, [0.0], np.ones(1, operands[2].dtype)).dtype
    output = builder.value(dtype, positions)
    builder.steps.append(Opaque("numpy.interp", partial(np.interp, **attributes), operands, (output,)))
    if not positions:
        builder.unboxed.add(output.id)
    return (output,)


@rule("np::searchsorted")
def _searchsorted(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::searchsorted", terms, 2)
    points, positions = (builder.convert(term, default_dtype(term)) for term in terms)
    if len(shape_of(points)) != 1:
        raise ShapeError("searchsorted: object too deep for desired array; the first array must have one dimension")
    output = builder.value(np.dtype(np.intp), shape_of(positions))
    builder.steps.append(
        Opaque("numpy.searchsorted", partial(np.searchsorted, **attributes), (points, positions), (output,))
    )
    if not output.shape:
        builder.unboxed.add(output.id)
    return (output,)
