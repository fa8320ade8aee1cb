"""Products of vectors and matrices: elementwise where they are sums of products of few terms, else a call."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, flat, normal_axes
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("dot")
def _dot(trace: Trace, a: Any, b: Any, out: Any = None) -> Any:
    left, right = as_array(trace, a), as_array(trace, b)
    if left.ndim == 0 or right.ndim == 0:
        return write(np.multiply(left, right), out)
    if right.ndim > 2:
        raise untraceable("numpy.dot with more than two dimensions on the right", "use numpy.matmul")
    return write(np.matmul(left, right), out)


@implements("inner")
def _inner(trace: Trace, a: Any, b: Any) -> Any:
    left, right = as_array(trace, a), as_array(trace, b)
    return np.dot(left, right.T if right.ndim == 2 else right)


@implements("vdot")
def _vdot(trace: Trace, a: Any, b: Any) -> Any:
    left, right = (flat(as_array(trace, item)) for item in (a, b))
    return np.matmul(left.conj(), right)


@implements("vecdot", "linalg.vecdot")
def _vecdot(trace: Trace, x1: Any, x2: Any, axis: Any = -1, keepdims: Any = False) -> Any:
    left, right = (np.moveaxis(as_array(trace, item), operator.index(axis), -1) for item in (x1, x2))
    if left.shape[-1] != right.shape[-1]:
        raise ValueError("vecdot: the vectors of both operands must have the same number of elements")
    dtype = np.result_type(left.dtype, right.dtype)
    if dtype == np.bool_:
        return _kept(np.any(left & right, axis=-1), axis, keepdims)
    product = np.multiply(left.conj(), right)
    return _kept(np.sum(product, axis=-1, dtype=dtype), axis, keepdims)


def _kept(result: Any, axis: Any, keepdims: Any) -> Any:
    return np.expand_dims(result, operator.index(axis)) if keepdims else result


@implements("matvec")
def _matvec(trace: Trace, x1: Any, x2: Any) -> Any:
    return np.matmul(x1, as_array(trace, x2)[..., None])[..., 0]


@implements("vecmat")
def _vecmat(trace: Trace, x1: Any, x2: Any) -> Any:
    return np.matmul(as_array(trace, x1).conj()[..., None, :], x2)[..., 0, :]


@implements("linalg.matmul")
def _matmul(trace: Trace, x1: Any, x2: Any) -> Any:
    return np.matmul(x1, x2)


@implements("outer")
def _outer(trace: Trace, a: Any, b: Any, out: Any = None) -> Any:
    left, right = (flat(as_array(trace, item)) for item in (a, b))
    return write(np.multiply(left[:, None], right[None, :]), out)


@implements("linalg.outer")
def _outer_of_vectors(trace: Trace, x1: Any, x2: Any) -> Any:
    left, right = as_array(trace, x1), as_array(trace, x2)
    if left.ndim != 1 or right.ndim != 1:
        ranks = f"x1.ndim={left.ndim} and x2.ndim={right.ndim}"
        raise ValueError(f"Input arrays must be one-dimensional, but they are {ranks}.")
    return _outer(trace, left, right)


@implements("cross")
def _cross(trace: Trace, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Any:
    places = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    left, right = as_array(trace, a), as_array(trace, b)
    if left.ndim < 1 or right.ndim < 1:
        raise ValueError("At least one array has zero dimension")
    left, right = (
        np.moveaxis(item, operator.index(place), -1) for item, place in zip((left, right), places, strict=False)
    )
    if not (left.shape[-1] == 3 and right.shape[-1] == 3):
        raise untraceable("numpy.cross of vectors that have not three elements")
    x, y = ([item[..., each] for each in range(3)] for item in (left, right))
    turns = [(1, 2), (2, 0), (0, 1)]
    parts = [x[first] * y[second] - x[second] * y[first] for first, second in turns]
    (place,) = normal_axes(operator.index(places[2]), parts[0].ndim + 1)
    return np.stack(parts, axis=place)


@implements("linalg.cross")
def _cross_of_vectors(trace: Trace, x1: Any, x2: Any, *, axis: Any = -1) -> Any:
    return _cross(trace, x1, x2, axis=axis)
