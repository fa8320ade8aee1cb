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
