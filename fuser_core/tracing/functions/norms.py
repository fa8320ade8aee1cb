"""Norms of vectors, and the Frobenius norm of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, normal_axes, static_axis
from fuser_core.tracing.functions.reductions import count
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []

_FROBENIUS = (None, "fro", "f")


@implements("linalg.norm")
def _norm(trace: Trace, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    array = as_array(trace, x)
    axes = normal_axes(static_axis(axis), array.ndim)
    if axis is None and ord is None:
        return _of_vector(array, axes, 2, keepdims)
    if len(axes) == 1 and not isinstance(ord, str):
        return _of_vector(array, axes, 2 if ord is None else ord, keepdims)
    if len(axes) == 2 and (ord is None or ord in _FROBENIUS):
        return _of_vector(array, axes, 2, keepdims)
    raise untraceable(f"numpy.linalg.norm with ord={ord!r} over {len(axes)} axes")


@implements("linalg.vector_norm")
def _vector_norm(trace: Trace, x: Any, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    array = as_array(trace, x)
    return _of_vector(array, normal_axes(static_axis(axis), array.ndim), ord, keepdims)


def _of_vector(array: Any, axes: tuple[int, ...], order: Any, keepdims: Any) -> Any:
    """Return a norm over some axes, as NumPy computes it for each order."""
    x = array if array.dtype.kind in "fc" else array.astype(np.float64)
    if order == 2:
        squares = np.square(x) if x.dtype.kind != "c" else np.square(x.real) + np.square(x.imag)
        return np.sqrt(np.sum(squares, axis=axes, keepdims=keepdims))
    if order in (np.inf, -np.inf):
        if axes and not count(x, axes) > 0:
            raise untraceable("numpy.linalg.norm of an empty array")
        return (np.max if order > 0 else np.min)(np.abs(x), axis=axes, keepdims=keepdims)
    if order == 0:
        return np.sum((x != 0).astype(x.real.dtype), axis=axes, keepdims=keepdims)
    total = np.sum(np.abs(x) ** order, axis=axes, keepdims=keepdims)
    return total if order == 1 else np.power(total, np.reciprocal(order, dtype=total.dtype))
