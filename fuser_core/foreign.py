"""Functions of other libraries that run as they are, between the kernels of fused functions; see `opaque`.

Importing this imports none of the machinery: that comes with the first call inside a fused function.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from fuser_core.errors import ArgumentError

if TYPE_CHECKING:
    from fuser_core.tracing import Trace

__all__ = ["RUNNING", "OpaqueFunction", "opaque"]

P = ParamSpec("P")
R = TypeVar("R")

RUNNING: ContextVar[Trace | None] = ContextVar("the running trace", default=None)
"""The trace that runs a function right now, if one does."""


class OpaqueFunction(Generic[P, R]):
    """A function that no trace looks into; made by `opaque`."""

    __wrapped__: Callable[P, R]
    __qualname__: str

    def __init__(self, function: Callable[P, R], shape: Callable[..., Any] | None, dtype: Any) -> None:
        functools.update_wrapper(self, function)
        self.shape = shape
        self.dtype = dtype

    @property
    def name(self) -> str:
        """What the function is called in reports and errors."""
        name = getattr(self.__wrapped__, "__qualname__", None) or type(self.__wrapped__).__qualname__
        return f"{getattr(self.__wrapped__, '__module__', None) or 'builtins'}.{name}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        trace = RUNNING.get()
        if trace is None:
            return self.__wrapped__(*args, **kwargs)
        from fuser_core.tracing.foreign import record

        result: R = record(trace, self, args, kwargs)
        return result

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> str:
        return self.__qualname__  # by reference, as a function is pickled

    def __repr__(self) -> str:
        return f"<opaque {self.__wrapped__!r}>"


@overload
def opaque(
    function: Callable[P, R], *, shape: Callable[..., Any] | None = None, dtype: Any = None
) -> OpaqueFunction[P, R]: ...


@overload
def opaque(
    function: None = None, *, shape: Callable[..., Any] | None = None, dtype: Any = None
) -> Callable[[Callable[P, R]], OpaqueFunction[P, R]]: ...


def opaque(function: Any = None, *, shape: Callable[..., Any] | None = None, dtype: Any = None) -> Any:
    """Make a function one call between kernels, wherever a fused function calls it; elsewhere it is itself.

    ``opaque(scipy.ndimage.gaussian_filter)`` is such a function; ``@opaque`` decorates one. What a fused function
    passes to it are arrays in memory. Arrays, and numbers that differ from call to call, are its operands; all else is
    a constant of the trace. Its results are new arrays to whoever gets them: one that shows memory of an operand is
    copied. It must not write into what it is given, and may be left out where nobody needs what it returns.

    Args:
        function: Takes arrays of NumPy's, and returns an array, a number, or a tuple of these.
        shape: Gives the shape of the result. It is called as the function is, with the shape of each array (a tuple of
            integers) in its place. For several results it returns a tuple of shapes. By default, the shape to which all
            the arrays broadcast.
        dtype: The dtype of the result, or a function that gives it, called with the dtype of each array in its place;
            for several results a tuple. By default the function is asked for it: called once for arguments of a new
            kind, with arrays of ones whose axes have size 1 (or, if it refuses these, the sizes of the call).

    Raises:
        ArgumentError: Something that cannot be called is given.
        ShapeError: In a call of a fused function: a result has another shape or dtype than declared.
    """
    if function is None:
        return functools.partial(opaque, shape=shape, dtype=dtype)
    for what, given in (("opaque", function), ("shape=", shape)):
        if given is not None and not callable(given):
            raise ArgumentError(f"{what} takes a function, and got {given!r}; pass one that can be called")
    return OpaqueFunction(function, shape, dtype)
