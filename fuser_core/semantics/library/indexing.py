"""Elements at places that arrays of integers tell: NumPy's advanced indexing."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any

from fuser_core.axes import NewAxis, SourceAxis, viewed_shape
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.calls import Binding, emit_call
from fuser_core.semantics.table import rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__ = ["ARRAY", "SCALAR"]

ARRAY, SCALAR = "array", "scalar"
"""Items of an index that stand for operands: arrays of integers, and single integers that are computed."""


@rule("np::index")
def _index(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The first operand at an index, whose items are integers, slices, ``None``, ``...`` or stand for an operand.

    Raises:
        IndexError: The index does not fit (NumPy's own message).
    """
    operands = [builder.convert(term, default_dtype(term)) for term in terms]
    index: tuple[Any, ...] = attributes["index"]

    def sizes(shape: Shape, *indices: Shape) -> Shape:
        return _shape(builder, shape, indices, index)

    # A slice is not hashable before Python 3.12.
    items = tuple((item.start, item.stop, item.step) if isinstance(item, slice) else item for item in index)
    binding = Binding(_look_up, ("array", *["*indices"] * (len(terms) - 1)), (("items", items),))
    return emit_call(builder, "numpy.ndarray.__getitem__", binding, operands, sizes, (1, 0))


def _look_up(array: Any, indices: Sequence[Any], items: tuple[Any, ...]) -> Any:
    given = iter(indices)
    index: list[Any] = []
    for item in items:
        if item in (ARRAY, SCALAR):
            place = next(given)
            index.append(place if item == ARRAY else operator.index(place))
        else:
            index.append(slice(*item) if isinstance(item, tuple) else item)
    return array[tuple(index)]


def _shape(builder: PlanBuilder, shape: Shape, indices: Sequence[Shape], index: tuple[Any, ...]) -> Shape:
    """Return the shape of the result; the axes of the arrays stand where these stand if they stand together."""
    looked_up = ARRAY in index
    taken = sum(item is not None and item is not Ellipsis for item in index)
    items = index if Ellipsis in index else (*index, Ellipsis)
    axes: list[SourceAxis | NewAxis] = []
    places: list[int] = []
    axis = before = 0
    for place, item in enumerate(items):
        match item:
            case None:
                axes.append(NewAxis())
            case EllipsisType():
                axes += [SourceAxis(axis + each) for each in range(len(shape) - taken)]
                axis += len(shape) - taken
            case slice():
                axes.append(SourceAxis(axis, item.start, item.stop, item.step))
                axis += 1
            case _:
                before = before if places else len(axes)
                places.append(place)
                axis += 1
    others = viewed_shape(shape, tuple(axes))
    if not looked_up:
        return others
    together = places[-1] - places[0] < len(places)
    before = before if together else 0
    return (*others[:before], *builder.broadcast(indices, "an index"), *others[before:])
