"""The stand-in for a Python number that may differ from call to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.plan import HostValue
from fuser_core.semantics.host import HOST_OPERATIONS
from fuser_core.tracing.tracer import Tracer

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["NumberTracer"]

_UNARY = ("neg", "pos", "abs", "invert")
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


class NumberTracer(Tracer):
    """A Python number that may differ from call to call: a scalar argument, a size, or computed from these.

    Looking at its value (in a branch, with ``int()``) makes the trace valid for that value only.
    """

    def __init__(self, trace: Trace, value: int, term: HostValue) -> None:
        self.record = trace
        self.value = value
        self.term = term

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        # So that isinstance(x, float) takes the branch that it takes without a trace.
        return self.term.type

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"a traced {self.term.type.__name__} has no attribute {name!r}")
        return getattr(self.record.concretize(self), name)

    def __repr__(self) -> str:
        return repr(self.record.concretize(self))

    def __format__(self, spec: str) -> str:
        return format(self.record.concretize(self), spec)

    def __bool__(self) -> bool:
        return bool(self.record.concretize(self))

    def __int__(self) -> int:
        return int(self.record.concretize(self))

    def __float__(self) -> float:
        return float(self.record.concretize(self))

    def __complex__(self) -> complex:
        return complex(self.record.concretize(self))

    def __index__(self) -> int:
        if self.term.type not in (int, bool):
            raise TypeError(f"{self.term.type.__name__!r} object cannot be interpreted as an integer")
        return int(self.record.concretize(self))

    def __hash__(self) -> int:
        return hash(self.record.concretize(self))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.record.concretize(self), digits)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.record.concretize(self), dtype)


def _add_operator(name: str, *, swapped: bool = False) -> None:
    method = f"__{'r' if swapped else ''}{name.strip('_')}__"

    def operate(self: NumberTracer, *others: Any) -> Any:
        # By exact type: a NumPy scalar is a Python float too, and has its own arithmetic.
        if any(type(other) not in (NumberTracer, bool, int, float, complex) for other in others):
            return NotImplemented
        operands: tuple[Any, ...] = (*others, self) if swapped else (self, *others)
        if name == "pow" and not (type(operands[1]) is int and operands[1] >= 0):
            # The type of other powers depends on the values: 2 ** -1 is a float, (-2.0) ** 0.5 is complex.
            operands = tuple(self.record.concretize(item) if type(item) is NumberTracer else item for item in operands)
            return HOST_OPERATIONS[name](*operands)
        values = [self.record.hint(item) if type(item) is NumberTracer else item for item in operands]
        return self.record.number(name, operands, type(HOST_OPERATIONS[name](*values)))

    setattr(NumberTracer, method, operate)


for _name in HOST_OPERATIONS:
    if _name not in ("min", "max"):
        _add_operator(_name)
    if _name.strip("_") not in (*_UNARY, *_COMPARISONS, "min", "max"):
        _add_operator(_name, swapped=True)
