"""What a workload is: an array function and the arguments that it is measured on, written once for all contenders.

Each is made for a namespace, ``numpy`` or whatever offers its functions under NumPy's names, and computes in the dtype
of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["WORKLOADS", "Workload", "affine", "image", "integer_pairs", "pairs", "squares", "vectors", "workload"]

Arguments = Callable[[np.random.Generator, int], tuple[Any, ...]]


@dataclass(frozen=True)
class Workload:
    """A function and how to make its arguments.

    Attributes:
        make: Given a namespace, returns the function.
        arguments: Given a generator and ``n``, returns arguments of about ``n`` elements.
        kind: What limits it at best: ``"memory"``, ``"arithmetic"`` or ``"reduction"``.
        expression: The same for numexpr, as text, of the arguments ``a``, ``b``, ...; ``None`` where it cannot.
        tolerance: Relative, of the contenders' results.
    """

    make: Callable[[Any], Callable[..., Any]]
    arguments: Arguments
    kind: str
    expression: str | None = None
    tolerance: float = 1e-9

    @property
    def function(self) -> Callable[..., Any]:
        """The function as a user of NumPy writes it."""
        return self.make(np)


WORKLOADS: dict[str, Workload] = {}


def workload(
    arguments: Arguments, kind: str, expression: str | None = None, tolerance: float = 1e-9
) -> Callable[[Callable[[Any], Callable[..., Any]]], Callable[[Any], Callable[..., Any]]]:
    """Register what the decorated function makes as a workload of its name; see `Workload`."""

    def register(make: Callable[[Any], Callable[..., Any]]) -> Callable[[Any], Callable[..., Any]]:
        WORKLOADS[make.__name__] = Workload(make, arguments, kind, expression, tolerance)
        return make

    return register


def vectors(count: int, dtype: str = "f8", low: float = 0.0, high: float = 1.0) -> Arguments:
    """Return a maker of vectors of ``n`` uniform numbers."""
    return lambda rng, n: tuple(rng.uniform(low, high, (count, n)).astype(dtype))


def squares(count: int, dtype: str = "f8") -> Arguments:
    """Return a maker of square matrices of about ``n`` numbers."""

    def make(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
        side = max(2, int(n**0.5))
        return tuple(rng.random((count, side, side)).astype(dtype))

    return make


def integer_pairs(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make two vectors of integers."""
    return tuple(rng.integers(-1000, 1000, (2, n)))


def image(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make the bytes of two images."""
    return tuple(rng.integers(0, 256, (2, n), dtype=np.uint8))


def pairs(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make positions, as rows and as columns, of which there are ``n`` pairs."""
    lat, lon = rng.uniform(-1.5, 1.5, (2, max(1, int(n**0.5))))
    return lat[:, None], lon[:, None], lat, lon


def affine(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make a matrix, a row and a column."""
    side = max(2, int(n**0.5))
    return rng.random((side, side)).astype("f4"), rng.random(side).astype("f4"), rng.random((side, 1)).astype("f4")
