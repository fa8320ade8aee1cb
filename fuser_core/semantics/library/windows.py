"""Windows that move along an array, and what is put around an array for them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.semantics.builder import PlanBuilder
from fuser_core.semantics.library.extents import changed, larger, lessened, normal, smaller
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Shape, total

__all__: list[str] = []


def _overlapping(a: Shape, v: Shape, mode: Any) -> Shape:
    if mode == "full":
        return (lessened(total([a[0], v[0]]), 1),)
    long = larger(a[0], v[0])
    return (long,) if mode == "same" else (total([lessened(long, smaller(a[0], v[0])), 1]),)


called("convolve correlate", "a v", _overlapping)


def _padded(array: Shape, pad_width: Any) -> Shape:
    widths = np.broadcast_to(np.asarray(pad_width), (len(array), 2)).tolist()
    return tuple(total([dim, *map(operator.index, width)]) for dim, width in zip(array, widths, strict=True))


called("pad", "array", _padded)


def _windows(builder: PlanBuilder, x: Shape, window_shape: Any, axis: Any) -> Shape:
    sizes = window_shape if isinstance(window_shape, tuple) else (window_shape,)
    axes = tuple(range(len(x))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for along, size in zip(axes, sizes, strict=True):
        (place,) = normal(along, x)
        if builder.size(x[place]) < size:
            raise ShapeError("window shape cannot be larger than input array shape; take a smaller one")
        x = changed(x, place, lessened(x[place], size - 1))
    return (*x, *sizes)


called("lib.stride_tricks.sliding_window_view", "x", _windows, view=True)
