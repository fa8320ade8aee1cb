"""Functions of the array API that NumPy has with fewer options, or under no name of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.tracing.namespace.creation import asarray
from fuser_core.tracing.namespace.inspection import read_dtype
from fuser_core.tracing.refusals import untraceable

__all__ = ["argsort", "astype", "broadcast_to", "isin", "sort"]


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """Convert an array to another dtype."""
    return asarray(asarray(x, device=device).astype(read_dtype(dtype), copy=copy))


def broadcast_to(x: Any, /, shape: Any) -> Any:
    """Repeat an array along axes of size 1 and new ones in front."""
    return np.broadcast_to(asarray(x), shape)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Any:
    """Say for each element whether it is among those of another array: each is compared with each."""
    values, candidates = asarray(x1), np.reshape(asarray(x2), -1)
    found = np.any(values[..., None] == candidates, axis=-1)
    return np.logical_not(found) if invert else found


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Sort along an axis."""
    _require_axis(x, "sort")
    found = np.sort(x, axis=axis, stable=stable)
    return np.flip(found, axis=axis) if descending else found


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Return the indices that sort along an axis; where elements are equal, their order is kept."""
    _require_axis(x, "argsort")
    if not descending:
        return np.argsort(x, axis=axis, stable=stable)
    backwards = np.argsort(np.flip(x, axis=axis), axis=axis, stable=stable)
    return x.shape[axis] - 1 - np.flip(backwards, axis=axis)


def _require_axis(x: Any, name: str) -> None:
    if not x.ndim:
        raise untraceable(f"{name} of an array without dimensions", "it has no axis along which to sort")
