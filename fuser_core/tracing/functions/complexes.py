"""Parts and angles of complex numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.number_tracer import NumberTracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("real")
def _real(trace: Trace, val: Any) -> Any:
    return val.real if isinstance(val, NumberTracer) else val.share(trace.apply("np::real", [val])[0])


@implements("imag")
def _imag(trace: Trace, val: Any) -> Any:
    return val.imag if isinstance(val, NumberTracer) else val.share(trace.apply("np::imag", [val])[0])


@implements("angle")
def _angle(trace: Trace, z: Any, deg: bool = False) -> Any:
    array = as_array(trace, z)
    angle = np.arctan2(array.imag, array.real) if array.dtype.kind == "c" else np.arctan2(0, array)
    return angle * (180 / np.pi) if deg else angle


@implements("isreal")
def _isreal(trace: Trace, x: Any) -> Any:
    return np.imag(x) == 0


@implements("iscomplex")
def _iscomplex(trace: Trace, x: Any) -> Any:
    return np.imag(as_array(trace, x)) != 0
