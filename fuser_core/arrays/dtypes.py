"""Dtypes of other libraries that NumPy has by a package only."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

__all__ = ["NO_BFLOAT16", "bfloat16", "is_bfloat16"]

NO_BFLOAT16 = "NumPy has bfloat16 by the package ml_dtypes only, which is not installed: pip install ml_dtypes"


@functools.cache
def bfloat16() -> np.dtype[Any] | None:
    """Return the dtype of ``ml_dtypes``, ``None`` where that is not installed."""
    try:
        import ml_dtypes
    except ImportError:
        return None
    found: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return found


def is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Say whether a dtype is that one, also where there is none: NumPy takes ``None`` for float64."""
    return dtype.name == "bfloat16"
