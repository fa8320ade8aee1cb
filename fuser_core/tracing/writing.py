"""Writing into traced arrays: ``out=``, ``numpy.copyto`` and assignment in their functional form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fuser_core.errors import UntraceableError
from fuser_core.location import user_line
from fuser_core.tracing.indices import is_whole, static_index
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.placing import placed
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.semantics.views import Index
    from fuser_core.tracing.array_tracer import ArrayTracer
    from fuser_core.tracing.recorder import Trace

__all__ = ["as_item", "assign", "write"]


def write(result: Any, out: Any, *, where: Any = True, casting: Literal["same_kind", "unsafe"] = "same_kind") -> Any:
    """Return a result, or the array given as ``out`` after writing the result into it.

    Args:
        result: What was computed.
        out: A traced array, alone or in a tuple, or ``None``.
        where: Which elements are written.
        casting: Which conversions to the array's dtype are allowed.

    Raises:
        TraceError: ``out`` cannot be written to.
    """
    if isinstance(out, tuple):
        (out,) = out
    if out is None or (_is_traced(out) and out.is_scalar):
        return result  # a NumPy scalar is a value: `s += 1` gives the name another one
    if not _is_traced(out):
        raise UntraceableError(
            f"out= is a {type(out).__qualname__} at {user_line()}; a fused function writes into arrays of its own "
            "only: return the result, or pass out= to the fused function"
        )
    out.overwrite(result, casting=casting, where=where)
    return out


def assign(array: ArrayTracer, index: Any, new: Any) -> None:
    """Do what ``array[index] = new`` does, where the index is a mask, or known without values.

    Raises:
        TraceError: It is another index, or others would have to see the change.
    """
    if array.is_scalar:
        raise TypeError(f"{array.dtype.type.__name__!r} object does not support item assignment")
    if new is array or (_is_traced(new) and new.is_view(array, static_index(index))):
        return  # `t[1:] += 1` has written into the part already
    value = new if np.ndim(new) != 0 else as_item(array.record, new, array.dtype)
    if _is_traced(index) and index.dtype == np.bool_ and array.record.same_shape(index, array):
        if np.ndim(new) != 0:
            raise untraceable("assigning several values to the elements of a mask", "use numpy.where")
        array.overwrite(np.where(index, value, array), casting="unsafe")
    elif is_whole(index, array.ndim):
        array.overwrite(_repeated(array, value).copy(), casting="unsafe")
    else:
        _assign_part(array, static_index(index), value)


def _assign_part(array: ArrayTracer, index: tuple[Index, ...] | None, value: Any) -> None:
    if index is None:
        raise untraceable("assigning to a part of a traced array by this index", "build the result with numpy.where")
    (part,) = array.record.apply("np::getitem", [array], index=index)
    array.overwrite(placed(array, index, _repeated(part, value)))


def _repeated(place: Any, value: Any) -> Any:
    """Return a value in the shape and dtype of the place that it is assigned to."""
    fits = _is_traced(value) and value.dtype == place.dtype and value.ndim == place.ndim and not value.is_scalar
    return value if fits and place.record.same_shape(value, place) else np.full_like(place, value)


def as_item(trace: Trace, value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a single value as NumPy converts one that is put into an array of a dtype.

    Raises:
        OverflowError: It is a Python integer that the dtype cannot hold.
    """
    if isinstance(value, NumberTracer) and dtype.kind in "biu" and value.term.type in (float, complex):
        value = trace.concretize(value)  # NumPy refuses NaN and other values that the dtype cannot hold
    if isinstance(value, NumberTracer):
        value = np.multiply(dtype.type(1), value)  # a typed product checks the range of a Python integer
    if _is_traced(value):
        return value.astype(dtype)
    return dtype.type(np.asarray(value, None if isinstance(value, np.generic) else dtype))


def _is_traced(out: Any) -> bool:
    from fuser_core.tracing.array_tracer import ArrayTracer  # it is defined in terms of this module

    return isinstance(out, ArrayTracer)
