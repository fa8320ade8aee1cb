"""The stand-in for an array: its dtype and rank are known, its elements are nobody's to look at."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from fuser_core.arrays import is_numeric
from fuser_core.errors import TraceError, UntraceableError
from fuser_core.location import user_line
from fuser_core.plan import Value
from fuser_core.semantics.views import Index
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.tracer import Tracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["ArrayTracer"]

_POWERS: dict[float, Callable[[Any], Any]] = {2: np.square, 0.5: np.sqrt, 1: np.positive, -1: np.reciprocal}


def _unwritable(what: str, instead: str) -> UntraceableError:
    return UntraceableError(f"{what} at {user_line()} has no traced form; {instead}")


class ArrayTracer(Tracer, NDArrayOperatorsMixin):
    """An array of known dtype and rank; its sizes are traced integers and its elements are nobody's to look at."""

    def __init__(self, trace: Trace, value: int, term: Value, *, owned: bool) -> None:
        self.trace = trace
        self.value = value
        self.term = term
        self._owned = owned
        self._shared = False

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        # So that isinstance(x, numpy.ndarray) takes the branch that it takes without a trace.
        return self.dtype.type if self.is_scalar else np.ndarray

    def __repr__(self) -> str:
        return f"<traced array of dtype {self.dtype} and {self.ndim} dimensions>"

    # What is known

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        dtype: np.dtype[Any] = self.term.dtype
        return dtype

    @property
    def is_scalar(self) -> bool:
        """Whether it stands for a NumPy scalar, which is a value and not memory."""
        return self.trace.is_scalar(self)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.term.shape)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes, as traced integers."""
        return tuple(self.trace.size(self, axis) for axis in range(self.ndim))

    @property
    def size(self) -> Any:
        """The number of elements, as a traced integer."""
        return functools.reduce(operator.mul, self.shape) if self.ndim else 1

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    # Functions that are methods

    def _method(name: str) -> Callable[..., Any]:  # type: ignore[misc]  # noqa: N805
        """Make a method of the NumPy function of the same name."""

        def method(self: ArrayTracer, *args: Any, **kwargs: Any) -> Any:
            return getattr(np, name)(self, *args, **kwargs)

        method.__name__ = name
        return method

    sum, prod, mean, min, max, any, all = map(_method, "sum prod mean min max any all".split())
    clip, swapaxes = map(_method, ("clip", "swapaxes"))
    del _method

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:
        """Convert to another dtype; this very array if that is its own and ``copy`` is false."""
        if not is_numeric(np.dtype(dtype)):
            raise UntraceableError(f"astype({dtype!r}) at {user_line()} makes no numbers; convert the result instead")
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        return self.trace.apply("np::astype", [self], dtype=np.dtype(dtype))[0]

    def copy(self) -> Any:
        """Return a copy."""
        return self.astype(self.dtype)

    def transpose(self, *axes: Any) -> Any:
        """Permute the axes."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return np.transpose(self, order or None)

    @property
    def T(self) -> Any:  # noqa: N802
        """The transposed array."""
        return self.transpose()

    @property
    def real(self) -> Any:
        """The real parts."""
        return self.share(self.trace.apply("np::real", [self])[0])

    @property
    def imag(self) -> Any:
        """The imaginary parts."""
        return self.share(self.trace.apply("np::imag", [self])[0])

    def __getitem__(self, index: Any) -> Any:
        items = index if isinstance(index, tuple) else (index,)
        result = self.trace.apply("np::getitem", [self], index=tuple(map(self._static_index, items)))[0]
        return self.share(result)

    def __setitem__(self, index: Any, new: Any) -> None:
        mask = isinstance(index, ArrayTracer) and index.dtype == np.bool_ and self.trace.same_shape(index, self)
        if not mask:
            raise _unwritable("assigning to a part of a traced array", "build the result with numpy.where")
        self.overwrite(np.where(index, self._assignable(new), self), casting="unsafe")

    def __pow__(self, exponent: Any) -> Any:
        # The operator, unlike numpy.power, has exact shortcuts for these exponents.
        if type(exponent) in (int, float) and not self.is_scalar:
            if self.dtype.kind in "fc" and exponent in _POWERS:
                return _POWERS[exponent](self)
            if self.dtype.kind in "biu" and type(exponent) is int and exponent == 2:
                return np.square(self)
        return np.power(self, exponent)

    # What cannot be traced

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TraceError(f"{what} at {user_line()}: a fused function sees no values of arrays; {instead}")

    def __bool__(self) -> bool:
        if not self.trace.knows_value(self):
            self._refuse("a branch on the value of a traced array", "choose elementwise with numpy.where")
        return bool(self.trace.concretize(self))

    def __float__(self) -> float:
        return float(self._number("float()"))

    def __int__(self) -> int:
        return int(self._number("int()"))

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __index__(self) -> int:
        return operator.index(self._number("the use as an index"))

    def __format__(self, spec: str) -> str:
        return format(self._number("the text"), spec)

    def __str__(self) -> str:
        return str(self._number("the text"))

    def _number(self, what: str) -> Any:
        """Return the value of a NumPy scalar that is an argument; the trace then rests on it."""
        if not self.trace.knows_value(self):
            self._refuse(f"{what} of a traced array", "keep it as an array, or return it and convert the result")
        return self.trace.concretize(self)

    def __iter__(self) -> NoReturn:
        self._refuse("iteration over a traced array", "use whole-array operations, or index with integers")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        self._refuse("conversion of a traced array to a numpy.ndarray", "leave out numpy.asarray, or fuse less")

    def __contains__(self, item: object) -> NoReturn:
        self._refuse("`in` on a traced array", "use (x == value).any() and return it")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(self.__class__, name):
            raise AttributeError(f"a traced array has no attribute {name!r}")
        if self.trace.knows_value(self):
            return getattr(self.trace.concretize(self), name)
        raise UntraceableError(
            f"numpy.ndarray.{name} at {user_line()} has no traced form; move it out of the fused function"
        )

    # Writing in place

    def share(self, view: Any) -> Any:
        """Note that a view and this array are the same memory, so that neither may be written to any more."""
        if isinstance(view, ArrayTracer) and not view.is_scalar:
            self._shared = True
            view._shared = True  # noqa: SLF001 - of this very class
        return view

    def overwrite(self, new: Any, casting: Literal["same_kind", "unsafe"] = "same_kind") -> None:
        """Become ``new``: the functional form of writing into this array.

        Raises:
            TraceError: Others would have to see the change: it is an argument, captured, or has views.
        """
        if not self._owned:
            raise _unwritable("writing into an argument or a captured array", "return the new values instead")
        if self._shared:
            raise _unwritable("writing into an array that has views", "write before taking the view, or use a copy")
        if not np.can_cast(new.dtype, self.dtype, casting):
            raise TypeError(
                f"Cannot cast the result from {new.dtype!r} to {self.dtype!r} with casting rule {casting!r} "
                f"(at {user_line()}); use an expression that makes a new array"
            )
        if not self.trace.same_shape(new, self):
            raise _unwritable(
                "writing values of another shape into an array", "use an expression that makes a new array"
            )
        result = new if new.dtype == self.dtype else new.astype(self.dtype)
        self.value, self.term = result.value, result.term

    def _assignable(self, new: Any) -> Any:
        """Return what is assigned to masked elements, in this array's dtype."""
        if np.ndim(new) != 0:
            raise _unwritable("assigning several values to the elements of a mask", "use numpy.where")
        if isinstance(new, NumberTracer) and self.dtype.kind in "biu" and new.term.type in (float, complex):
            new = self.trace.concretize(new)  # NumPy refuses NaN and other values that the dtype cannot hold
        if isinstance(new, NumberTracer):
            new = np.multiply(self.dtype.type(1), new)  # a typed product checks the range of a Python integer
        if isinstance(new, ArrayTracer):
            return new.astype(self.dtype)
        return self.dtype.type(np.asarray(new, None if isinstance(new, np.generic) else self.dtype))

    def _static_index(self, item: Any) -> Index:
        if item is None or item is Ellipsis:
            return item
        if isinstance(item, slice):
            bounds = (item.start, item.stop, item.step)
            return slice(*[None if part is None else operator.index(part) for part in bounds])
        if isinstance(item, bool | np.bool_) or not isinstance(item, int | np.integer):
            raise UntraceableError(
                f"indexing with an object of type {item.__class__.__name__} at {user_line()} has no traced form; use "
                "integers, slices, None and `...`, and choose elements with numpy.where"
            )
        return operator.index(item)
