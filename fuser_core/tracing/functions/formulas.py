"""Functions that NumPy itself writes as formulas of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("sinc")
def _sinc(trace: Trace, x: Any) -> Any:
    array = as_array(trace, x)
    angle = np.pi * array
    return np.where(angle == 0, np.sinc(angle.dtype.type(0)), np.sin(angle) / angle)[() if angle.ndim == 0 else ...]


@implements("polyval")
def _polyval(trace: Trace, p: Any, x: Any) -> Any:
    """Horner's rule, as NumPy applies it: each coefficient is a scalar of the coefficients' dtype."""
    coefficients, point = as_array(trace, p), as_array(trace, x)
    value = np.zeros_like(point)
    for position in range(len(coefficients)):
        value = value * point + coefficients[position]
    return value
