"""Array API libraries in a function's surroundings: what stands in a trace for them, their functions and dtypes.

A function that is written for such a library (``import array_api_strict as xp``) calls the library's own functions,
which know no traced arrays. The standard says what they do, so the namespace of traced arrays takes their place. Arrays
of such a library are inputs of the trace, as NumPy's are.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from fuser_core.arrays.host_arrays import host_library, host_view

__all__ = ["in_place_of", "is_of_the_standard", "is_substituted"]

_STRICT = "array_api_strict"
_COMPATIBLE = "array_api_compat."
_EXTENSIONS = frozenset({"fft", "linalg"})
_TRUSTED = frozenset({_STRICT, "array_api_compat", "array_api_extra"})


def is_of_the_standard(value: object) -> bool:
    """Say whether a function belongs to a library that is written for the standard alone: its code need not be read."""
    module = str(getattr(value, "__module__", None) or "")
    return module.partition(".")[0] in _TRUSTED or ".array_api_compat." in module


def is_substituted(value: object) -> bool:
    """Say whether something else has to stand for a value in a trace."""
    if isinstance(value, types.ModuleType):
        return _namespace_of(value.__name__) is not None
    root = str(getattr(type(value), "__module__", "")).partition(".")[0]
    if root == _STRICT or (isinstance(value, types.FunctionType) and str(value.__module__).startswith(f"{_STRICT}.")):
        return True
    return host_library(value) is not None


def in_place_of(value: Any) -> Any:
    """Return what stands for a value: the namespace of traced arrays, one of its functions or dtypes, NumPy's array.

    Raises:
        AttributeError: The standard has none of it.
    """
    from fuser_core.tracing.namespace import namespace

    own = namespace()
    if isinstance(value, types.ModuleType):
        extension = _namespace_of(value.__name__)
        return getattr(own, extension) if extension else own
    if host_library(value) is not None:
        return host_view(value)
    strict = sys.modules[_STRICT]
    found = next((name for name in dir(own) if getattr(strict, name, None) is value), None)
    for extension in () if found else sorted(_EXTENSIONS):
        name = getattr(value, "__name__", "")
        if getattr(getattr(strict, extension), name, None) is value:
            return getattr(getattr(own, extension), name)
    return value if found is None else getattr(own, found)


def _namespace_of(module: str) -> str | None:
    """Return which part of the standard a module has: ``""`` for its main one; ``None`` for no such module."""
    name, _, last = module.rpartition(".")
    main = name if last in _EXTENSIONS else module
    if main != _STRICT and not (main.startswith(_COMPATIBLE) and hasattr(sys.modules.get(main), "isdtype")):
        return None
    return last if last in _EXTENSIONS else ""
