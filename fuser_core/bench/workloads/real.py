"""Workloads on real data: coordinates, temperatures and prices that come with vega_datasets, repeated up to a size.

No picture comes with it; two years of hourly temperatures, days by hours, are what is toned and sharpened here.
"""

from __future__ import annotations

import csv
import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from fuser_core.bench.workload import Arguments, workload
from fuser_core.errors import ArgumentError

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[Any]]
DATA = "vega_datasets"


@functools.cache
def _column(file: str, name: str) -> Array:
    """Return a column of numbers of a file, read without importing the package, which would import pandas."""
    spec = find_spec(DATA)
    if spec is None or not spec.submodule_search_locations:
        raise ArgumentError(f"workloads on real data need {DATA}: pip install 'fuser-core[demo]'")
    path = Path(spec.submodule_search_locations[0], "_data", file)
    with path.open(encoding="utf-8", newline="") as lines:
        return np.array([float(row[name]) for row in csv.DictReader(lines)])


def _airports(_rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    """Return coordinates in radians, as columns and as rows, of which there are about ``n`` pairs."""
    side = max(1, int(n**0.5))
    latitude, longitude = (
        np.resize(np.radians(_column("airports.csv", name)), side) for name in ("latitude", "longitude")
    )
    return latitude[:, None], longitude[:, None], latitude, longitude


def _table(*files: str, columns: int, name: str, dtype: str) -> Arguments:
    """Return a maker of matrices of so many columns, filled with what files have in a row."""

    def make(_rng: np.random.Generator, n: int) -> tuple[Array, ...]:
        shape = max(4, n // columns), columns
        return tuple(np.resize(_column(file, name), shape).astype(dtype) for file in files)

    return make


@workload(_airports, "arithmetic", needs=DATA)
def airport_distances(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Great-circle distances in kilometres of airports of the United States (haversine formula; Sinnott, 1984)."""
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 12742.0176 * np.arcsin(np.sqrt(a))


@workload(_table("seattle-temps.csv", columns=24, name="temp", dtype="f4"), "reduction", None, 1e-3, needs=DATA)
def temperature_anomaly_single(x: Any) -> Any:
    """Seattle's temperatures of 2010 by hour, standardised by those of the same hour of all days."""
    return (x - np.mean(x, 0)) / np.std(x, 0)


@workload(_table("seattle-temps.csv", "sf-temps.csv", columns=24, name="temp", dtype="f8"), "reduction", needs=DATA)
def city_correlation(x: Any, y: Any) -> Any:
    """Pearson's correlation (1895), day by day, of the temperatures of Seattle and San Francisco."""
    x = x - np.mean(x, 1, keepdims=True)
    y = y - np.mean(y, 1, keepdims=True)
    return np.sum(x * y, 1) / np.sqrt(np.sum(x * x, 1) * np.sum(y * y, 1) + 1e-9)


@workload(_table("stocks.csv", columns=120, name="price", dtype="f8"), "reduction", needs=DATA)
def volatility(price: Any) -> Any:
    """The volatility of logarithmic returns, of ten years of monthly prices in a row."""
    return np.std(np.log(price[:, 1:] / price[:, :-1]), 1)


@workload(_table("sf-temps.csv", columns=24, name="temp", dtype="f4"), "arithmetic", None, 1e-4, needs=DATA)
def toned_single(x: Any) -> Any:
    """Temperatures, days by hours as a picture, stretched to 0 to 1, with a gamma of 2.2 (IEC 61966-2-1)."""
    return np.minimum(np.maximum((x - 40.0) / 40.0, 0.0), 1.0) ** (1 / 2.2)


@workload(_table("sf-temps.csv", columns=24, name="temp", dtype="f4"), "memory", None, 1e-3, "stencil", needs=DATA)
def sharpened_single(x: Any) -> Any:
    """An unsharp mask of temperatures, days by hours as a picture (Gonzalez and Woods, section 3.6)."""
    around = (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]) / 4
    return x[1:-1, 1:-1] + 0.5 * (x[1:-1, 1:-1] - around)
