"""``aten::copy``: what an array holds after other values were written to it."""

from __future__ import annotations

import numpy as np

from fuser_core.errors import DTypeError, ShapeError
from fuser_core.semantics.aten.promotion import kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import BOOL, convert, dtype_of, materialise
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of

__all__: list[str] = []

_KINDS = "biufc"


@operation("aten::copy", "self src .non_blocking=False .checked=False")
def _copy(builder: PlanBuilder, args: Arguments) -> Term:
    """Return the values of ``src`` in the dtype and shape of ``self``.

    Raises:
        DTypeError: ``src`` is the result of an operation in place (``checked``), of a kind that ``self`` cannot hold.
        ShapeError: ``src`` does not broadcast to ``self``.
    """
    array, source = materialise(builder, args.term("self")), args.term("src")
    if args.static("checked"):
        _check_kind(dtype_of(source), array.dtype)
    new = convert(builder, source, array.dtype)
    shape = tuple(map(builder.canonical, array.shape))
    if builder.broadcast([shape, shape_of(new)], "aten::copy") != shape:
        sizes = [tuple(map(builder.size, each)) for each in (shape, shape_of(new))]
        raise ShapeError(
            f"aten::copy: an array of shape {sizes[0]} cannot hold values of shape {sizes[1]} in place; use the "
            "operation that makes a new array"
        )
    if shape_of(new) == array.shape:
        return new
    return builder.elementwise("where", [convert(builder, True, BOOL), new, array], [array.dtype])[0]


def _check_kind(result: np.dtype[np.generic], own: np.dtype[np.generic]) -> None:
    # PyTorch has one kind of integers: in place, an unsigned array takes signed results, which wrap.
    if _KINDS.index(kind_of(result).replace("u", "i")) > _KINDS.index(kind_of(own).replace("u", "i")):
        raise DTypeError(
            f"result type {result} can't be cast to {own} in place; use the operation that makes a new array"
        )
