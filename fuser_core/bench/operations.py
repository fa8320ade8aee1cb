"""How many operations a workload has per element: calls of ufuncs and of `numpy.where`, weighed by their elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.bench.workload import Workload

__all__ = ["operations_per_element"]

_SIZE = 10_000


def operations_per_element(workload: Workload) -> int:
    """Return how many operations NumPy does for each element of the largest argument or result, at least one.

    An elementwise operation or a reduction counts one for each element of its largest operand, whatever it costs.
    """
    counted = _Counted()
    arguments = workload.arguments(np.random.default_rng(20), _SIZE)
    with np.errstate(all="ignore"):
        found = workload.function(*(counted.watch(argument) for argument in arguments))
    outputs = found if isinstance(found, tuple) else (found,)
    largest = max(np.size(array) for array in (*arguments, *outputs))
    return max(1, round(counted.elements / largest))


class _Counted:
    """Elements that operations went through."""

    def __init__(self) -> None:
        self.elements = 0

    def watch(self, array: Any) -> _Watched:
        """Return an array whose operations are counted here."""
        watched = np.asarray(array).view(_Watched)
        watched.counted = self
        return watched

    def add(self, operands: Sequence[Any]) -> None:
        """Count an operation on these operands."""
        self.elements += max(np.size(operand) for operand in operands)


class _Watched(np.ndarray[Any, np.dtype[Any]]):
    """An array that counts the operations that it is an operand of."""

    counted: _Counted

    def __array_finalize__(self, source: Any) -> None:
        if isinstance(source, _Watched):
            self.counted = source.counted

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        results = getattr(ufunc, method)(*map(_bare, inputs), **{name: _bare(each) for name, each in options.items()})
        self.counted.add(results if isinstance(results, tuple) and method == "__call__" else (*inputs, results))
        return self._watched(results)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is not np.where:  # made of ufuncs, or moves data only
            return super().__array_function__(function, types, args, kwargs)
        result = np.where(*map(_bare, args))
        self.counted.add((result,))
        return self._watched(result)

    def _watched(self, results: Any) -> Any:
        if isinstance(results, tuple):
            return tuple(map(self._watched, results))
        return self.counted.watch(results)


def _bare(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_bare, value))
    return np.asarray(value) if isinstance(value, _Watched) else value
