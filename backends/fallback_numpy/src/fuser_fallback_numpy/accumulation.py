"""Results of reductions, put together block by block."""

from __future__ import annotations

import abc
import math
from typing import Any, NamedTuple

import numpy as np

from fuser_core.backend import Reduce
from fuser_core.ops import REDUCTIONS
from fuser_fallback_numpy.blocks import Block

__all__ = ["Accumulation", "accumulation"]

Array = np.ndarray[Any, np.dtype[Any]]


def accumulation(reduction: Reduce, out: Array) -> Accumulation:
    """Return what puts the results of a reduction together in an array."""
    ufunc = REDUCTIONS[reduction.op].ufunc
    return _Deviations(reduction, out) if ufunc is None else _Joined(reduction, out, ufunc)


class Accumulation(abc.ABC):
    """The results of one reduction, as far as they are known."""

    def __init__(self, reduction: Reduce, out: Array) -> None:
        self.axes, self.out = reduction.axes, out

    def add(self, values: Array, block: Block) -> None:
        """Reduce one block into the part of the output that it contributes to."""
        region = tuple(part for axis, part in enumerate(block) if axis not in self.axes)
        self.join(values, self.out[region] if region else self.out, tuple((part.start, part.stop) for part in region))

    @abc.abstractmethod
    def join(self, values: Array, target: Array, key: object) -> None:
        """Reduce values into a part of the output, which has a key of its own."""


class _Joined(Accumulation):
    """Partial results are joined by a ufunc."""

    def __init__(self, reduction: Reduce, out: Array, ufunc: np.ufunc) -> None:
        super().__init__(reduction, out)
        self._ufunc = ufunc
        self._started: set[object] = set()

    def join(self, values: Array, target: Array, key: object) -> None:
        partial = self._ufunc.reduce(values, axis=self.axes, dtype=target.dtype)
        if key in self._started:
            self._ufunc(target, partial, out=target)
        else:
            self._started.add(key)
            target[...] = partial


class _Moments(NamedTuple):
    """The number of numbers, their mean, and the squared deviations from it; all in float64.

    The mean is ``mean + rest``: what is lost in rounding it would weigh as much as the differences of the means of
    blocks, where those are small against the mean itself.
    """

    number: int
    mean: Any
    rest: Any
    squares: Any


class _Deviations(Accumulation):
    """Squared deviations of blocks from their own means are joined by Chan, Golub and LeVeque's formula."""

    def __init__(self, reduction: Reduce, out: Array) -> None:
        super().__init__(reduction, out)
        self._moments: dict[object, _Moments] = {}

    def join(self, values: Array, target: Array, key: object) -> None:
        own = _moments(values, self.axes)
        self._moments[key] = own = _merged(self._moments[key], own) if key in self._moments else own
        np.copyto(target, own.squares, casting="same_kind")


def _moments(values: Array, axes: tuple[int, ...]) -> _Moments:
    number = math.prod(values.shape[axis] for axis in axes)
    first = values[tuple(slice(1) if axis in axes else slice(None) for axis in range(values.ndim))].astype(np.float64)
    distances = values - first  # of equal numbers exactly 0
    way = np.add.reduce(distances, axis=axes, keepdims=True) / number
    distances -= way
    left = np.add.reduce(distances, axis=axes) / number
    squares = np.add.reduce(np.square(distances, out=distances), axis=axes)
    if not np.isfinite(squares).all():  # infinite where numbers are not, else NaN
        squares = np.where(np.isfinite(squares), squares, np.inf + np.add.reduce(values * 0.0, axis=axes))
    mean = first + way
    rest = (way - (mean - first)).reshape(np.shape(left)) + left
    return _Moments(number, _finite(mean.reshape(np.shape(left))), _finite(rest), squares)


def _merged(left: _Moments, right: _Moments) -> _Moments:
    number = left.number + right.number
    share = right.number / number
    apart = (right.mean - left.mean) + (right.rest - left.rest)
    squares = left.squares + right.squares + apart * (apart * (left.number * share))
    step = left.rest + apart * share
    mean = left.mean + step
    return _Moments(number, _finite(mean), _finite(step - (mean - left.mean)), squares)


def _finite(numbers: Any) -> Any:
    """Return 0 for what is not finite: the squares are not either, and must not become NaN by it."""
    return np.where(np.isfinite(numbers), numbers, 0)
