"""Sums of products over axes, and what stands on diagonals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.calls import Binding, emit_call
from fuser_core.semantics.library.extents import larger, lessened, normal, reduced, require_equal, smaller
from fuser_core.semantics.library.table import called
from fuser_core.semantics.table import rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Dim, Shape, product, total

__all__: list[str] = []


def _product(builder: PlanBuilder, x1: Shape, x2: Shape) -> Shape:
    """Apply the signature ``(n?,k),(k,m?)->(n?,m?)``."""
    require_equal(builder, x1[-1], x2[-2] if len(x2) > 1 else x2[0])
    columns: Shape = x2[-1:] if len(x2) > 1 else ()
    return (*builder.broadcast([x1[:-2], x2[:-2]], "numpy.matmul"), *x1[-2:-1], *columns)


def _chained(builder: PlanBuilder, arrays: list[Shape]) -> Shape:
    result = arrays[0]
    for shape in arrays[1:]:
        result = _product(builder, result, shape)
    return result


called("matmul", "x1 x2", _product, by_hand=True)
called("linalg.multi_dot", "*arrays", _chained)


def _contracted(builder: PlanBuilder, a: Shape, b: Shape, axes: Any) -> Shape:
    """Apply the rule of `numpy.tensordot`."""
    if isinstance(axes, int):
        axes = range(len(a) - axes, len(a)), range(axes)
    gone = normal(axes[0], a), normal(axes[1], b)
    if len(gone[0]) != len(gone[1]):
        raise ShapeError("shape-mismatch for sum; name as many axes of both arrays")
    for left, right in zip(*gone, strict=True):
        require_equal(builder, a[left], b[right])
    return (*reduced(a, gone[0]), *reduced(b, gone[1]))


called("tensordot", "a b", _contracted)
called("linalg.tensordot", "x1 x2", lambda builder, x1, x2, axes: _contracted(builder, a=x1, b=x2, axes=axes))


def _blocks(a: Shape, b: Shape) -> Shape:
    rank = max(len(a), len(b))
    left, right = ((*[1] * (rank - len(shape)), *shape) for shape in (a, b))
    return tuple(product(pair) for pair in zip(left, right, strict=True))


called("kron", "a b", _blocks)


@rule("np::einsum")
def _einsum(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The sum that subscripts tell, with a letter for each axis and with those of the result: ``"ij,jk->ik"``."""

    def sizes(*shapes: Shape) -> Shape:
        before, _, after = attributes["subscripts"].partition("->")
        found: dict[str, Dim] = {}
        for letters, shape in zip(before.split(","), shapes, strict=True):
            for letter, dim in zip(letters, shape, strict=True):
                (found[letter],) = builder.broadcast([(found.get(letter, 1),), (dim,)], "numpy.einsum")
        return tuple(found[letter] for letter in after)

    operands = [builder.convert(term, default_dtype(term)) for term in terms]
    binding = Binding(_summed, ("*operands",) * len(terms), tuple(attributes.items()))
    return emit_call(builder, "numpy.einsum", binding, operands, sizes)


def _summed(operands: list[Any], subscripts: str, **options: Any) -> Any:
    return np.einsum(subscripts, *operands, **options)


def _diagonal(shape: Shape, offset: Any, axis1: Any, axis2: Any) -> Shape:
    (rows,), (columns,) = normal(axis1, shape), normal(axis2, shape)
    length = smaller(total([shape[rows], min(offset, 0)]), total([shape[columns], -max(offset, 0)]))
    return (*reduced(shape, (rows, columns)), larger(length, 0))


called("diagonal", "a", _diagonal, view=True)
called("linalg.diagonal", "x", lambda x, offset: _diagonal(x, offset, -2, -1), view=True)
called("trace", "a", lambda a, axis1, axis2: reduced(a, (axis1, axis2)))
called("linalg.trace", "x", lambda x: reduced(x, (-2, -1)))


def _on_diagonal(v: Shape, k: Any) -> Shape:
    return (total([v[0], abs(k)]),) * 2 if len(v) == 1 else _diagonal(v, k, 0, 1)


def _masked(m: Shape) -> Shape:
    return m * 2 if len(m) == 1 else m


called("diag", "v", _on_diagonal, view=True)
called("diagflat", "v", lambda v, k: (total([product(v), abs(k)]),) * 2)
called("tril triu", "m", _masked)


def _differences(ary: Shape, to_end: Shape | None, to_begin: Shape | None) -> Shape:
    ends = [product(end) for end in (to_end, to_begin) if end is not None]
    return (total([larger(lessened(product(ary), 1), 0), *ends]),)


called("ediff1d", "ary to_end to_begin", _differences)
