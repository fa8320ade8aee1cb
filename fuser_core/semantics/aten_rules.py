"""All rules of ``aten::`` and ``prim::`` names: importing this module registers them."""

from fuser_core.semantics import (
    aten_arithmetic,
    aten_casts,
    aten_comparison,
    aten_random,
    aten_reductions,
    aten_selection,
    aten_shape,
    aten_special,
    aten_unary,
)

__all__ = [
    "aten_arithmetic",
    "aten_casts",
    "aten_comparison",
    "aten_random",
    "aten_reductions",
    "aten_selection",
    "aten_shape",
    "aten_special",
    "aten_unary",
]
