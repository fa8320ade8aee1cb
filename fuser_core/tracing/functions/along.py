"""Functions along one axis: differences are slices; running totals, sorting and tables are called as they are."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array, flat, is_number, normal_axes, static_axis
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


def _along(trace: Trace, name: str, a: Any, axis: Any, **attributes: Any) -> Any:
    """Call a function along an axis of an array, which ``None`` makes flat."""
    array = as_array(trace, a)
    if axis is None or array.ndim == 0:
        array, axis = flat(array), 0 if axis is None else axis
    return trace.apply(f"np::{name}", [array], axis=static_axis(axis), **attributes)[0]


@implements("cumsum")
def _cumsum(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return write(_along(trace, "cumsum", a, axis, **_typed(dtype)), out)


@implements("cumprod")
def _cumprod(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return write(_along(trace, "cumprod", a, axis, **_typed(dtype)), out)


def _typed(dtype: Any) -> dict[str, Any]:
    return {} if dtype is None else {"dtype": np.dtype(dtype)}


@implements("sort")
def _sort(trace: Trace, a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    array = as_array(trace, a)
    if axis is None:
        array, axis = flat(array), -1
    normal_axes(static_axis(axis), array.ndim)
    return trace.apply("np::sort", [array], axis=static_axis(axis), kind=_kind(kind, stable))[0]


@implements("argsort")
def _argsort(trace: Trace, a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    return _along(trace, "argsort", a, axis, kind=_kind(kind, stable))


def _position(name: str) -> None:
    @implements(name)
    def position(trace: Trace, a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        array = as_array(trace, a)
        own = None if axis is None else static_axis(axis)
        return write(trace.apply(f"np::{name}", [array], axis=own, keepdims=bool(keepdims))[0], out)


for _name in ("argmax", "argmin"):
    _position(_name)


def _kind(kind: Any, stable: Any) -> Any:
    """Return the algorithm that two options ask for; equal elements may differ, as zeros do."""
    if kind is not None and stable is not None:
        raise ValueError("`kind` and `stable` parameters can't be provided at the same time. Use only one of them.")
    return "stable" if stable else kind


@implements("diff")
def _diff(trace: Trace, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    times = operator.index(n)
    if times == 0:
        return a
    if times < 0:
        raise ValueError(f"order must be non-negative but got {times}")
    array = as_array(trace, a)
    if array.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    (along,) = normal_axes(operator.index(axis), array.ndim)
    before, behind = (_end(trace, end, array, along) for end in (prepend, append))
    if before or behind:
        array = np.concatenate([*before, array, *behind], along)
    subtract = np.not_equal if array.dtype == np.bool_ else np.subtract
    full = (slice(None),) * along
    for _ in range(times):
        array = subtract(array[(*full, slice(1, None))], array[(*full, slice(None, -1))])
    return array


def _end(trace: Trace, end: Any, array: Any, axis: int) -> list[Any]:
    """Return what is put before or behind an array, if anything: a number is repeated across it."""
    if end is None:
        return []
    operand = as_array(trace, end)
    if operand.ndim:
        return [operand]
    return [np.broadcast_to(operand, tuple(1 if each == axis else size for each, size in enumerate(array.shape)))]


@implements("take")
def _take(trace: Trace, a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    array = as_array(trace, a)
    if axis is None:
        array, axis = flat(array), 0
    attributes = {} if mode == "raise" else {"mode": mode}
    operands = [array, as_array(trace, indices)]
    if is_number(indices) or array.ndim == 0:
        raise untraceable("numpy.take of one element", "index with an integer")
    return write(trace.apply("np::take", operands, axis=static_axis(axis), **attributes)[0], out)


@implements("searchsorted")
def _searchsorted(trace: Trace, a: Any, v: Any, side: Any = "left") -> Any:
    return trace.apply("np::searchsorted", [as_array(trace, a), as_array(trace, v)], side=side)[0]


@implements("interp")
def _interp(trace: Trace, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    beyond = {"left": left, "right": right, "period": period}
    given: dict[str, Any] = {name: _number(value) for name, value in beyond.items() if value is not None}
    return trace.apply("np::interp", [as_array(trace, item) for item in (x, xp, fp)], **given)[0]


def _number(value: Any) -> complex:
    return complex(value) if np.iscomplexobj(value) else float(value)
