"""``np::`` names that give the elements of an array another shape.

Where only axes of size 1 come or go that is a view in any memory layout; else it is a `Reshape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.axes import matching_view
from fuser_core.errors import GraphError, ShapeError
from fuser_core.plan import Reshape, Value, View
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.sizes import as_dim, require_some
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.views import as_value
from fuser_core.shapes import Computed, Dim, have_same_factors, product, quotient

__all__ = ["reshape"]


@rule("np::reshape")
def _reshape(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The first operand in the shape that the others give, one number per axis: a size, a literal integer, or -1."""
    if not terms:
        raise GraphError("np::reshape takes an array and its new sizes, and got nothing; correct the node")
    return (reshape(builder, as_value(builder, terms[0]), [as_dim(builder, term) for term in terms[1:]]),)


@rule("np::ravel")
def _ravel(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """All elements in a row, without gaps in memory: a view, or a copy where NumPy needs one."""
    require_arity("np::ravel", terms, 1)
    array = as_value(builder, terms[0])
    output = builder.value(array.dtype, (builder.canonical(product(array.shape)),))
    builder.steps.append(Reshape(array, output, contiguous=True))
    return (output,)


def reshape(builder: PlanBuilder, array: Value, dims: Sequence[Dim]) -> Value:
    """Emit a reshape, or a view where that does.

    Args:
        builder: Of the plan.
        array: Of any shape.
        dims: The sizes that are asked for; one may be -1, for what is left.

    Raises:
        ShapeError: They do not fit the number of elements in this call (NumPy's own message).
    """
    source = [builder.canonical(dim) for dim in array.shape]
    asked = [_signed(builder, dim) for dim in dims]
    try:
        # Of an array that repeats one element any reshape is a view.
        np.broadcast_to(np.False_, tuple(map(builder.size, source))).reshape(tuple(map(builder.size, asked)))
    except ValueError as error:
        raise ShapeError(f"{error}; give sizes that multiply to as many elements, at most one of them -1") from error
    whole, inferred = product(source), [isinstance(dim, int) and dim < 0 for dim in asked]
    if any(inferred):
        others = product([dim for dim, unknown in zip(asked, inferred, strict=True) if not unknown])
        require_some(builder, others)
        left = builder.canonical(quotient(whole, others))
        asked = [left if unknown else dim for dim, unknown in zip(asked, inferred, strict=True)]
    if builder.specific:
        _equate_ends(builder, source, asked)
        source, asked = ([builder.canonical(dim) for dim in dims] for dims in (source, asked))
    found = matching_view(source, asked)
    if found is not None:
        return builder.view(lambda output: View(array, *found, output), array, tuple(asked))
    if not have_same_factors(whole, product(asked)):
        builder.equate(whole, product(asked))
    output = builder.value(array.dtype, tuple(map(builder.canonical, asked)))
    builder.steps.append(Reshape(array, output))
    return output


def _equate_ends(builder: PlanBuilder, source: Sequence[Dim], target: Sequence[Dim]) -> None:
    """Rest on it that literal sizes at either end are the array's own, if they are, so that these axes stay apart."""
    for ends in (zip(source, target, strict=False), zip(reversed(source), reversed(target), strict=False)):
        for own, asked in ends:
            if own != asked and (not isinstance(asked, int) or builder.size(own) != asked):
                break
            builder.equate(own, asked)


def _signed(builder: PlanBuilder, dim: Dim) -> Dim:
    """Return a size that is asked for, with its sign made sure of: a negative one means what is left."""
    if isinstance(dim, int) or not _may_be_negative(dim):
        return dim
    size = builder.size(dim)
    return builder.equate(dim, size if size < 0 else Computed("max", (dim, 0)))


def _may_be_negative(dim: Dim) -> bool:
    pending: list[Dim] = [dim]
    while pending:
        item = pending.pop()
        if (isinstance(item, int) and item < 0) or (isinstance(item, Computed) and item.op == "sub"):
            return True
        pending += item.parts if isinstance(item, Computed) else ()
    return False
