"""``np::`` names that repeat an array along axes: NumPy's own views, which move no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.plan import Opaque
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.sizes import as_dim
from fuser_core.semantics.table import rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__: list[str] = []


@rule("np::broadcast_to")
def _broadcast_to(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The first operand in the shape that the others give, one number per axis: a size or a literal integer.

    Raises:
        ShapeError: It does not fit into that shape.
    """
    array = builder.convert(terms[0], default_dtype(terms[0]))
    dims = tuple(as_dim(builder, term) for term in terms[1:])
    sizes = tuple(map(builder.size, dims))
    if min(sizes, default=0) < 0:
        raise ShapeError("all elements of broadcast shape must be non-negative; count from 0")
    own = tuple(map(builder.size, shape_of(array)))
    common = tuple(map(builder.size, builder.broadcast([shape_of(array), dims], "numpy.broadcast_to")))
    if common != sizes:
        raise ShapeError(
            f"an array of shape {own} cannot be broadcast to the shape {sizes}; an axis is too small for it"
        )
    boxed = [builder.convert(term, np.dtype(np.int64)) for term in terms[1:]]
    output = builder.value(array.dtype, dims)
    builder.steps.append(Opaque("numpy.broadcast_to", _to_sizes, (array, *boxed), (output,)))
    return (output,)


@rule("np::broadcast_arrays")
def _broadcast_arrays(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    arrays = tuple(builder.convert(term, default_dtype(term)) for term in terms)
    shape: Shape = builder.broadcast([shape_of(array) for array in arrays], "numpy.broadcast_arrays")
    outputs = tuple(builder.value(array.dtype, shape) for array in arrays)
    builder.steps.append(Opaque("numpy.broadcast_arrays", _together, arrays, outputs))
    return outputs


def _to_sizes(array: Any, *sizes: Any) -> Any:
    return np.broadcast_to(array, tuple(map(int, sizes)))


def _together(*arrays: Any) -> Any:
    results = np.broadcast_arrays(*arrays)
    return results if len(results) > 1 else results[0]
