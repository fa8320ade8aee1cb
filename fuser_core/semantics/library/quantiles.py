"""Medians, percentiles and quantiles."""

from __future__ import annotations

from typing import Any

from fuser_core.semantics.library.extents import reduced
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Shape

__all__: list[str] = []


def _quantiles(a: Shape, q: Shape, axis: Any, keepdims: Any) -> Shape:
    return (*q, *reduced(a, axis, keepdims))


called("median nanmedian", "a", reduced)
called("percentile quantile nanpercentile nanquantile", "a q weights", _quantiles)
