"""Why some functions can have no traced form, in words that say what to use instead."""

from __future__ import annotations

from fuser_core.tracing.functions.table import refuses

__all__: list[str] = []

refuses(
    "nonzero flatnonzero argwhere extract compress unique unique_all unique_counts unique_inverse unique_values "
    "intersect1d setdiff1d union1d setxor1d trim_zeros delete histogram histogram2d histogramdd bincount",
    "the size of its result depends on values; choose elements with numpy.where",
)
refuses("linalg.lstsq", "the size of its residuals depends on values; use numpy.linalg.pinv")
refuses(
    "allclose array_equal array_equiv",
    "it gives a Python bool, which only a branch could need; use numpy.isclose(...).all() or (x == y).all()",
)
refuses(
    "piecewise apply_along_axis apply_over_axes",
    "it calls functions on parts of an array, which may look at more than single elements; use numpy.select",
)
refuses("put place putmask put_along_axis fill_diagonal", "it writes into single elements; use numpy.where")
refuses(
    "shares_memory may_share_memory",
    "traced arrays lie nowhere yet; ask outside of the fused function",
)
refuses(
    "array_repr array_str array2string save savez savez_compressed savetxt",
    "traced arrays have no values to show; return them first",
)
