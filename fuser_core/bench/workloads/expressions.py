"""Expressions that numexpr's own benchmarks evaluate."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import vectors, workload

__all__: list[str] = []


@workload(vectors(2), "memory", "2*a + 3*b")
def linear(a: Any, b: Any) -> Any:
    """The expression of numexpr's bench/timing.py and of its front page."""
    return 2 * a + 3 * b


@workload(vectors(3), "arithmetic", "a**2 + b**2 + 2*a*b*c")
def squares_and_product(a: Any, b: Any, c: Any) -> Any:
    """Squares and a product, as in numexpr's bench/vml_timing.py."""
    return a**2 + b**2 + 2 * a * b * c


@workload(vectors(2, low=-1, high=1), "arithmetic", "sin(a)**2 + cos(b)**2")
def sine_and_cosine(a: Any, b: Any) -> Any:
    """Squares of a sine and a cosine, as in numexpr's bench/vml_timing.py."""
    return np.sin(a) ** 2 + np.cos(b) ** 2


@workload(vectors(2), "memory", "sqrt(a**2 + b**2) > 0.75")
def in_circle(a: Any, b: Any) -> Any:
    """Whether a distance exceeds a bound, after numexpr's bench/boolean_timing.py."""
    return np.sqrt(a**2 + b**2) > 0.75


@workload(vectors(2, low=-1, high=1), "arithmetic", "arctan2(a, b) + expm1(a)", 1e-9)
def angle(a: Any, b: Any) -> Any:
    """Functions that numexpr hands to a vector library where it has one (bench/vml_timing2.py)."""
    return np.arctan2(a, b) + np.expm1(a)
