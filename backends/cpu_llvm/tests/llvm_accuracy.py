"""Points on which a function is measured, and its error in units of the last place against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

DOMAINS: dict[str, list[tuple[float, float]]] = {
    "exp": [(-745.0, 709.7), (-1.0, 1.0), (-1e-8, 1e-8)],
    "exp2": [(-1074.0, 1023.9), (-1.0, 1.0)],
    "expm1": [(-40.0, 709.7), (-1.0, 1.0), (-1e-6, 1e-6)],
    "log": [(0.0, 4.0), (0.9, 1.1), (0.0, 1e300), (0.0, 1e-300), (0.0, 1e-310)],
    "log2": [(0.0, 4.0), (0.9, 1.1), (0.0, 1e300), (0.0, 1e-310)],
    "log10": [(0.0, 4.0), (0.9, 1.1), (0.0, 1e300), (0.0, 1e-310)],
    "log1p": [(-1.0, 4.0), (-0.5, 0.5), (-1e-6, 1e-6), (0.0, 1e300)],
    "sin": [(-7.0, 7.0), (-1e5, 1e5), (-1e-6, 1e-6), (1e5, 1e22)],
    "cos": [(-7.0, 7.0), (-1e5, 1e5), (-1e-6, 1e-6), (1e5, 1e22)],
    "tan": [(-7.0, 7.0), (-1e5, 1e5), (-1e-6, 1e-6), (1e5, 1e22)],
    "arcsin": [(-1.0, 1.0), (0.45, 0.55), (0.999, 1.0), (-1e-6, 1e-6)],
    "arccos": [(-1.0, 1.0), (0.45, 0.55), (0.999, 1.0), (-1.0, -0.999)],
    "arctan": [(-3.0, 3.0), (-1e6, 1e6), (0.3, 0.5), (2.2, 2.6), (-1e-6, 1e-6)],
    "sinh": [(-710.4, 710.4), (-2.0, 2.0), (-1e-6, 1e-6)],
    "cosh": [(-710.4, 710.4), (-2.0, 2.0)],
    "tanh": [(-20.0, 20.0), (-1.0, 1.0), (-1e-6, 1e-6)],
    "arctan2": [(-3.0, 3.0), (-1e6, 1e6)],
    "hypot": [(-3.0, 3.0), (-1e300, 1e300)],
}

_REFERENCES: dict[str, Callable[..., Any]] = {
    "exp2": lambda x: mpmath.power(2, x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "arctan2": mpmath.atan2,
}

_LIMITS = {
    ("", "float64"): (-8e307, 8e307),  # Of half the range, for the random numbers' sake.
    ("", "float32"): (-3.4e38, 3.4e38),
    ("exp", "float32"): (-103.0, 88.7),
    ("exp2", "float32"): (-149.0, 127.9),
    ("expm1", "float32"): (-103.0, 88.7),
    ("sinh", "float32"): (-89.4, 89.4),
    ("cosh", "float32"): (-89.4, 89.4),
}


def points(name: str, dtype: str, count: int) -> list[Array]:
    """Operands of a function: random ones over each of its domains, and for a single domain a second operand."""
    random = np.random.default_rng(7)
    parts = []
    for bounds in DOMAINS[name]:
        low, high = np.clip(bounds, *_LIMITS.get((name, dtype), _LIMITS["", dtype]))
        parts.append(random.uniform(low, high, count).astype(dtype))
    if name in ("sin", "cos", "tan"):  # Nearest to the zeros, where the reduction has to be good.
        parts.append((np.arange(1, count // 4) * (np.pi / 2)).astype(dtype))
        parts.append((random.integers(1, 60000, count // 4) * (np.pi / 2)).astype(dtype))
    x = np.concatenate(parts)
    return [x] if name not in ("arctan2", "hypot") else [x, random.permutation(x)]


def exact(name: str, operands: list[Array]) -> list[Any]:
    """The true values, to 60 digits."""
    reference = _REFERENCES.get(name) or getattr(mpmath, name)
    with mpmath.workdps(60):
        return [reference(*(mpmath.mpf(float(each)) for each in pair)) for pair in zip(*operands, strict=True)]


def largest_error(result: Array, truth: list[Any]) -> float:
    """The greatest distance of a finite result, in units of the last place of the truth rounded to its dtype."""
    tiny = float(np.finfo(result.dtype).smallest_subnormal)
    mantissa = np.finfo(result.dtype).nmant
    worst = 0.0
    with mpmath.workdps(60):
        for own, true in zip(result.tolist(), truth, strict=True):
            if not mpmath.isnormal(true):  # Zeros and infinities are compared elsewhere.
                continue
            exponent = mpmath.frexp(true)[1]
            unit = max(mpmath.ldexp(1, exponent - 1 - mantissa), tiny)
            error = float(abs(mpmath.mpf(own) - true) / unit) if np.isfinite(own) else np.inf
            if error > worst and abs(true) <= float(np.finfo(result.dtype).max):
                worst = error
    return worst
