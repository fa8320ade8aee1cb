"""Workloads that reduce, and go on with what they reduced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workload import squares, vectors, workload

__all__: list[str] = []


@workload(vectors(2), "reduction", "sum((a - b) ** 2)")
def squared_error(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return ((a - b) ** 2).sum()

    return f


@workload(squares(1), "reduction", "sum(a, axis=1)")
def row_sums(xp: Any) -> Callable[..., Any]:
    def f(x):
        return x.sum(1)

    return f


@workload(squares(1), "reduction", "sum(a, axis=0)")
def column_sums(xp: Any) -> Callable[..., Any]:
    def f(x):
        return x.sum(0)

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def softmax_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        e = xp.exp(x - xp.max(x, 1, keepdims=True))
        return e / xp.sum(e, 1, keepdims=True)

    return f


@workload(squares(1), "reduction")
def row_normalised(xp: Any) -> Callable[..., Any]:
    def f(x):
        centred = x - xp.mean(x, 1, keepdims=True)
        return centred / xp.sqrt(xp.mean(centred * centred, 1, keepdims=True) + 1e-5)

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def log_softmax_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        shifted = x - xp.max(x, 1, keepdims=True)
        return shifted - xp.log(xp.sum(xp.exp(shifted), 1, keepdims=True))

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def column_softmax_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        e = xp.exp(x - xp.max(x, 0))
        return e / xp.sum(e, 0)

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-3)
def layer_norm_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return (x - xp.mean(x, 1, keepdims=True)) / xp.sqrt(xp.var(x, 1, keepdims=True) + 1e-5)

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def rms_norm_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return x / xp.sqrt(xp.mean(x * x, 1, keepdims=True) + 1e-6)

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-3)
def batch_norm_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return (x - xp.mean(x, 0)) / xp.sqrt(xp.var(x, 0) + 1e-5)

    return f


@workload(vectors(1), "reduction")
def variance(xp: Any) -> Callable[..., Any]:
    def f(x):
        return xp.var(x)

    return f


@workload(vectors(1), "reduction")
def z_score(xp: Any) -> Callable[..., Any]:
    def f(x):
        return (x - xp.mean(x)) / xp.std(x)

    return f


@workload(squares(2), "reduction")
def cosine_similarity(xp: Any) -> Callable[..., Any]:
    def f(x, y):
        return xp.sum(x * y, 1) / xp.sqrt(xp.sum(x * x, 1) * xp.sum(y * y, 1))

    return f


@workload(squares(1, "f4"), "reduction", None, 1e-4)
def column_means_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return xp.mean(x, 0)

    return f


@workload(vectors(1, "f4"), "reduction", None, 1e-4)
def maximum_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return xp.max(x)

    return f


@workload(vectors(1), "memory")
def differences(xp: Any) -> Callable[..., Any]:
    def f(x):
        return x[1:] - x[:-1]

    return f


@workload(squares(1, "f4"), "memory", None, 1e-4)
def blur_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        rows = (x[:-2] + 2 * x[1:-1] + x[2:]) / 4
        return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4

    return f
