"""What is known of arrays without their values: ranks, sizes and dtypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.reductions import count
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.number_tracer import NumberTracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("ndim")
def _ndim(trace: Trace, a: Any) -> int:
    return 0 if isinstance(a, NumberTracer) else int(a.ndim)


@implements("shape")
def _shape(trace: Trace, a: Any) -> tuple[Any, ...]:
    return () if isinstance(a, NumberTracer) else a.shape


@implements("size")
def _size(trace: Trace, a: Any, axis: Any = None) -> Any:
    array = as_array(trace, a)
    return array.size if axis is None else count(array, axis)


@implements("result_type")
def _result_type(trace: Trace, *arrays_and_dtypes: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.result_type(*map(_as_typed, arrays_and_dtypes))
    return dtype


@implements("can_cast")
def _can_cast(trace: Trace, from_: Any, to: Any, casting: Any = "safe") -> bool:
    return bool(np.can_cast(_as_typed(from_), _as_typed(to), casting))


def _as_typed(operand: Any) -> Any:
    """Return something without a value that NumPy types as it types an operand."""
    if isinstance(operand, NumberTracer):
        return operand.term.type(0)
    return operand.dtype if isinstance(operand, ArrayTracer) else operand


@implements("iscomplexobj")
def _iscomplexobj(trace: Trace, x: Any) -> bool:
    return bool(as_array(trace, x).dtype.kind == "c")


@implements("isrealobj")
def _isrealobj(trace: Trace, x: Any) -> bool:
    return not _iscomplexobj(trace, x)
