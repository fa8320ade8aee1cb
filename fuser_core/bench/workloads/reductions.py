"""Workloads that reduce, and go on with what they reduced."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import squares, vectors, workload

__all__: list[str] = []


@workload(vectors(2), "reduction", "sum((a - b) ** 2)")
def squared_error(a: Any, b: Any) -> Any:
    """The sum of squared differences."""
    return ((a - b) ** 2).sum()


@workload(squares(1), "reduction", "sum(a, axis=1)")
def row_sums(x: Any) -> Any:
    """Sums of rows."""
    return x.sum(1)


@workload(squares(1), "reduction", "sum(a, axis=0)")
def column_sums(x: Any) -> Any:
    """Sums of columns."""
    return x.sum(0)


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def softmax_single(x: Any) -> Any:
    """Softmax of rows (Bridle, 1990), shifted by their maximum."""
    e = np.exp(x - np.max(x, 1, keepdims=True))
    return e / np.sum(e, 1, keepdims=True)


@workload(squares(1), "reduction")
def row_normalised(x: Any) -> Any:
    """Rows of zero mean and unit variance."""
    centred = x - np.mean(x, 1, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, 1, keepdims=True) + 1e-5)


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def log_softmax_single(x: Any) -> Any:
    """The logarithm of softmax of rows, shifted by their maximum."""
    shifted = x - np.max(x, 1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), 1, keepdims=True))


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def column_softmax_single(x: Any) -> Any:
    """Softmax of columns (Bridle, 1990), shifted by their maximum."""
    e = np.exp(x - np.max(x, 0))
    return e / np.sum(e, 0)


@workload(squares(1, "f4"), "reduction", None, 1e-3)
def layer_norm_single(x: Any) -> Any:
    """Layer normalisation (Ba et al., 2016), without scale and shift."""
    return (x - np.mean(x, 1, keepdims=True)) / np.sqrt(np.var(x, 1, keepdims=True) + 1e-5)


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def rms_norm_single(x: Any) -> Any:
    """Root mean square normalisation (Zhang and Sennrich, 2019), without scale."""
    return x / np.sqrt(np.mean(x * x, 1, keepdims=True) + 1e-6)


@workload(squares(1, "f4"), "reduction", None, 1e-3)
def batch_norm_single(x: Any) -> Any:
    """Batch normalisation (Ioffe and Szegedy, 2015), without scale and shift."""
    return (x - np.mean(x, 0)) / np.sqrt(np.var(x, 0) + 1e-5)


@workload(vectors(1), "reduction")
def variance(x: Any) -> Any:
    """The variance of all elements."""
    return np.var(x)


@workload(vectors(1), "reduction")
def z_score(x: Any) -> Any:
    """Standard scores of all elements."""
    return (x - np.mean(x)) / np.std(x)


@workload(squares(2), "reduction")
def cosine_similarity(x: Any, y: Any) -> Any:
    """The cosine of the angle between rows of two matrices."""
    return np.sum(x * y, 1) / np.sqrt(np.sum(x * x, 1) * np.sum(y * y, 1))


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def column_means_single(x: Any) -> Any:
    """Means of columns."""
    return np.mean(x, 0)


@workload(vectors(1, "f4"), "reduction", None, 1e-4)
def maximum_single(x: Any) -> Any:
    """The largest element."""
    return np.max(x)
