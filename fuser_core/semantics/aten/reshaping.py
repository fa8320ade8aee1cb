"""``aten::`` names that give the elements of an array another shape, and the sizes that such shapes are made of."""

from __future__ import annotations

from fuser_core.errors import ShapeError
from fuser_core.plan import HostValue, Value
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import materialise
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.reshaping import reshape
from fuser_core.semantics.sizes import as_dim
from fuser_core.semantics.table import rule_of
from fuser_core.shapes import product

__all__: list[str] = []


def _reshaped(name: str, builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    sizes = args.terms("sizes") if "sizes" in args else args.static("size")
    given = ", ".join(map(str, sizes)) if isinstance(sizes, tuple) else sizes
    if not isinstance(sizes, tuple) or not all(isinstance(size, int | HostValue) for size in sizes):
        raise ShapeError(f"aten::{name} was given {given} for a shape; give it a list of integers")
    if any(isinstance(size, int) and size < -1 for size in sizes):
        raise ShapeError(f"aten::{name}: {list(sizes)} holds an invalid size; give -1 for what is left")
    return reshape(builder, array, [as_dim(builder, size) for size in sizes])


@operation("aten::reshape", "self .size", "self *sizes")
def _reshape(builder: PlanBuilder, args: Arguments) -> Term:
    return _reshaped("reshape", builder, args)


@operation("aten::view", "self .size", "self *sizes")
def _view(builder: PlanBuilder, args: Arguments) -> Term:
    """A view where memory allows; else a copy, where PyTorch would raise."""
    return _reshaped("view", builder, args)


@operation("aten::reshape_as", "self other")
@operation("aten::view_as", "self other")
def _reshape_as(builder: PlanBuilder, args: Arguments) -> Term:
    array, other = (materialise(builder, args.term(name)) for name in ("self", "other"))
    return reshape(builder, array, other.shape)


@operation("aten::flatten", "self .start_dim=0 .end_dim=-1")
def _flatten(builder: PlanBuilder, args: Arguments) -> Term:
    """Join some axes; an array without any becomes one of one element."""
    array = materialise(builder, args.term("self"))
    rank = max(len(array.shape), 1)
    bounds = args.static("start_dim"), args.static("end_dim")
    for dim in bounds:
        if not isinstance(dim, int) or not -rank <= dim < rank:
            raise ShapeError(f"aten::flatten: axis {dim} is out of range for an array of {len(array.shape)} dimensions")
    first, last = (dim % rank for dim in bounds)
    if first > last:
        raise ShapeError("aten::flatten: start_dim cannot come after end_dim; swap them")
    joined = product(array.shape[first : last + 1])
    return reshape(builder, array, [*array.shape[:first], joined, *array.shape[last + 1 :]])


@operation("aten::ravel", "self")
def _ravel(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    return reshape(builder, array, [product(array.shape)])


@operation("aten::size", "self .dim")
def _size(builder: PlanBuilder, args: Arguments) -> Term:
    array = materialise(builder, args.term("self"))
    rank, dim = len(array.shape), args.static("dim")
    if not isinstance(dim, int) or not -rank <= dim < rank:
        raise ShapeError(f"aten::size: axis {dim} is out of range for an array of {rank} dimensions")
    (size,) = rule_of("py::size")(builder, [array], {"axis": dim})
    assert not isinstance(size, Value)
    return size
