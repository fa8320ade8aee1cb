"""Workloads of science and finance."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import integer_pairs, pairs, squares, vectors, workload

__all__: list[str] = []


@workload(pairs, "arithmetic")
def haversine(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Great-circle distance by the haversine formula (Sinnott, 1984)."""
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(a))


@workload(vectors(3, low=0.5, high=2.0), "arithmetic")
def black_scholes(spot: Any, strike: Any, years: Any) -> Any:
    """The price of a call (Black and Scholes, 1973), the normal distribution by Bowling et al. (2009)."""
    rate, volatility = 0.02, 0.3
    deviation = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / deviation
    d2 = d1 - deviation
    # The normal distribution by the logistic approximation of Bowling et al. (2009).
    n1 = 1.0 / (1.0 + np.exp(-1.5976 * d1 - 0.070565992 * d1 * d1 * d1))
    n2 = 1.0 / (1.0 + np.exp(-1.5976 * d2 - 0.070565992 * d2 * d2 * d2))
    return spot * n1 - strike * np.exp(-rate * years) * n2


@workload(vectors(3, "f4", 0.5, 2.0), "arithmetic", None, 1e-3)
def black_scholes_single(spot: Any, strike: Any, years: Any) -> Any:
    """The price of a call (Black and Scholes, 1973), in single precision."""
    rate, volatility = 0.02, 0.3
    deviation = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / deviation
    d2 = d1 - deviation
    # The normal distribution by the logistic approximation of Bowling et al. (2009).
    n1 = 1.0 / (1.0 + np.exp(-1.5976 * d1 - 0.070565992 * d1 * d1 * d1))
    n2 = 1.0 / (1.0 + np.exp(-1.5976 * d2 - 0.070565992 * d2 * d2 * d2))
    return spot * n1 - strike * np.exp(-rate * years) * n2


@workload(vectors(4, low=-1.5, high=1.5), "arithmetic")
def arc_distance(theta1: Any, phi1: Any, theta2: Any, phi2: Any) -> Any:
    """The angle between two directions, point by point (haversine formula; NPBench's arc_distance)."""
    a = np.sin((theta2 - theta1) / 2) ** 2 + np.cos(theta1) * np.cos(theta2) * np.sin((phi2 - phi1) / 2) ** 2
    return 2 * np.arctan2(np.sqrt(a), np.sqrt(1 - a))


@workload(integer_pairs, "memory")
def compute(a: Any, b: Any) -> Any:
    """Bounds, products and a sum of integers (NPBench's compute, as in Cython's manual)."""
    return np.minimum(np.maximum(a, 2), 10) * 4 + b * 3 + 9


@workload(squares(1), "reduction")
def go_fast(a: Any) -> Any:
    """A matrix plus a sum of tanh over it (after NPBench's go_fast, which sums its diagonal)."""
    return a + np.sum(np.tanh(a))


@workload(vectors(2), "reduction")
def azimuthal_mean(values: Any, radius: Any) -> Any:
    """The mean of what lies in a ring (after a bin of NPBench's azimint_naive)."""
    inside = (radius >= 0.25) & (radius < 0.5)
    return np.sum(np.where(inside, values, 0.0)) / np.sum(np.where(inside, 1.0, 0.0))


def _bodies(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make positions as rows and columns and masses, of which there are about ``n`` pairs."""
    x, y, z, mass = rng.uniform(0.1, 1, (4, max(2, int(n**0.5))))
    return x[:, None], y[:, None], z[:, None], x, y, z, mass


@workload(_bodies, "reduction", None, 1e-8)
def body_forces(  # noqa: PLR0917 - three coordinates, twice
    x1: Any, y1: Any, z1: Any, x2: Any, y2: Any, z2: Any, mass: Any
) -> Any:
    """The accelerations of bodies by softened gravity (Aarseth, 1963; after NPBench's nbody)."""
    dx, dy, dz = x2 - x1, y2 - y1, z2 - z1
    squared = dx * dx + dy * dy + dz * dz + 0.01
    pull = mass / (squared * np.sqrt(squared))
    return np.sum(dx * pull, 1), np.sum(dy * pull, 1), np.sum(dz * pull, 1)


@workload(vectors(4, low=-1, high=1), "memory")
def mandelbrot_step(x: Any, y: Any, re: Any, im: Any) -> Any:
    """Four steps of the Mandelbrot set's iteration, of points that have not escaped (after NPBench's mandelbrot1)."""
    for _ in range(4):
        inside = x * x + y * y < 4
        x, y = np.where(inside, x * x - y * y + re, x), np.where(inside, 2 * x * y + im, y)
    return x, y
