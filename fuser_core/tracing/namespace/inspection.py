"""What the array API says of dtypes, of devices and of what a library can do."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from fuser_core.foreign import RUNNING
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.namespace.standard import DTYPES
from fuser_core.tracing.number_tracer import NumberTracer

__all__ = ["STANDARD", "__array_namespace_info__", "can_cast", "finfo", "iinfo", "isdtype", "read_dtype", "result_type"]

STANDARD: ContextVar[bool] = ContextVar("the arrays of the call are of a library that is not NumPy", default=False)

_LIBRARY = "array_api_strict"


class Info(NamedTuple):
    """What `finfo` says of a dtype of floating-point numbers: Python numbers, which promote weakly."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


class Capabilities:
    """What `__array_namespace_info__` returns."""

    def capabilities(self) -> dict[str, Any]:
        """Return what depends on the elements of an array: nothing in a trace may."""
        return {"boolean indexing": False, "data-dependent shapes": False, "max dimensions": 64}

    def default_device(self) -> Any:
        """Return where new arrays are."""
        trace = RUNNING.get()
        return "cpu" if trace is None else trace.device

    def devices(self) -> list[Any]:
        """Return where arrays may be: a call has one device."""
        return [self.default_device()]

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype[Any]]:  # noqa: ARG002 - the same on all
        """Return the dtypes that Python's numbers have as arrays."""
        kinds = {"real floating": 1.0, "complex floating": 1j, "integral": 1}
        found = {kind: np.asarray(number).dtype for kind, number in kinds.items()}
        return {**found, "indexing": np.dtype(np.intp)}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype[Any]]:  # noqa: ARG002 - as above
        """Return the dtypes by name, all or those of a kind."""
        every = {name: np.dtype(name) for name in sorted(DTYPES)}
        return {name: dtype for name, dtype in every.items() if kind is None or isdtype(dtype, kind)}


def __array_namespace_info__() -> Capabilities:  # noqa: N807 - the standard's name
    """Return what there is to know of the namespace."""
    return Capabilities()


def read_dtype(dtype: Any) -> np.dtype[Any] | None:
    """Return a dtype as NumPy's; those of array_api_strict are known too."""
    if dtype is None:
        return None
    library = sys.modules.get(_LIBRARY)
    if library is not None:
        for name in DTYPES:
            if getattr(library, name) is dtype:
                return np.dtype(name)
    own: np.dtype[Any] = np.dtype(dtype)
    return own


def isdtype(dtype: Any, kind: Any) -> bool:
    """Say whether a dtype is of a kind, is another, or is one of several of these."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, item) for item in kind)
    own = read_dtype(dtype)
    assert own is not None
    if isinstance(kind, str):
        return bool(np.isdtype(own, kind))
    return own == read_dtype(kind)


def finfo(type: Any, /) -> Any:  # noqa: A002 - the standard's name
    """Return the limits of a dtype of floating-point numbers, or of an array's."""
    found = np.finfo(_typed(type))
    if not STANDARD.get():
        return found
    eps, high, low, smallest = map(float, (found.eps, found.max, found.min, found.smallest_normal))
    return Info(found.bits, eps, high, low, smallest, found.dtype)


def iinfo(type: Any, /) -> Any:  # noqa: A002 - the standard's name
    """Return the limits of a dtype of integers, or of an array's."""
    return np.iinfo(_typed(type))


def can_cast(from_: Any, to: Any, /) -> bool:
    """Say whether one dtype, or that of an array, becomes another without losing values."""
    return bool(np.can_cast(_typed(from_), _typed(to)))


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Return the dtype to which arrays, dtypes and Python numbers are promoted."""
    found: np.dtype[Any] = np.result_type(*map(_typed_weakly, arrays_and_dtypes))
    return found


def _typed(operand: Any) -> Any:
    return operand.dtype if isinstance(operand, ArrayTracer | np.ndarray) else read_dtype(operand)


def _typed_weakly(operand: Any) -> Any:
    if isinstance(operand, NumberTracer):
        return operand.term.type(0)
    return operand if builtin_number(operand) else _typed(operand)


def builtin_number(operand: Any) -> bool:
    """Say whether something is a Python number, which promotes weakly."""
    return type(operand) in (bool, int, float, complex)
