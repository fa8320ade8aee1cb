"""Workloads that compute each element by itself, from arithmetic to elementary functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import affine, integer_pairs, squares, vectors, workload

__all__: list[str] = []


@workload(vectors(3), "memory", "a * b + c")
def triad(a: Any, b: Any, c: Any) -> Any:
    """STREAM's triad (McCalpin, 1995), of three arrays."""
    return a * b + c


@workload(vectors(3, "f4"), "memory", "a * b + c", 1e-6)
def triad_single(a: Any, b: Any, c: Any) -> Any:
    """STREAM's triad (McCalpin, 1995), of three arrays, in single precision."""
    return a * b + c


@workload(vectors(2), "memory", "where((a > 0.5) & (b < 0.5), a * 2 - b, a / (b + 1))")
def masked(a: Any, b: Any) -> Any:
    """A choice between two expressions by a condition of two arrays."""
    return np.where((a > 0.5) & (b < 0.5), a * 2 - b, a / (b + 1))


@workload(vectors(8, "f4"), "memory", "a*b + c*d + e*f + g*h", 1e-5)
def many_inputs(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:  # noqa: PLR0917 - many is the point
    """Sums of products of eight arrays."""
    return a * b + c * d + e * f + g * h


@workload(integer_pairs, "memory", "(a * 3 + b) * (a - b)")
def integers(a: Any, b: Any) -> Any:
    """Arithmetic of 64-bit integers."""
    return (a * 3 + b) * (a - b)


@workload(affine, "memory", None, 1e-6)
def affine_rows(x: Any, scale: Any, shift: Any) -> Any:
    """A matrix scaled by a row and shifted by a column."""
    return x * scale + shift


@workload(squares(2), "memory", None)
def transposed_sum(a: Any, b: Any) -> Any:
    """A matrix plus the transpose of another."""
    return a * 2.0 + b.T


@workload(vectors(1, low=-3, high=3), "arithmetic", "exp(-0.5 * a * a) * 0.3989422804")
def gaussian(x: Any) -> Any:
    """The density of the normal distribution (Abramowitz and Stegun, 26.2.1)."""
    return np.exp(-0.5 * x * x) * 0.3989422804


@workload(vectors(2, low=0.1, high=4.0), "arithmetic", "log(a) * sin(b) + log1p(b)")
def logarithms(a: Any, b: Any) -> Any:
    """Logarithms and a sine of two arrays."""
    return np.log(a) * np.sin(b) + np.log1p(b)
