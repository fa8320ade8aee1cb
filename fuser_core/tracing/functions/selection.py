"""Choosing elements of one array or another by a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.functions.operands import as_array, is_number
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("where")
def _where(trace: Trace, condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        instead = "how many indices it returns depends on values; pass what to take instead"
        raise untraceable("numpy.where with one argument", instead)
    return trace.apply("np::where", [condition, x, y])[0]


@implements("clip")
def _clip(
    trace: Trace,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    if (min is not None or max is not None) and (a_min is not None or a_max is not None):
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    bounds = {"low": a_min if min is None else min, "high": a_max if max is None else max}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return write(trace.apply("np::clip", [a, *given.values()], bounds=tuple(given))[0], out)


@implements("select")
def _select(trace: Trace, condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [as_array(trace, condition) for condition in condlist]
    for position, condition in enumerate(conditions):
        if condition.dtype != np.bool_:
            raise TypeError(f"invalid entry {position} in condlist: should be boolean ndarray")
    choices = [as_array(trace, choice) for choice in choicelist]
    weak = [item if is_number(item) else array for item, array in zip(choicelist, choices, strict=True)]
    dtype = np.result_type(*weak, default if is_number(default) else as_array(trace, default))
    result = as_array(trace, default).astype(dtype)
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        if not np.can_cast(choice.dtype, dtype, "same_kind"):
            raise untraceable(f"numpy.select of {dtype} with a choice of {choice.dtype}", "convert it with astype")
        result = np.where(condition, choice.astype(dtype), result)
    return result


@implements("copyto")
def _copyto(trace: Trace, dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, ArrayTracer):
        raise untraceable("numpy.copyto into an array that is not traced", "return the new values")
    if not _may_cast(src, dst.dtype, casting):
        raise TypeError(f"Cannot cast {src!r} to {dst.dtype!r} according to the rule {casting!r}")
    write(np.full_like(dst, src), dst, where=where, casting="unsafe")


def _may_cast(source: Any, dtype: np.dtype[Any], casting: Any) -> bool:
    if isinstance(source, ArrayTracer):
        return np.can_cast(source.dtype, dtype, casting)
    if not is_number(source):
        return np.can_cast(np.asarray(source).dtype, dtype, casting)
    kinds = {bool: "biufc", int: "iufc", float: "fc", complex: "c"}
    return casting == "unsafe" or dtype.kind in kinds[source.__class__]
