"""A family: every operation of a table on every shape of a table, those of PyTorch's ``benchmarks/fuser``.

Each shape is of two arrays in single precision, whose first axis is cut where they would have more than ``n`` elements;
an operation takes the first, or both. Its workloads are no part of a default run; ``--group shapes`` names them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.bench.workload import Arguments, Function, registered

__all__ = ["OPERATIONS", "SHAPES"]

Array = np.ndarray[Any, np.dtype[Any]]


def _add(a: Any, b: Any) -> Any:
    """Three times an array, and another one added."""
    return 3 * a + b


def _sub(a: Any, b: Any) -> Any:
    """Three times an array, and another one subtracted."""
    return 3 * a - b


def _mul(a: Any, b: Any) -> Any:
    """Three times an array, times another one."""
    return 3 * a * b


def _div(a: Any, b: Any) -> Any:
    """Three times an array, divided by another one."""
    return 3 * a / b


def _relu(a: Any) -> Any:
    """The rectifier of three times an array."""
    return np.maximum(3 * a, 0)


def _sigmoid(a: Any) -> Any:
    """The logistic function of three times an array."""
    return 1 / (1 + np.exp(-(3 * a)))


def _tanh(a: Any) -> Any:
    """The hyperbolic tangent of three times an array."""
    return np.tanh(3 * a)


def _log(a: Any) -> Any:
    """The logarithm of three times an array."""
    return np.log(3 * a)


def _exp(a: Any) -> Any:
    """The exponential of three times an array."""
    return np.exp(3 * a)


def _square(a: Any) -> Any:
    """The square of three times an array."""
    return (3 * a) ** 2


def _fma(a: Any, b: Any) -> Any:
    """A product and a sum."""
    return a * b + b


def _mul_mul_add(a: Any, b: Any) -> Any:
    """Two products added, whose second factors are the same array."""
    return a * b + a * b


def _hardswish_int(a: Any) -> Any:
    """Hard swish with bounds that are integers."""
    return a * np.minimum(np.maximum(a + 3, 0), 6) / 6


def _hardswish(a: Any) -> Any:
    """Hard swish with bounds that are floats."""
    return a * np.minimum(np.maximum(a + 3, 0.0), 6.0) / 6


def _native_hardswish(a: Any) -> Any:
    """Hard swish of three times an array."""
    x = a * 3
    return x * np.minimum(np.maximum(x + 3, 0.0), 6.0) / 6


def _softplus(a: Any) -> Any:
    """Softplus, as it is defined."""
    return np.log1p(np.exp(a * 1.0)) / 1.0


def _mish(a: Any) -> Any:
    """Mish, as it is defined."""
    return a * np.tanh(np.log1p(np.exp(a * 1.0)) / 1.0)


OPERATIONS: Mapping[str, Function] = {
    function.__name__[1:]: function
    for function in (
        *(_add, _sub, _mul, _div, _relu, _sigmoid, _tanh, _log, _exp, _square, _fma, _mul_mul_add),
        *(_hardswish_int, _hardswish, _native_hardswish, _softplus, _mish),
    )
}
"""By name; each of one or two arrays."""


def _cut(n: int, *shapes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return shapes whose first axis is cut, so that they broadcast to ``n`` elements at most, if that can be."""
    whole = np.broadcast_shapes(*shapes)
    rows = max(1, n // math.prod(whole[1:]))
    return [
        (min(shape[0], rows), *shape[1:]) if len(shape) == len(whole) else tuple(shape) for shape in map(tuple, shapes)
    ]


def _array(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    return rng.uniform(1, 17, shape).astype("f4")


def _pair(
    first: Sequence[int], second: Sequence[int] | None = None, turn: Callable[[Array], Array] = lambda array: array
) -> Arguments:
    """Return a maker of two arrays of these shapes, each turned or cut in the same way."""
    return lambda rng, n: tuple(turn(_array(rng, shape)) for shape in _cut(n, first, second or first))


def _channels_last(shape: Sequence[int], second: Sequence[int] | None = None) -> Arguments:
    """Return a maker of arrays (N, C, H, W) that lie in memory as (N, H, W, C); one of fewer axes lies as it is."""

    def lay(array: Array) -> Array:
        return np.ascontiguousarray(array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2) if array.ndim == 4 else array

    return _pair(shape, second, lay)


SHAPES: Mapping[str, Arguments] = {
    "scalar": _pair((1,)),
    "small": _pair((32,)),
    "small_2d": _pair((1, 32)),
    "small_broadcast": _pair((4, 32), (32,)),
    "medium": _pair((32, 12, 64, 64)),
    "medium2": _pair((32, 3, 224, 224)),
    "medium3d": _pair((16, 32, 64)),
    "medium_sliced": _pair((32, 12, 64, 64), turn=lambda array: array[..., ::2]),
    "medium_transpose": _pair((32, 12, 64, 64), turn=lambda array: array.swapaxes(-1, -2)),
    "medium_channels_last": _channels_last((32, 3, 224, 224)),
    "medium_broadcast": _pair((32, 12, 64, 64), (64,)),
    "medium_broadcast_channels_last": _channels_last((32, 3, 223, 223), (3, 1, 1)),
    "large": _pair((8192, 8192)),
    "large_transpose": _pair((8192, 8192), turn=lambda array: array.T),
    "large_channels_last": _channels_last((32, 32, 256, 256)),
    "broadcast_narrow": _pair((1, 32, 32, 2), (1024, 1, 1, 2)),
    "large_broadcast": _pair((64, 8, 256, 162), (256, 162)),
}
"""By name: makers of two arrays."""


def _first(arguments: Arguments) -> Arguments:
    return lambda rng, n: arguments(rng, n)[:1]


for _shape, _arguments in SHAPES.items():
    for _name, _function in OPERATIONS.items():
        _taken = _arguments if _function.__code__.co_argcount == 2 else _first(_arguments)
        registered(f"{_name}_of_{_shape}", _function, _taken, "memory", tolerance=1e-4, group="shapes")
