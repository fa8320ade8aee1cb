"""The workloads: plain NumPy functions and the arguments that they are measured on, written once for all contenders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["WORKLOADS", "Workload"]


@dataclass(frozen=True)
class Workload:
    """A function and how to make its arguments for a size ``n``."""

    function: Callable[..., Any]
    arguments: Callable[[np.random.Generator, int], tuple[Any, ...]]


def triad(a, b, c):
    return a * b + c


def polynomial(x):
    return ((0.25 * x + 0.75) * x - 1.5) * x - 2.0


def haversine(lat1, lon1, lat2, lon2):
    """The great-circle distance on a unit sphere; see `fuser_core.demo.great_circle`."""
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(a))


def masked(a, b):
    return np.where((a > 0.5) & (b < 0.5), a * 2 - b, a / (b + 1))


def squared_error(a, b):
    return ((a - b) ** 2).sum()


def row_normalised(x):
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)


def _vectors(count: int) -> Callable[[np.random.Generator, int], tuple[Any, ...]]:
    return lambda rng, n: tuple(rng.random((count, n)))


def _square(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    side = max(1, int(n**0.5))
    return (rng.random((side, side)),)


def _pairs(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    lat, lon = rng.uniform(-1.5, 1.5, (2, max(1, int(n**0.5))))
    return lat[:, None], lon[:, None], lat, lon


WORKLOADS = {
    "triad": Workload(triad, _vectors(3)),
    "polynomial": Workload(polynomial, _vectors(1)),
    "masked": Workload(masked, _vectors(2)),
    "haversine": Workload(haversine, _pairs),
    "squared_error": Workload(squared_error, _vectors(2)),
    "row_normalised": Workload(row_normalised, _square),
}
