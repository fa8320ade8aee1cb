"""Constants: what the value of a ``prim::Constant`` is, given its type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.semantics.aten.casts import SCALAR_TYPES
from fuser_core.torchscript.literals import Braced, number

__all__ = ["constant_value", "tensor_dtype"]

_TENSORS: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {
        name: SCALAR_TYPES[code]
        for name, code in {
            "Byte": 0,
            "Char": 1,
            "Short": 2,
            "Int": 3,
            "Long": 4,
            "Half": 5,
            "Float": 6,
            "Double": 7,
            "ComplexFloat": 9,
            "ComplexDouble": 10,
            "Bool": 11,
        }.items()
    }
)
"""PyTorch's names of tensors with a known dtype."""


def tensor_dtype(type_: str) -> np.dtype[Any] | None:
    """Return the dtype in a type such as ``Float(3, 4)``, if it has one."""
    return _TENSORS.get(type_.partition("(")[0])


def constant_value(value: Any, type_: str) -> Any:
    """Return a constant as Python has it: ``1`` of type ``bool`` is ``True``, ``{1}`` of type ``Long()`` an int64.

    Raises:
        ValueError: The value is not of this type.
    """
    if isinstance(value, Braced):
        dtype = tensor_dtype(type_)
        if dtype is None:
            raise ValueError(f"a tensor constant needs a type with a dtype, such as Float(); its type is {type_!r}")
        try:
            with np.errstate(all="ignore"):  # nan of type Long() is what PyTorch's conversion makes of it
                return np.asarray(number(value.number)).astype(dtype)[()]
        except (OverflowError, TypeError) as error:
            raise ValueError(f"{{{value.number!r}}} is no {type_}: {error}") from error
    if isinstance(value, tuple):
        return tuple(constant_value(item, type_.removesuffix("[]")) for item in value)
    if type(value) is int and type_ == "bool":
        return bool(value)
    if type(value) is int and type_ == "float":
        try:
            return float(value)
        except OverflowError as error:
            raise ValueError(f"the constant is no float: {error}") from error
    return value
