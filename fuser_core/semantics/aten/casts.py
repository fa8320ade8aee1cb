"""``aten::`` names that change the dtype, or make an array like another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.errors import DTypeError
from fuser_core.plan import Constant
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import BOOL, Formula, dtype_of, materialise
from fuser_core.semantics.builder import PlanBuilder, Term

__all__ = ["SCALAR_TYPES", "scalar_type"]

SCALAR_TYPES: Mapping[int, np.dtype[Any]] = MappingProxyType(
    {
        0: np.dtype(np.uint8),
        1: np.dtype(np.int8),
        2: np.dtype(np.int16),
        3: np.dtype(np.int32),
        4: np.dtype(np.int64),
        5: np.dtype(np.float16),
        6: np.dtype(np.float32),
        7: np.dtype(np.float64),
        9: np.dtype(np.complex64),
        10: np.dtype(np.complex128),
        11: np.dtype(bool),
        27: np.dtype(np.uint16),
        28: np.dtype(np.uint32),
        29: np.dtype(np.uint64),
    }
)
"""The numbers by which PyTorch's text names dtypes."""

_CASTS = {"Byte": 0, "Char": 1, "Short": 2, "Int": 3, "Long": 4, "Half": 5, "Float": 6, "Double": 7}
_OPTIONS = ".dtype=None .layout=None .device=None .pin_memory=None .memory_format=None"


def scalar_type(code: Any) -> np.dtype[Any]:
    """Return the dtype of a number in PyTorch's text, or of a dtype in ours.

    Raises:
        DTypeError: NumPy has no such dtype.
    """
    if isinstance(code, np.dtype):
        return code
    try:
        return SCALAR_TYPES[code]
    except KeyError:
        raise DTypeError(f"{code!r} is the number of no dtype that NumPy has; it has {sorted(SCALAR_TYPES)}") from None


def _cast(builder: PlanBuilder, term: Term, dtype: np.dtype[Any]) -> Term:
    return Formula(builder, term, dtype).operand


@operation("aten::to", "self .dtype=None")
def _to(builder: PlanBuilder, args: Arguments) -> Term:
    dtype = args.static("dtype")
    return args.term("self") if dtype is None else _cast(builder, args.term("self"), scalar_type(dtype))


@operation("aten::_to_copy", "self .dtype=None")
def _to_copy(builder: PlanBuilder, args: Arguments) -> Term:
    """A new array even where the dtype is the same."""
    code, array = args.static("dtype"), materialise(builder, args.term("self"))
    return builder.cast(array, array.dtype if code is None else scalar_type(code))


@operation("aten::type_as", "self other")
def _type_as(builder: PlanBuilder, args: Arguments) -> Term:
    return _cast(builder, args.term("self"), dtype_of(args.term("other")))


def _named_cast(name: str, code: int) -> None:
    @operation(f"aten::_cast_{name}", "self .non_blocking=False")
    def cast(builder: PlanBuilder, args: Arguments) -> Term:
        return _cast(builder, args.term("self"), SCALAR_TYPES[code])


for _name, _code in _CASTS.items():
    _named_cast(_name, _code)


@operation("aten::clone", "self .memory_format=None")
def _clone(builder: PlanBuilder, args: Arguments) -> Term:
    return builder.cast(materialise(builder, args.term("self")), dtype_of(args.term("self")))


@operation("aten::contiguous", "self .memory_format=None")
def _contiguous(builder: PlanBuilder, args: Arguments) -> Term:
    return args.term("self")


@operation("aten::detach", "self")
def _detach(builder: PlanBuilder, args: Arguments) -> Term:
    return args.term("self")


def _filled(builder: PlanBuilder, args: Arguments, value: Term) -> Term:
    """Return an array of the shape of another, with one value everywhere."""
    code = args.static("dtype")
    dtype = dtype_of(args.term("self")) if code is None else scalar_type(code)
    array = Formula(builder, args.term("self"), dtype)
    return Formula(builder, Constant(BOOL.type(1))).choose(array.like(value), array).operand


@operation("aten::zeros_like", f"self {_OPTIONS}")
def _zeros_like(builder: PlanBuilder, args: Arguments) -> Term:
    return _filled(builder, args, 0)


@operation("aten::ones_like", f"self {_OPTIONS}")
def _ones_like(builder: PlanBuilder, args: Arguments) -> Term:
    return _filled(builder, args, 1)


@operation("aten::fill", "self value")
def _fill(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    return Formula(builder, Constant(BOOL.type(1))).choose(array.like(args.term("value")), array).operand


@operation("aten::full_like", f"self fill_value {_OPTIONS}")
def _full_like(builder: PlanBuilder, args: Arguments) -> Term:
    return _filled(builder, args, args.term("fill_value"))
