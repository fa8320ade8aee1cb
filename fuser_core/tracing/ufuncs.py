"""NumPy's ufunc protocol on tracers: which graph operation each ufunc becomes, and its methods and options."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.semantics import is_known
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["apply_ufunc"]

_UFUNCS = {op.ufunc: name for name, op in ELEMENTWISE.items() if op.ufunc is not None}
_UFUNCS |= {np.deg2rad: "deg2rad", np.radians: "radians", np.rad2deg: "rad2deg", np.degrees: "degrees"}
_UFUNCS |= {np.matmul: "matmul"}
_REDUCERS = {op.ufunc: name for name, op in REDUCTIONS.items() if op.ufunc is not None}
_IDLE = {"where": True, "subok": True, "casting": "same_kind", "order": "K", "keepdims": False}
"""Options of ufuncs at the values that they have anyway."""
_METHODS = {
    "at": "it writes into single elements; build the result with numpy.where",
}


def apply_ufunc(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Record a call of a ufunc, or of one of its methods.

    Raises:
        TraceError: There is no traced form of it, or of one of its options.
    """
    given = {name: value for name, value in options.items() if not _is_idle(name, value)}
    if method in ("reduce", "accumulate", "reduceat") and "out" in given:
        (given["out"],) = given["out"]
    match method:
        case "__call__":
            return _call(trace, ufunc, inputs, given)
        case "reduce" if ufunc in _REDUCERS:
            from fuser_core.tracing.functions.reductions import reduce  # many a function needs ufuncs only

            return reduce(trace, _REDUCERS[ufunc], *inputs, **{"axis": 0, **options, **given})
        case "accumulate" | "reduce" | "reduceat":
            kept = {name: options[name] for name in ("axis", "initial") if name in options}
            return _call_method(trace, ufunc, method, inputs, {**given, **kept})
        case "outer":
            return _outer(trace, ufunc, *inputs, **given)
    raise untraceable(f"numpy.{ufunc.__name__}.{method}", _METHODS.get(method))


def _is_idle(option: str, value: Any) -> bool:
    idle = _IDLE.get(option)
    return value is None or (type(value) is type(idle) and value == idle)


def _call(trace: Trace, ufunc: np.ufunc, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    operation = _operation_of(ufunc)
    if operation is None:
        from fuser_core.tracing.functions import apply_function

        return apply_function(trace, ufunc, tuple(inputs), options)
    out = options.pop("out", (None,) * ufunc.nout)
    dtype = options.pop("dtype", None)
    if dtype is not None and not is_numeric(np.dtype(dtype)):
        raise untraceable(f"numpy.{ufunc.__name__} with dtype={dtype!r}")
    target: dict[str, Any] = {}
    if all(place is not None for place in out):  # elements that are not wanted stay as they were
        target["where"] = options.pop("where", True)
        if dtype is None:
            target["casting"] = _casting(ufunc, options.pop("casting", "same_kind"))
    if options:
        raise untraceable(f"the option {next(iter(options))}= of numpy.{ufunc.__name__}")
    attributes = {} if dtype is None else {"dtype": np.dtype(dtype)}
    results = trace.apply(operation, inputs, outputs=ufunc.nout, **attributes)
    written = [write(result, place, **target) for result, place in zip(results, out, strict=True)]
    return tuple(written) if len(written) > 1 else written[0]


def _casting(ufunc: np.ufunc, casting: str) -> Literal["same_kind", "unsafe"]:
    if casting not in ("same_kind", "unsafe"):
        raise untraceable(f"the option casting={casting!r} of numpy.{ufunc.__name__}")
    return "unsafe" if casting == "unsafe" else "same_kind"


def _operation_of(ufunc: np.ufunc) -> str | None:
    """Return the graph operation that a ufunc becomes, if there is one."""
    if ufunc in _UFUNCS:
        return f"np::{_UFUNCS[ufunc]}"
    # Whoever calls a ufunc of SciPy's has imported it; we need not.
    if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc:
        name = f"scipy::{ufunc.__name__}"
        return name if is_known(name) else None
    return None


def _call_method(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Call a method between kernels: one that accumulates, or reduces in a way that no kernel knows."""
    from fuser_core.tracing.functions.library import static
    from fuser_core.tracing.functions.operands import as_array

    if getattr(np, ufunc.__name__, None) is not ufunc:
        raise untraceable(f"{ufunc.__name__}.{method}")
    arrays = 2 if method == "reduceat" else 1
    places = ("axis", "dtype", "out", "keepdims", "initial", "where")
    given = {"axis": 0, **dict(zip(places, inputs[arrays:], strict=False)), **options}
    out, where = given.pop("out", None), given.pop("where", True)
    operands = [as_array(trace, item) for item in (*inputs[:arrays], *([] if where is True else [where]))]
    named = {name: static(trace, f"{name}= of numpy.{ufunc.__name__}.{method}", item) for name, item in given.items()}
    if named.get("dtype") is not None:
        named["dtype"] = np.dtype(named["dtype"])
    (result,) = trace.apply(f"np::{method}", operands, ufunc=ufunc.__name__, **named)
    return write(result, out)


def _outer(trace: Trace, ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Combine every element of one array with every element of another."""
    from fuser_core.tracing.functions.operands import as_array

    left, right = as_array(trace, a), as_array(trace, b)
    if left.ndim and right.ndim:
        left = left[(..., *[None] * right.ndim)]
    return _call(trace, ufunc, [left, right], options)
