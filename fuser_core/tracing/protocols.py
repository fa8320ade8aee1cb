"""NumPy's protocols on tracers: which graph operation each ufunc and each function becomes."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.errors import UntraceableError
from fuser_core.location import user_line
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.semantics import is_known
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.number_tracer import NumberTracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["apply_function", "apply_ufunc"]

_UFUNCS = {op.ufunc: name for name, op in ELEMENTWISE.items() if op.ufunc is not None}
_UFUNCS |= {np.deg2rad: "deg2rad", np.radians: "radians", np.rad2deg: "rad2deg", np.degrees: "degrees"}
_UFUNCS |= {np.matmul: "matmul"}
_REDUCERS = {op.ufunc: name for name, op in REDUCTIONS.items()}
_HARMLESS = {"where": True, "subok": True, "casting": "same_kind", "order": "K"}
"""Options of ufuncs at the values that they have anyway."""

_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}


def apply_ufunc(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Record a call of a ufunc, or of its ``reduce``.

    Raises:
        TraceError: There is no traced form of it, or of one of its options.
    """
    if method == "reduce" and ufunc in _REDUCERS:
        return _reduce(trace, _REDUCERS[ufunc], *inputs, **{"axis": 0, **options})
    options = {name: value for name, value in options.items() if value is not None and not _is_default(name, value)}
    operation = _operation_of(ufunc)
    if method != "__call__" or operation is None:
        suffix = "" if method == "__call__" else f".{method}"
        raise _untraceable(f"numpy.{ufunc.__name__}{suffix}")
    out = options.pop("out", (None,) * ufunc.nout)
    dtype = options.pop("dtype", None)
    if options:
        raise _untraceable(f"the option {next(iter(options))}= of numpy.{ufunc.__name__}")
    if dtype is not None and not is_numeric(np.dtype(dtype)):
        raise _untraceable(f"numpy.{ufunc.__name__} with dtype={dtype!r}")
    attributes = {} if dtype is None else {"dtype": np.dtype(dtype)}
    results = trace.apply(operation, inputs, **attributes)
    written = tuple(map(_write, results, out))
    return written if len(written) > 1 else written[0]


def _operation_of(ufunc: np.ufunc) -> str | None:
    """Return the graph operation that a ufunc becomes, if there is one."""
    if ufunc in _UFUNCS:
        return f"np::{_UFUNCS[ufunc]}"
    # Whoever calls a ufunc of SciPy's has imported it; we need not.
    if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc:
        name = f"scipy::{ufunc.__name__}"
        return name if is_known(name) else None
    return None


def _is_default(option: str, value: Any) -> bool:
    default = _HARMLESS.get(option)
    return type(value) is type(default) and value == default


def apply_function(trace: Trace, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Record a call of a function of NumPy's that is no ufunc.

    Raises:
        TraceError: There is no traced form of it, or of one of its options.
    """
    if function not in _FUNCTIONS:
        raise _untraceable(f"{function.__module__}.{function.__name__}")
    try:
        return _FUNCTIONS[function](trace, *args, **kwargs)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise  # it comes from deeper than the call itself
        raise _untraceable(f"{function.__module__}.{function.__name__} with these options") from error


def _untraceable(what: str) -> UntraceableError:
    return UntraceableError(f"{what} at {user_line()} has no traced form; move it out of the fused function")


def _write(result: Any, out: Any) -> Any:
    if out is None or (isinstance(out, ArrayTracer) and out.is_scalar):
        return result  # a NumPy scalar is a value: `s += 1` gives the name another one
    if not isinstance(out, ArrayTracer):
        raise UntraceableError(
            f"out= is a {type(out).__qualname__} at {user_line()}; a fused function writes into arrays of its own "
            "only: return the result, or pass out= to the fused function"
        )
    out.overwrite(result)
    return out


def _implements(*functions: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        _FUNCTIONS.update(dict.fromkeys(functions, implementation))
        return implementation

    return register


def _reduce(
    trace: Trace, name: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Any:
    attributes: dict[str, Any] = {"axis": _static_axis(axis), "keepdims": bool(keepdims)}
    if dtype is not None:
        attributes["dtype"] = np.dtype(dtype)
    (result,) = trace.apply(f"np::{name}", [a], **attributes)
    return _write(result, out[0] if isinstance(out, tuple) else out)


def _reduction(name: str, *functions: Callable[..., Any]) -> None:
    if name in ("sum", "prod", "mean"):

        @_implements(*functions)
        def with_dtype(
            trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
        ) -> Any:
            return _reduce(trace, name, a, axis, dtype, out, keepdims)
    else:

        @_implements(*functions)
        def plain(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
            return _reduce(trace, name, a, axis, None, out, keepdims)


for _name, _functions in {
    "sum": (np.sum,),
    "prod": (np.prod,),
    "mean": (np.mean,),
    "min": (np.min, np.amin),
    "max": (np.max, np.amax),
    "any": (np.any,),
    "all": (np.all,),
}.items():
    _reduction(_name, *_functions)  # type: ignore[arg-type]


def _static_axis(axis: Any) -> int | tuple[int, ...] | None:
    if axis is None:
        return None
    return tuple(map(operator.index, axis)) if isinstance(axis, tuple | list) else operator.index(axis)


@_implements(np.where)
def _where(trace: Trace, condition: Any, x: Any, y: Any) -> Any:
    return trace.apply("np::where", [condition, x, y])[0]


@_implements(np.clip)
def _clip(
    trace: Trace, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    bounds = {"low": a_min if min is None else min, "high": a_max if max is None else max}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return _write(trace.apply("np::clip", [a, *given.values()], bounds=tuple(given))[0], out)


@_implements(np.transpose)
def _transpose(trace: Trace, a: Any, axes: Any = None) -> Any:
    order = None if axes is None else tuple(map(operator.index, axes))
    return a.share(trace.apply("np::transpose", [a], axes=order)[0])


@_implements(np.swapaxes)
def _swapaxes(trace: Trace, a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    first, second = np.lib.array_utils.normalize_axis_tuple((axis1, axis2), a.ndim, allow_duplicate=True)
    order[first], order[second] = order[second], order[first]
    return _transpose(trace, a, order)


@_implements(np.expand_dims)
def _expand_dims(trace: Trace, a: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    rank = a.ndim + len(axes)
    new = np.lib.array_utils.normalize_axis_tuple(axes, rank)
    return a[tuple(None if position in new else slice(None) for position in range(rank))]


@_implements(np.real)
def _real(trace: Trace, val: Any) -> Any:
    return val.real


@_implements(np.imag)
def _imag(trace: Trace, val: Any) -> Any:
    return val.imag


@_implements(np.copy)
def _copy(trace: Trace, a: Any) -> Any:
    return a.copy()


@_implements(np.ndim)
def _ndim(trace: Trace, a: Any) -> int:
    return a.ndim if isinstance(a, ArrayTracer) else 0


@_implements(np.shape)
def _shape(trace: Trace, a: Any) -> tuple[Any, ...]:
    return () if isinstance(a, NumberTracer) else a.shape


@_implements(np.size)
def _size(trace: Trace, a: Any, axis: Any = None) -> Any:
    if isinstance(a, NumberTracer):
        return 1
    return a.size if axis is None else a.shape[axis]
