"""``aten::`` names that look at an array without moving data, and those that put arrays together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuser_core.errors import GraphError, ShapeError
from fuser_core.plan import Value
from fuser_core.semantics.aten.promotion import promote_types
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, materialise
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.joins import join
from fuser_core.semantics.table import rule_of

__all__: list[str] = []

_END = 2**63 - 1
"""What PyTorch's text has for the end of a slice that has none."""


def _axis(name: str, dim: Any, rank: int) -> int:
    """Return an axis counted from the front.

    Raises:
        ShapeError: There is no such axis.
    """
    if not isinstance(dim, int) or not -rank <= dim < rank:
        raise ShapeError(f"aten::{name}: axis {dim} is out of range for an array of {rank} dimensions")
    return dim % rank


def _take(builder: PlanBuilder, array: Value, axis: int, item: int | slice | None) -> Term:
    index = (*[slice(None)] * axis, item)
    (result,) = rule_of("np::getitem")(builder, [array], {"index": index})
    assert isinstance(result, Value)
    builder.unboxed.discard(result.id)
    return result


def _permuted(builder: PlanBuilder, array: Value, order: Sequence[int]) -> Term:
    return rule_of("np::transpose")(builder, [array], {"axes": tuple(order)})[0]


@operation("aten::unsqueeze", "self .dim")
def _unsqueeze(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    return _take(builder, array, _axis("unsqueeze", args.static("dim"), len(array.shape) + 1), None)


@operation("aten::squeeze", "self .dim=None")
def _squeeze(builder: PlanBuilder, args: Arguments) -> Term:
    """Drop an axis, some, or any, where the size is 1."""
    array, dims = materialise(builder, args.term("self")), args.static("dim")
    rank = len(array.shape)
    if not rank:
        return array
    given = range(rank) if dims is None else dims if isinstance(dims, tuple) else (dims,)
    for axis in sorted({_axis("squeeze", dim, rank) for dim in given}, reverse=True):
        if builder.size(array.shape[axis]) == 1:
            builder.equate(array.shape[axis], 1)
            array = materialise(builder, _take(builder, array, axis, 0))
    return array


@operation("aten::select", "self .dim .index")
def _select(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    axis = _axis("select", args.static("dim"), len(array.shape))
    index, size = args.static("index"), builder.size(array.shape[axis])
    if not -size <= index < size:
        raise ShapeError(f"aten::select: index {index} is out of range for axis {axis} of size {size}")
    return _take(builder, array, axis, index)


@operation("aten::slice", "self .dim=0 .start=None .end=None .step=1")
def _slice(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    axis = _axis("slice", args.static("dim"), len(array.shape))
    start, end, step = (args.optional(name) for name in ("start", "end", "step"))
    if step is not None and step < 1:
        raise GraphError(f"aten::slice has the step {step}; PyTorch's slices go forward only")
    piece = slice(start or None, None if end == _END else end, None if step == 1 else step)
    return array if piece == slice(None) else _take(builder, array, axis, piece)


@operation("aten::t", "self")
def _t(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    if len(array.shape) > 2:
        raise ShapeError(f"aten::t takes at most 2 dimensions, and was given {len(array.shape)}; use permute")
    return _permuted(builder, array, tuple(reversed(range(len(array.shape)))))


@operation("aten::numpy_T", "self")
def _numpy_t(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    return _permuted(builder, array, tuple(reversed(range(len(array.shape)))))


@operation("aten::transpose", "self .dim0 .dim1")
def _transpose(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    order = list(range(len(array.shape)))
    if not order:
        return array
    first, second = (_axis("transpose", args.static(name), len(order)) for name in ("dim0", "dim1"))
    order[first], order[second] = second, first
    return _permuted(builder, array, order)


@operation("aten::permute", "self .dims")
def _permute(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    rank = len(array.shape)
    return _permuted(builder, array, [_axis("permute", dim, rank) for dim in args.static("dims")])


@operation("prim::ConstantChunk", "self .chunks .dim=0 .index=None")
def _chunk(builder: PlanBuilder, args: Arguments) -> Term | tuple[Term, ...]:
    """Views of equal size, the last one smaller when it does not come out even; with ``index``, one of them."""
    array = materialise(builder, args.term("self"))
    chunks, index = args.static("chunks"), args.static("index")
    axis = _axis("chunk", args.static("dim"), len(array.shape))
    if chunks < 1:
        raise GraphError(f"prim::ConstantChunk: {chunks} chunks are asked for; ask for 1 or more")
    # Where the pieces begin is part of the plan, so it holds for this size only.
    size = builder.size(array.shape[axis])
    builder.equate(array.shape[axis], size)
    step = -(-size // chunks)
    bounds = [(start, min(start + step, size)) for start in range(0, size, step)] if step else [(0, 0)] * chunks
    pieces = tuple(_take(builder, array, axis, slice(*each)) for each in bounds)
    if index is None:
        return pieces
    if not -len(pieces) <= index < len(pieces):
        raise ShapeError(f"a chunk of number {index} is asked for, but the array gives only {len(pieces)} chunks")
    piece: Term = pieces[index]
    return piece


@operation("aten::cat", "*tensors .dim=0")
def _cat(builder: PlanBuilder, args: Arguments) -> Term:
    return _concatenated(builder, "cat", args.terms("tensors"), args.static("dim"))


@operation("prim::FusedConcat", "*tensors .dim=0")
def _fused_concat(builder: PlanBuilder, args: Arguments) -> Term:
    return _concatenated(builder, "cat", args.terms("tensors"), args.static("dim"))


@operation("aten::stack", "*tensors .dim=0")
def _stack(builder: PlanBuilder, args: Arguments) -> Term:
    arrays = [materialise(builder, term) for term in args.terms("tensors")]
    axis = _axis("stack", args.static("dim"), len(arrays[0].shape) + 1) if arrays else 0
    return _concatenated(builder, "stack", [_take(builder, array, axis, None) for array in arrays], axis)


def _concatenated(builder: PlanBuilder, name: str, terms: Sequence[Term], dim: int) -> Term:
    arrays = [materialise(builder, term) for term in terms]
    if not arrays:
        raise GraphError(f"aten::{name} of no arrays; give it at least one")
    dtype = arrays[0].dtype
    for array in arrays[1:]:
        dtype = promote_types(dtype, array.dtype)
    # PyTorch skips empty one-dimensional arrays, whatever the rank of the others.
    skipped = [array for array in arrays if len(array.shape) == 1 and builder.size(array.shape[0]) == 0]
    for array in skipped:
        builder.equate(array.shape[0], 0)
    kept = [array for array in arrays if array not in skipped] or arrays[:1]
    if not kept[0].shape:
        raise ShapeError(f"aten::{name}: 0-d arrays cannot be put together; use stack")
    axis = _axis(name, dim, len(kept[0].shape))
    operands = [materialise(builder, Formula(builder, array, dtype).operand) for array in kept]
    return join(builder, operands, axis, f"aten::{name}")
