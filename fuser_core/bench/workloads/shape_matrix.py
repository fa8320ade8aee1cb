"""A family: every operation of a table on every shape of a table, the idea of PyTorch's benchmarks/fuser.

A shape is of two arguments: how they lie in memory and broadcast against each other. Its workloads are no part of a
default run; ``--group shapes`` names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fuser_core.bench.workload import Arguments, Function, registered

__all__ = ["OPERATIONS", "SHAPES"]

Array = np.ndarray[Any, np.dtype[Any]]


def _add(a: Any, b: Any) -> Any:
    """Two arrays added."""
    return a + b


def _sub(a: Any, b: Any) -> Any:
    """Two arrays subtracted."""
    return a - b


def _mul(a: Any, b: Any) -> Any:
    """Two arrays multiplied."""
    return a * b


def _div(a: Any, b: Any) -> Any:
    """Two arrays divided."""
    return a / b


def _less(a: Any, b: Any) -> Any:
    """Two arrays compared."""
    return a < b


def _chain(a: Any, b: Any) -> Any:
    """Four operations of two arrays."""
    return (a + b) * (a - b) + 0.5


def _where(a: Any, b: Any) -> Any:
    """The smaller one of each two elements, by a condition."""
    return np.where(a < b, a, b)


def _maximum(a: Any, b: Any) -> Any:
    """The larger one of each two elements."""
    return np.maximum(a, b)


def _square(a: Any, b: Any) -> Any:
    """The square of a sum."""
    return (a + b) ** 2


def _sqrt(a: Any, b: Any) -> Any:
    """A root of a sum."""
    return np.sqrt(a + b)


def _exp(a: Any, b: Any) -> Any:
    """An exponential of a difference."""
    return np.exp(a - b)


def _log(a: Any, b: Any) -> Any:
    """A logarithm of a sum."""
    return np.log(a + b)


def _sin(a: Any, b: Any) -> Any:
    """A sine of a sum."""
    return np.sin(a + b)


def _tanh(a: Any, b: Any) -> Any:
    """A hyperbolic tangent of a product."""
    return np.tanh(a * b)


def _sigmoid(a: Any, b: Any) -> Any:
    """The logistic function of a sum."""
    return 1 / (1 + np.exp(-(a + b)))


def _sum(a: Any, b: Any) -> Any:
    """The sum of products."""
    return (a * b).sum()


def _last(a: Any, b: Any) -> Any:
    """Sums of products along the last axis."""
    return (a * b).sum(-1)


OPERATIONS: Mapping[str, Function] = {
    function.__name__[1:]: function
    for function in (
        *(_add, _sub, _mul, _div, _less, _chain, _where, _maximum, _square),
        *(_sqrt, _exp, _log, _sin, _tanh, _sigmoid, _sum, _last),
    )
}
"""By name; each of two arrays."""


def _small(rng: np.random.Generator, n: int, rank: int) -> Array:
    side = max(2, int(n ** (1 / rank)))
    return rng.uniform(0.5, 1.5, (side,) * rank)


def _dense(rank: int) -> Arguments:
    return lambda rng, n: (_small(rng, n, rank), _small(rng, n, rank))


def _second(rank: int, index: Any) -> Arguments:
    """Return a maker of a dense array, and part of another one."""
    return lambda rng, n: (_small(rng, n, rank), _small(rng, n, rank)[index])


def _both(rank: int, index: Any) -> Arguments:
    """Return a maker of parts of two arrays."""
    return lambda rng, n: (_small(rng, n, rank)[index], _small(rng, n, rank)[index])


def _turned(rank: int, *axes: int) -> Arguments:
    """Return a maker of a dense array, and one whose axes are permuted."""
    return lambda rng, n: (_small(rng, n, rank), _small(rng, n, rank).transpose(axes))


def _outer(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    square = _small(rng, n, 2)
    return square[:, :1].copy(), square[0].copy()


SHAPES: Mapping[str, Arguments] = {
    "vector": _dense(1),
    "matrix": _dense(2),
    "cube": _dense(3),
    "rank_4": _dense(4),
    "scalar": _second(1, (slice(0, 1),)),
    "row": _second(2, 0),
    "column": _second(2, (slice(None), slice(0, 1))),
    "plane": _second(3, 0),
    "middle": _second(3, (slice(None), slice(0, 1), slice(None))),
    "outer": _outer,
    "transposed": _turned(2, 1, 0),
    "rotated": _turned(3, 2, 0, 1),
    "reversed": _second(1, slice(None, None, -1)),
    "strided": _both(1, slice(None, None, 2)),
    "every_second_row": _both(2, slice(None, None, 2)),
    "every_second_column": _both(2, (slice(None), slice(None, None, 2))),
    "inner": _both(2, (slice(1, -1), slice(1, -1))),
}
"""By name: makers of two arrays."""


for _shape, _arguments in SHAPES.items():
    for _name, _function in OPERATIONS.items():
        registered(f"{_name}_of_{_shape}", _function, _arguments, "memory", group="shapes")
