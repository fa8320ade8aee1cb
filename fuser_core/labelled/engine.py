"""The engine of pandas' ``apply`` and ``map``: a function is fused, and called once per column, or for all rows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fuser_core.errors import ArgumentError, FusionDeclinedError

__all__ = ["apply_along", "map_elements"]


def map_elements(
    *,
    data: Any,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    decorator: Callable[..., Any],
    skip_na: bool,
) -> Any:
    """Return a function of each element, computed of all at once: see ``BaseExecutionEngine.map`` of pandas.

    Raises:
        FusionDeclinedError: The function does not give one result per element.
        ArgumentError: The elements are no numbers of NumPy's.
    """
    values = _numbers(data)
    result = decorator(func)(values, *args, **kwargs)
    if not isinstance(result, np.ndarray) or result.shape != values.shape:
        raise FusionDeclinedError(
            "engine=fuse maps functions that give one result per element, and this one gives "
            f"{_described(result)} for {values.size} elements; leave engine= out"
        )
    return np.where(np.isnan(values), values, result) if skip_na and values.dtype.kind in "fc" else result


def apply_along(
    *,
    data: Any,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    decorator: Callable[..., Any],
    axis: Any,
) -> Any:
    """Return a function of each column, or of each row: see ``BaseExecutionEngine.apply`` of pandas.

    A column is an array. With ``axis=1`` a row is a mapping from the names of columns, and all rows are computed by one
    kernel; rows of an array (``raw=True``) are arrays, one call each.

    Raises:
        FusionDeclinedError: The results are neither numbers nor as long as the columns.
        ArgumentError: A column holds no numbers of NumPy's.
    """
    fused = decorator(func)
    if isinstance(data, np.ndarray):
        parts = data.T if axis in (0, "index") else data
        results = np.stack([np.asarray(fused(part, *args, **kwargs)) for part in parts])
        return results.T if axis in (0, "index") and results.ndim == 2 else results
    pandas = sys.modules["pandas"]
    columns = {name: _numbers(data[name]) for name in data.columns}
    if axis in (1, "columns"):
        result = fused(columns, *args, **kwargs)
        if not isinstance(result, np.ndarray) or result.shape != (len(data),):
            raise FusionDeclinedError(
                f"engine=fuse with axis=1 takes functions that give a number per row, and this one gives "
                f"{_described(result)}; leave engine= out"
            )
        return pandas.Series(result, index=data.index)
    found = {name: fused(column, *args, **kwargs) for name, column in columns.items()}
    if all(np.ndim(item) == 0 for item in found.values()):
        return pandas.Series(found)
    if any(np.shape(item) != (len(data),) for item in found.values()):
        shapes = ", ".join(dict.fromkeys(map(_described, found.values())))
        raise FusionDeclinedError(
            f"engine=fuse takes functions that give a number or an array as long as a column ({len(data)}), and this "
            f"one gives {shapes}; leave engine= out"
        )
    return pandas.DataFrame(found, index=data.index)


def _numbers(data: Any) -> Any:
    """Return the values of a Series, or an array itself."""
    dtype = data.dtype
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufc":
        name = f"the column {data.name!r}" if getattr(data, "name", None) is not None else "the data"
        raise ArgumentError(
            f"{name} is of dtype {dtype}, which holds no numbers that a kernel can compute with; convert it with "
            "astype, or leave engine= out"
        )
    return data if isinstance(data, np.ndarray) else data.to_numpy()


def _described(result: Any) -> str:
    return f"an array of shape {result.shape}" if isinstance(result, np.ndarray) else f"a {type(result).__name__}"
