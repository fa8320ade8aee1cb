"""The attributes of a traced array, and its methods: most are functions of NumPy's under the same name."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.tracing.refusals import untraceable
from fuser_core.tracing.tracer import Tracer

if TYPE_CHECKING:
    from fuser_core.tracing.array_tracer import ArrayTracer

__all__ = ["ArrayMethods"]

_DIRECT = """
    sum prod mean var std min max any all round squeeze swapaxes ravel dot take searchsorted
    cumsum cumprod argsort argmax argmin argpartition diagonal trace repeat choose
""".split()
"""Methods that take what the function of the same name takes behind the array."""


def _attribute(name: str) -> property:
    """Make an attribute of the NumPy function of the same name."""
    return property(getattr(np, name), doc=f"See `numpy.{name}`.")


class ArrayMethods(Tracer):
    """What arrays offer beside operators."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        dtype: np.dtype[Any] = self.term.dtype
        return dtype

    @property
    def is_scalar(self) -> bool:
        """Whether it stands for a NumPy scalar, which is a value and not memory."""
        return self.record.is_scalar(self)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.term.shape)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes, as traced integers."""
        return tuple(self.record.size(self, axis) for axis in range(self.ndim))

    @property
    def size(self) -> Any:
        """The number of elements, as a traced integer."""
        return functools.reduce(operator.mul, self.shape) if self.ndim else 1

    real = _attribute("real")
    imag = _attribute("imag")

    @property
    def T(self) -> Any:  # noqa: N802
        """The transposed array."""
        return np.transpose(self)  # type: ignore[call-overload]

    @property
    def mT(self) -> Any:  # noqa: N802
        """The array with its last two axes swapped."""
        return np.matrix_transpose(self)  # type: ignore[call-overload]

    @property
    def device(self) -> Any:
        """Where the call's arrays are: ``"cpu"``, as NumPy says it, or a `Device`."""
        return self.record.device

    def to_device(self, device: Any, /, *, stream: Any = None) -> Any:  # noqa: ARG002 - nothing is moved
        """Return this very array: all arrays of a call are on one device."""
        if device != self.device:
            raise untraceable(f"moving an array from {self.device} to {device!r}", "move it before the call")
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        from fuser_core.tracing.namespace import namespace  # few functions ask for it

        return namespace(api_version)

    @property
    def itemsize(self) -> int:
        """The size of an element in bytes."""
        itemsize: int = self.dtype.itemsize
        return itemsize

    @property
    def nbytes(self) -> Any:
        """The size of all elements in bytes."""
        return self.size * self.itemsize

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: Any = "unsafe",
        subok: Any = True,  # noqa: ARG002 - a traced array is of no subclass
        copy: Any = True,
    ) -> Any:
        """Convert to another dtype; this very array if that is its own and ``copy`` is false."""
        target = np.dtype(dtype)
        if not is_numeric(target):
            raise untraceable(f"astype({dtype!r})", "it makes no numbers; convert the result")
        _require_any_order("astype", order)
        if not np.can_cast(self.dtype, target, casting):
            raise TypeError(
                f"Cannot cast array data from {self.dtype!r} to {target!r} according to the rule {casting!r}"
            )
        if not copy and target == self.dtype:
            return self
        return self.record.apply("np::astype", [self], dtype=target)[0]

    def copy(self, order: str = "C") -> Any:
        """Return a copy, in the memory order of the array."""
        _require_any_order("copy", "K" if order == "C" else order)
        return self.astype(self.dtype)

    def clip(self, min: Any = None, max: Any = None, out: Any = None) -> Any:  # noqa: A002
        """Limit to an interval."""
        return np.clip(self, min, max, out=out)  # type: ignore[call-overload]

    def conj(self) -> Any:
        """Return the complex conjugate; of real numbers this very array."""
        return np.conjugate(self) if self.dtype.kind == "c" else self

    conjugate = conj

    def transpose(self, *axes: Any) -> Any:
        """Permute the axes."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return np.transpose(self, order or None)  # type: ignore[call-overload]

    def reshape(self, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
        """Return all elements in another shape."""
        target = shape[0] if len(shape) == 1 else shape
        options = {} if copy is None else {"copy": copy}
        return np.reshape(self, target, order=order, **options)  # type: ignore[call-overload]

    def flatten(self, order: Any = "C") -> Any:
        """Return a copy with one dimension."""
        return np.reshape(self, -1, order=order).copy()  # type: ignore[call-overload]


def _require_any_order(name: str, order: str) -> None:
    """Refuse a memory order that is asked for: that of a result is its kernel's choice."""
    if order != "K":
        raise untraceable(f"the option order= of {name}", "leave it out")


def _add_method(name: str) -> None:
    def method(self: ArrayTracer, *args: Any, **kwargs: Any) -> Any:
        return getattr(np, name)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"See `numpy.{name}`."
    setattr(ArrayMethods, name, method)


for _name in _DIRECT:
    _add_method(_name)
