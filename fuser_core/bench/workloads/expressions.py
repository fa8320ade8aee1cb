"""Expressions that numexpr's own benchmarks evaluate; a source names the file under numexpr's ``bench``."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import vectors, workload

__all__: list[str] = []


@workload(vectors(1), "memory", "((0.25 * a + 0.75) * a - 1.5) * a - 2")
def polynomial(x: Any) -> Any:
    """A polynomial by Horner's scheme (numexpr, poly.py)."""
    return ((0.25 * x + 0.75) * x - 1.5) * x - 2.0


@workload(vectors(4, "f4"), "memory", "a*b + c*d", 1e-6)
def products_single(b: Any, c: Any, d: Any, e: Any) -> Any:
    """The sum of two products, in single precision (numexpr, timing.py)."""
    return b * c + d * e


@workload(vectors(2), "memory", "2*a + 3*b")
def linear(a: Any, b: Any) -> Any:
    """A sum of multiples (numexpr, timing.py)."""
    return 2 * a + 3 * b


@workload(vectors(2), "arithmetic", "2*a + 4.010007503399555*sinh(cos(b))")
def sinh_of_cosine(a: Any, b: Any) -> Any:
    """A hyperbolic sine of a cosine, and its constant folded (numexpr, timing.py)."""
    return 2 * a + 4.010007503399555 * np.sinh(np.cos(b))


@workload(vectors(2, low=-1), "arithmetic", "where(0.1*a > arctan2(a, b), 2*a, arctan2(a, b))")
def angle_choice(a: Any, b: Any) -> Any:
    """A choice by an angle (numexpr, timing.py)."""
    return np.where(0.1 * a > np.arctan2(a, b), 2 * a, np.arctan2(a, b))


@workload(vectors(2, high=100), "arithmetic", "where(a % 2 > 1, b + 5, 2)")
def remainder_choice(a: Any, b: Any) -> Any:
    """A choice by a remainder (after numexpr, timing.py)."""
    return np.where(a % 2 > 1, b + 5, 2.0)


@workload(vectors(2), "arithmetic", "a**2 + (b + 1)**-2.5")
def broken_power(a: Any, b: Any) -> Any:
    """A square and a power that is no integer (numexpr, timing.py)."""
    return a**2 + (b + 1) ** -2.5


@workload(vectors(1), "arithmetic", "(a + 1)**50")
def fiftieth_power(a: Any) -> Any:
    """A high power of an integer (numexpr, timing.py)."""
    return (a + 1) ** 50


@workload(vectors(2), "memory", "sqrt(a**2 + b**2) > 1")
def in_circle(a: Any, b: Any) -> Any:
    """Whether a distance exceeds a bound (numexpr, boolean_timing.py)."""
    return np.sqrt(a**2 + b**2) > 1


@workload(vectors(2, high=4), "memory", "(a > 2) | ((b**2 > 3) & ~(a*b < 2))")
def logic(a: Any, b: Any) -> Any:
    """Comparisons joined (numexpr, boolean_timing.py)."""
    return (a > 2) | ((b**2 > 3) & ~(a * b < 2))


@workload(vectors(2, low=0.1), "arithmetic", "log(exp(a) + 1) / b")
def softplus_quotient(a: Any, b: Any) -> Any:
    """The logarithm of an exponential, divided (numexpr, vml_timing.py)."""
    return np.log(np.exp(a) + 1) / b


@workload(vectors(2, low=-1, high=1), "arithmetic", "sin(a) > cos(b)")
def sine_exceeds(a: Any, b: Any) -> Any:
    """A sine compared with a cosine (numexpr, vml_timing.py)."""
    return np.sin(a) > np.cos(b)


@workload(vectors(2, low=0.5, high=3.0), "arithmetic", "a ** b")
def powers(a: Any, b: Any) -> Any:
    """Powers of arrays of arrays (numexpr, vml_timing.py)."""
    return a**b


@workload(vectors(2, low=-1, high=1), "arithmetic", "sin(a)**2 + cos(b)**2")
def sine_and_cosine(a: Any, b: Any) -> Any:
    """Squares of a sine and a cosine (numexpr, vml_timing2.py)."""
    return np.sin(a) ** 2 + np.cos(b) ** 2
