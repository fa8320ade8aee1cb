"""What a workload is: a plain NumPy function and the arguments that it is measured on, the same for all contenders.

A workload is written once, with ``np``. For a library that offers NumPy's names in a namespace of its own the same code
is run with that namespace in the place of ``np``, so a workload calls nothing but ``np`` and methods of its arguments.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "WORKLOADS",
    "Arguments",
    "Function",
    "Workload",
    "affine",
    "bytes_of_images",
    "integer_pairs",
    "pairs",
    "registered",
    "squares",
    "vectors",
    "workload",
]

Array = np.ndarray[Any, np.dtype[Any]]
Function = Callable[..., Any]
Arguments = Callable[[np.random.Generator, int], tuple[Any, ...]]


@dataclass(frozen=True)
class Workload:
    """A function and how to make its arguments.

    Attributes:
        name: What it is called in tables.
        function: As a user of NumPy writes it; returns an array, a number or a tuple of those.
        arguments: Given a generator and ``n``, returns arrays of about ``n`` elements each.
        kind: What limits it at best: ``"memory"``, ``"arithmetic"`` or ``"reduction"``.
        group: What it is of: ``"kernel"``, ``"reduce"``, ``"stencil"`` or ``"shapes"``.
        source: Where its definition is from.
        expression: The same for numexpr, as text, of the arguments ``a``, ``b``, ...; ``None`` where it cannot.
        tolerance: Relative and absolute, of the contenders' results.
        needs: The package that its data come with; ``None`` where they are random.
    """

    name: str
    function: Function
    arguments: Arguments
    kind: str
    group: str
    source: str
    expression: str | None = None
    tolerance: float = 1e-9
    needs: str | None = None

    def make(self, namespace: Any) -> Function:
        """Return the function with another namespace in the place of ``np``."""
        function: Any = self.function
        names = {**function.__globals__, "np": namespace}
        return types.FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__
        )


WORKLOADS: dict[str, Workload] = {}
"""By name; `fuser_core.bench.workloads` fills it."""


def workload(
    arguments: Arguments,
    kind: str,
    expression: str | None = None,
    tolerance: float = 1e-9,
    group: str | None = None,
    needs: str | None = None,
) -> Callable[[Function], Function]:
    """Register the decorated function as a workload of its name; its docstring is its source. See `Workload`."""

    def register(function: Function) -> Function:
        registered(function.__name__, function, arguments, kind, expression, tolerance, group, needs)
        return function

    return register


def registered(  # noqa: PLR0917 - what makes a workload
    name: str,
    function: Function,
    arguments: Arguments,
    kind: str,
    expression: str | None = None,
    tolerance: float = 1e-9,
    group: str | None = None,
    needs: str | None = None,
) -> Workload:
    """Register a function as a workload and return that; see `Workload`."""
    source = " ".join((function.__doc__ or "").split()).rstrip(".")
    group = group or ("reduce" if kind == "reduction" else "kernel")
    WORKLOADS[name] = Workload(name, function, arguments, kind, group, source, expression, tolerance, needs)
    return WORKLOADS[name]


def vectors(count: int, dtype: str = "f8", low: float = 0.0, high: float = 1.0) -> Arguments:
    """Return a maker of vectors of ``n`` uniform numbers."""
    return lambda rng, n: tuple(rng.uniform(low, high, (count, n)).astype(dtype))


def squares(count: int, dtype: str = "f8", low: float = 0.0, high: float = 1.0, least: int = 4) -> Arguments:
    """Return a maker of square matrices of about ``n`` uniform numbers, of so many rows at least."""

    def make(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
        side = max(least, int(n**0.5))
        return tuple(rng.uniform(low, high, (count, side, side)).astype(dtype))

    return make


def integer_pairs(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make two vectors of integers."""
    return tuple(rng.integers(-1000, 1000, (2, n)))


def bytes_of_images(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
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
