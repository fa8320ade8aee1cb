"""Arrays from numbers, from sizes and from other arrays, as the array API has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fuser_core.foreign import RUNNING
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.namespace.inspection import read_dtype
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.tracer import Tracer

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    """Return an array: a traced one is itself; numbers, NumPy's arrays and lists of all of these become one.

    Args:
        obj: A traced array or number, an array, a Python number, or a nest of lists of these.
        dtype: Of the result; by default what NumPy makes of it.
        device: Where it is to be: where traced arrays are.
        copy: Whether it has to be a copy; ``False`` where it must not be.
    """
    _check(device)
    target = read_dtype(dtype)
    if isinstance(obj, NumberTracer):
        obj = _trace().apply("np::astype", [obj], dtype=target or np.dtype(obj.term.type))[0]
    if isinstance(obj, list | tuple) and _is_traced(obj):
        if copy is False:
            raise ValueError("a list of traced arrays becomes an array by copying; leave copy=False out")
        obj = np.stack([asarray(item) for item in obj])
    if not isinstance(obj, ArrayTracer):
        return np.array(obj, target) if copy else np.asarray(obj, target)
    if copy is False and target not in (None, obj.dtype):
        raise ValueError(f"an array of {obj.dtype} becomes one of {target} by copying; leave copy=False out")
    array = obj if target is None and not copy else obj.astype(target or obj.dtype, copy=bool(copy))
    return array[...] if array.is_scalar else array


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    """Return an array as it is: a traced one has no memory to hand over."""
    _check(device)
    return asarray(x, copy=copy) if isinstance(x, Tracer) else np.from_dlpack(x)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Return an array of one number, which may be traced."""
    _check(device)
    target = read_dtype(dtype)
    if isinstance(fill_value, Tracer):
        return np.broadcast_to(asarray(fill_value, dtype=target), shape).copy()
    return np.full(shape, fill_value, target)


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Return an array of one number in the shape of another."""
    _check(device)
    return np.full_like(x, fill_value, **_of(dtype))


def _maker(name: str) -> Callable[..., Any]:
    """Return a function of NumPy's with ``dtype=`` and ``device=``; sizes are guarded by their values."""
    function = getattr(np, name)

    def make(*args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Any:
        _check(device)
        return function(*args, **_of(dtype), **options)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"See `numpy.{name}`."
    return make


arange, linspace, eye = map(_maker, ("arange", "linspace", "eye"))
empty, ones, zeros = map(_maker, ("empty", "ones", "zeros"))
empty_like, ones_like, zeros_like = map(_maker, ("empty_like", "ones_like", "zeros_like"))


def _of(dtype: Any) -> dict[str, Any]:
    return {} if dtype is None else {"dtype": read_dtype(dtype)}


def _is_traced(items: Any) -> bool:
    if isinstance(items, Tracer):
        return True
    return isinstance(items, list | tuple) and any(map(_is_traced, items))


def _trace() -> Any:
    trace = RUNNING.get()
    assert trace is not None, "a traced number lives in a trace"
    return trace


def _check(device: Any) -> None:
    """Refuse a device that is not where the call's arrays are."""
    if device is not None and device != _trace_device():
        raise untraceable(f"an array on the device {device!r}", "all arrays of a call are where its arguments are")


def _trace_device() -> Any:
    trace = RUNNING.get()
    return "cpu" if trace is None else trace.device
