"""Operands of NumPy's functions: what a call may pass, as something that the trace can compute with."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.tracer import Tracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["as_array", "flat", "is_number", "normal_axes", "refuse_complex", "static_axis"]

Axes = tuple[int, ...]


def as_array(trace: Trace, operand: Any) -> Any:
    """Return what `numpy.asanyarray` would make of an operand; a NumPy scalar stays one.

    A Python number no longer promotes weakly.
    """
    if isinstance(operand, NumberTracer):
        return trace.apply("np::astype", [operand], dtype=np.dtype(operand.term.type))[0]
    if isinstance(operand, Tracer | np.generic):
        return operand
    array = np.asanyarray(operand)
    if is_number(operand):
        return array[()]
    trace.lift(array)  # refuses what holds no numbers
    return trace.hold(array)


def flat(array: Any) -> Any:
    """Return an array with one dimension: itself, or all its elements in C order."""
    flattened: Any = array if array.ndim == 1 else np.reshape(array, -1)
    return flattened


def is_number(operand: Any) -> bool:
    """Say whether an operand is a Python number, traced or not; these promote weakly."""
    return type(operand) in (NumberTracer, bool, int, float, complex)


def static_axis(axis: Any) -> int | Axes | None:
    """Return an axis, several or none as Python integers."""
    if axis is None:
        return None
    return tuple(map(operator.index, axis)) if isinstance(axis, tuple | list) else operator.index(axis)


def normal_axes(axis: Any, rank: int) -> Axes:
    """Return axes, counted from the front; all of them for ``None``.

    Raises:
        numpy.exceptions.AxisError: One is out of bounds or repeated.
    """
    if axis is None:
        return tuple(range(rank))
    axes: Axes = np.lib.array_utils.normalize_axis_tuple(axis, rank)
    return axes


def refuse_complex(operands: Sequence[Any], what: str) -> None:
    """Refuse operands whose parts would have to be computed apart and put together again."""
    if any(getattr(operand, "dtype", np.dtype(bool)).kind == "c" for operand in operands):
        raise untraceable(f"{what} of complex numbers", "apply it to the real and the imaginary part")
