"""What PyTorch's names mean, ``aten::`` and ``prim::``: importing this package registers every rule."""

from fuser_core.semantics.aten import (
    arithmetic,
    casts,
    comparison,
    linear,
    random,
    reductions,
    reshaping,
    selection,
    shape,
    special,
    unary,
    writes,
)

__all__ = [
    "arithmetic",
    "casts",
    "comparison",
    "linear",
    "random",
    "reductions",
    "reshaping",
    "selection",
    "shape",
    "special",
    "unary",
    "writes",
]
