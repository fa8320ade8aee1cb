"""Workloads of statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import squares, vectors, workload

__all__: list[str] = []


@workload(squares(2), "reduction")
def correlation(x: Any, y: Any) -> Any:
    """Pearson's correlation of the rows of two matrices (Pearson, 1895)."""
    x = x - np.mean(x, 1, keepdims=True)
    y = y - np.mean(y, 1, keepdims=True)
    return np.sum(x * y, 1) / np.sqrt(np.sum(x * x, 1) * np.sum(y * y, 1))


@workload(vectors(2, low=0.1, high=1.0), "reduction", "sum(a * log(a / b))")
def relative_entropy(p: Any, q: Any) -> Any:
    """The relative entropy of two distributions (Kullback and Leibler, 1951)."""
    return np.sum(p * np.log(p / q))


@workload(squares(1, low=-3, high=3), "reduction")
def log_sum_exp(x: Any) -> Any:
    """The logarithm of a sum of exponentials of each row, shifted by the maximum (Blanchard et al., 2021)."""
    high = np.max(x, 1, keepdims=True)
    return np.log(np.sum(np.exp(x - high), 1, keepdims=True)) + high


@workload(vectors(2), "reduction")
def huber_loss(x: Any, y: Any) -> Any:
    """The mean of Huber's loss (Huber, 1964)."""
    error = np.abs(x - y)
    return np.mean(np.where(error < 0.5, 0.5 * error * error, 0.5 * (error - 0.25)))


@workload(squares(1), "reduction")
def row_moments(x: Any) -> Any:
    """Mean, variance and extremes of each row."""
    return np.mean(x, 1), np.var(x, 1), np.max(x, 1), np.min(x, 1)
