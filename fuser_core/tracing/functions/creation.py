"""Arrays that are like others, and copies of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("full_like")
def _full_like(trace: Trace, a: Any, fill_value: Any, dtype: Any = None) -> Any:
    attributes = {} if dtype is None else {"dtype": np.dtype(dtype)}
    if attributes and not is_numeric(attributes["dtype"]):
        raise untraceable(f"numpy.full_like with dtype={dtype!r}")
    return trace.apply("np::full_like", [as_array(trace, a), fill_value], **attributes)[0]


@implements("zeros_like")
def _zeros_like(trace: Trace, a: Any, dtype: Any = None) -> Any:
    return _full_like(trace, a, False, dtype)


@implements("ones_like")
def _ones_like(trace: Trace, a: Any, dtype: Any = None) -> Any:
    return _full_like(trace, a, True, dtype)


@implements("empty_like")
def _empty_like(trace: Trace, prototype: Any, dtype: Any = None) -> Any:
    """What is not written is zero here, and anything at all in NumPy."""
    return _full_like(trace, prototype, False, dtype)


@implements("copy")
def _copy(trace: Trace, a: Any) -> Any:
    copied = as_array(trace, a).copy()
    return copied[...] if copied.ndim == 0 else copied


@implements("astype")
def _astype(trace: Trace, x: Any, dtype: Any, *, copy: bool = True) -> Any:
    if not isinstance(x, np.ndarray):
        scalar: Any = np.float64(0)
        np.astype(scalar, np.float64)  # raises where this NumPy takes arrays only
    return as_array(trace, x).astype(dtype, copy=copy)
