"""The stand-in for an array: its dtype and rank are known, its elements are nobody's to look at."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from fuser_core.errors import TraceError
from fuser_core.location import user_line
from fuser_core.plan import Value
from fuser_core.tracing.array_methods import ArrayMethods
from fuser_core.tracing.indexing import read
from fuser_core.tracing.placing import placed
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.writing import assign

if TYPE_CHECKING:
    from fuser_core.semantics.views import Index
    from fuser_core.tracing.recorder import Trace

__all__ = ["ArrayTracer"]

_POWERS: dict[float, Callable[[Any], Any]] = {2: np.square, 0.5: np.sqrt, 1: np.positive, -1: np.reciprocal}
_OWN = frozenset({"record", "value", "term", "_base", "_owned", "_views"})


def _is_squared(dtype: np.dtype[Any], exponent: float) -> bool:
    """Ask NumPy whether integers to the power of 2 are squares; those to the power of 2.0 were for a while."""
    ones = np.ones(1, dtype)
    return bool((ones**exponent).dtype == np.square(ones).dtype)


class ArrayTracer(ArrayMethods, NDArrayOperatorsMixin):
    """An array of known dtype and rank; its sizes are traced integers and its elements are nobody's to look at."""

    def __init__(self, trace: Trace, value: int, term: Value, *, owned: bool) -> None:
        self.record = trace
        self.value = value
        self.term = term
        self._owned = owned
        self._base: tuple[ArrayTracer, tuple[Index, ...] | None] | None = None
        self._views: list[weakref.ref[ArrayTracer]] = []

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        # So that isinstance(x, numpy.ndarray) takes the branch that it takes without a trace.
        return self.dtype.type if self.is_scalar else np.ndarray

    def __repr__(self) -> str:
        return f"<traced array of dtype {self.dtype} and {self.ndim} dimensions>"

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    # Elements

    def __getitem__(self, index: Any) -> Any:
        return read(self, index)

    def __setitem__(self, index: Any, new: Any) -> None:
        assign(self, index, new)

    def fill(self, value: Any) -> None:
        """Become a value everywhere."""
        assign(self, ..., value)

    def __pow__(self, exponent: Any) -> Any:
        # The operator, unlike numpy.power, has exact shortcuts for these exponents.
        if type(exponent) in (int, float) and not self.is_scalar:
            if self.dtype.kind in "fc" and exponent in _POWERS:
                return _POWERS[exponent](self)
            if self.dtype.kind in "biu" and exponent == 2 and _is_squared(self.dtype, exponent):
                return np.square(self)
        return np.power(self, exponent)

    # What cannot be traced

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TraceError(f"{what} at {user_line()}: a fused function sees no values of arrays; {instead}")

    def __bool__(self) -> bool:
        if not self.record.knows_value(self):
            self._refuse("a branch on the value of a traced array", "choose elementwise with numpy.where")
        return bool(self.record.concretize(self))

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
        if not self.record.knows_value(self):
            self._refuse(f"{what} of a traced array", "keep it as an array, or return it and convert the result")
        return self.record.concretize(self)

    def __iter__(self) -> NoReturn:
        self._refuse("iteration over a traced array", "use whole-array operations, or index with integers")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        self._refuse(
            "conversion of a traced array to a numpy.ndarray",
            "leave out numpy.asarray, or make the function that asks for it one call by fuser_core.opaque",
        )

    def __contains__(self, item: object) -> NoReturn:
        self._refuse("`in` on a traced array", "use (x == value).any() and return it")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(self.__class__, name):
            raise AttributeError(f"a traced array has no attribute {name!r}")
        if self.record.knows_value(self):
            return getattr(self.record.concretize(self), name)
        raise untraceable(f"numpy.ndarray.{name}")

    def __round__(self, digits: int | None = None) -> Any:
        if not self.is_scalar:
            raise TypeError("type numpy.ndarray doesn't define __round__ method; use numpy.round")
        return np.round(self, digits) if digits is not None else round(self._number("round()"))

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self._refuse("pickling of a traced array", "return it, and pickle the result")

    # Writing in place

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Any:
        return self.copy()

    def __setattr__(self, name: str, new: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, new)
        elif hasattr(self.__class__, name):
            raise untraceable(f"assigning to the attribute {name!r}", "make a new array")
        else:
            raise AttributeError(f"a traced array has no attribute {name!r}, and takes no new one")

    def share(self, view: Any, index: tuple[Index, ...] | None = None) -> Any:
        """Note that a view shows memory of this array.

        Args:
            view: What is returned.
            index: By which it is read, if it is.
        """
        if isinstance(view, ArrayTracer) and view is not self and not view.is_scalar:
            view._base = self, index  # noqa: SLF001 - of this very class
            self._views.append(weakref.ref(view))
        return view

    def alias(self, other: ArrayTracer) -> ArrayTracer:
        """Note that an array of all elements of this one lies in its memory or in a copy: which, its layout decides.

        Either may be written to when nobody holds the other, nor a view of it.
        """
        if self._base is not None:
            self.share(other)
            return other
        other._owned, other._views = self._owned, self._views
        self._views += weakref.ref(self), weakref.ref(other)
        return other

    def freeze(self) -> ArrayTracer:
        """Note that nobody may write into this array."""
        self._owned = False
        return self

    def is_view(self, base: ArrayTracer, index: tuple[Index, ...] | None) -> bool:
        """Say whether this is what another array shows at some index."""
        return index is not None and self._base is not None and self._base[0] is base and self._base[1] == index

    @property
    def writeable(self) -> bool:
        """Whether a write into this array is seen by nobody but its users: it is memory of its own without views."""
        return self._owned and self._base is None and not self._seen_by() and not self.is_scalar

    def _seen_by(self) -> list[ArrayTracer]:
        """Return the other arrays that somebody still holds, and that may share memory with this one."""
        return [view for reference in self._views if (view := reference()) is not None and view is not self]

    def overwrite(self, new: Any, *, casting: Literal["same_kind", "unsafe"] = "same_kind", where: Any = True) -> None:
        """Become ``new``, where that is wanted: the functional form of writing into this array.

        Raises:
            TraceError: Others would have to see the change: it is an argument, captured, or has other views.
        """
        self._require_sole_use()
        if not np.can_cast(new.dtype, self.dtype, casting):
            raise TypeError(
                f"Cannot cast the result from {new.dtype!r} to {self.dtype!r} with casting rule {casting!r} "
                f"(at {user_line()}); use an expression that makes a new array"
            )
        result = new if new.dtype == self.dtype else new.astype(self.dtype)
        if where is not True:
            result = np.where(where, result, self)
        if not self.record.same_shape(result, self):
            raise untraceable(
                "writing values of another shape into an array", "use an expression that makes a new array"
            )
        if result.is_scalar:
            result = result[...]
        if self._base is not None:
            result = self._write_through(result)
        self.value, self.term = result.value, result.term

    def _write_through(self, new: Any) -> Any:
        """Write what a view becomes into the array that it shows, and return what it shows then."""
        assert self._base is not None
        base, index = self._base
        assert index is not None
        whole = placed(base, index, new)
        base.value, base.term = whole.value, whole.term
        return self.record.apply("np::getitem", [base], index=index)[0]

    def _require_sole_use(self) -> None:
        """Refuse a write that somebody else would have to see."""
        base, index = self._base or (self, ())
        if not (self._owned and base._owned):  # noqa: SLF001 - of this very class
            raise untraceable("writing into an argument or a captured array", "return the new values instead")
        others = [view for array in (self, base) for view in array._seen_by() if view is not self]  # noqa: SLF001
        if others or index is None or base._base is not None:  # noqa: SLF001
            raise untraceable("writing into an array that has views", "write before taking the view, or use a copy")
