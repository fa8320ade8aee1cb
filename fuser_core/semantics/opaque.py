"""``np::`` names of calls that no kernel holds: the call's result is typed here, its value comes from NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.plan import Opaque
from fuser_core.semantics.builder import PlanBuilder, Term, resolve_ufunc, shape_of
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__: list[str] = []


@rule("np::matmul")
def _matmul(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::matmul", terms, 2)
    operands = tuple(builder.convert(term, default_dtype(term)) for term in terms)
    left, right = map(shape_of, operands)
    dtype = resolve_ufunc(np.matmul, [operand.dtype for operand in operands])[-1]
    output = builder.value(dtype, _matmul_shape(builder, left, right))
    builder.steps.append(Opaque("numpy.matmul", np.matmul, operands, (output,)))
    if output.shape == ():
        builder.unboxed.add(output.id)
    return (output,)


def _matmul_shape(builder: PlanBuilder, left: Shape, right: Shape) -> Shape:
    """Apply the gufunc signature ``(n?,k),(k,m?)->(n?,m?)``.

    Raises:
        ShapeError: An operand is 0-d, or the inner sizes differ.
    """
    if not left or not right:
        raise ShapeError("matmul: an operand has no dimensions; multiply by a number with `*` instead")
    inner = left[-1], right[-2] if len(right) > 1 else right[0]
    sizes = builder.size(inner[0]), builder.size(inner[1])
    if sizes[0] != sizes[1]:
        raise ShapeError(
            f"matmul: the last axis of the first operand has size {sizes[0]}, the matching axis of the second has "
            f"size {sizes[1]}; they must be equal"
        )
    builder.equate(*inner)
    rows: Shape = left[-2:-1]
    columns: Shape = right[-1:] if len(right) > 1 else ()
    return (*builder.broadcast([left[:-2], right[:-2]], "matmul"), *rows, *columns)
