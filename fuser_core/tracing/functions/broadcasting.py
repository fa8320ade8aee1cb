"""Arrays repeated along axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.functions.operands import as_array, flat
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("broadcast_to")
def _broadcast_to(trace: Trace, array: Any, shape: Any) -> Any:
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    operand = as_array(trace, array)
    return _frozen(operand, trace.apply("np::broadcast_to", [operand, *map(trace.as_size, sizes)])[0])


@implements("broadcast_arrays")
def _broadcast_arrays(trace: Trace, *args: Any) -> tuple[Any, ...]:
    arrays = [as_array(trace, each) for each in args]
    if all(trace.same_shape(array, arrays[0]) for array in arrays if array.ndim) and len({a.ndim for a in arrays}) == 1:
        return tuple(map(_boxed, arrays))
    results = trace.apply("np::broadcast_arrays", arrays, outputs=len(arrays))
    return tuple(map(_frozen, arrays, results))


def _boxed(array: Any) -> Any:
    """Return a scalar as an array without dimensions."""
    item: Any = array
    return item[...] if isinstance(array, np.generic) else item


def _frozen(array: Any, view: Any) -> Any:
    """Return a view that repeats an array, so that nobody writes into it."""
    return (array.share(view) if isinstance(array, ArrayTracer) else view).freeze()


@implements("meshgrid")
def _meshgrid(trace: Trace, *xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = 1, 0
    axes = [flat(as_array(trace, each)) for each in xi]
    spread = [
        axis[tuple(slice(None) if place == own else None for place in range(len(xi)))]
        for axis, own in zip(axes, places, strict=True)
    ]
    grids = spread if sparse else _broadcast_arrays(trace, *spread)
    container: type = type(np.meshgrid([0], [0], copy=copy, sparse=sparse))
    return container(grid.copy() if copy else grid for grid in grids)
