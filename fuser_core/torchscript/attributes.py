"""Attributes: of what kind those of ``np::`` and ``py::`` operations must be, which ``str(graph)`` printed.

The operations of PyTorch have signatures; these have rules that take what a trace has checked. A text has not been
checked by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import EllipsisType, MappingProxyType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["unfit_attribute"]

_NUMBERS = (bool, int, float, complex)
_REQUIRED = MappingProxyType(
    {"np::getitem": "index", "np::astype": "dtype", "np::clip": "bounds", "py::size": "axis", "np::accumulate": "ufunc"}
)


class _Kind(NamedTuple):
    fits: Callable[[Any], bool]
    words: str


def _is_int(value: object) -> bool:
    return type(value) is int and abs(value) < 2**31


def _is_axes(value: object) -> bool:
    return isinstance(value, tuple) and all(map(_is_int, value))


def _is_index(value: object) -> bool:
    return isinstance(value, tuple) and all(map(_is_index_item, value)) and value.count(Ellipsis) <= 1


def _is_index_item(item: object) -> bool:
    if isinstance(item, slice):
        return all(part is None or _is_int(part) for part in (item.start, item.stop, item.step)) and item.step != 0
    return item is None or isinstance(item, EllipsisType) or _is_int(item)


def _is_name_of_ufunc(value: object) -> bool:
    return isinstance(value, str) and isinstance(getattr(np, value, None), np.ufunc)


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "axis": _Kind(lambda value: value is None or _is_int(value) or _is_axes(value), "an integer, several or None"),
        "axes": _Kind(lambda value: value is None or _is_axes(value), "a tuple of integers or None"),
        "keepdims": _Kind(lambda value: type(value) is bool, "True or False"),
        "dtype": _Kind(lambda value: value is None or isinstance(value, np.dtype), "a dtype such as dtype('float32')"),
        "index": _Kind(_is_index, "a tuple of integers, slices, None and one Ellipsis"),
        "bounds": _Kind(lambda value: value in (("low",), ("high",), ("low", "high")), "('low',), ('high',) or both"),
        "type": _Kind(lambda value: value in _NUMBERS, "bool, int, float or complex"),
        "ufunc": _Kind(_is_name_of_ufunc, "the name of a ufunc of NumPy"),
    }
)


def unfit_attribute(op: str, attributes: Mapping[str, Any]) -> str | None:
    """Return which attribute of an operation is missing or of another kind than it must be, in words."""
    required = "type" if op.startswith("py::") and op != "py::size" else _REQUIRED.get(op)
    if required is not None and attributes.get(required) is None:
        return f"{op} needs the attribute {required}, {_KINDS[required].words}"
    for name, value in attributes.items():
        kind = _KINDS.get(name)
        if kind is not None and not kind.fits(value):
            return f"the attribute {name} of {op} is {value!r}; give it {kind.words}"
    if op == "py::size" and not _is_int(attributes["axis"]):
        return f"the attribute axis of {op} is {attributes['axis']!r}; give it an integer"
    return None
