"""What may be baked into a trace: values that cannot change as long as they are the same object."""

from __future__ import annotations

import enum
import types

import numpy as np

from fuser_core.arrays import described
from fuser_core.foreign import OpaqueFunction
from fuser_core.watches import MISSING

__all__ = ["is_array", "is_immutable", "is_stable", "is_trusted_namespace"]

_IMMUTABLE = frozenset({bool, int, float, complex, str, bytes, range, type(None), type(Ellipsis)})
_CODE = (types.MethodDescriptorType, types.WrapperDescriptorType, np.ufunc, type(np.sum))
_NAMESPACES = frozenset(
    """
    array_api_compat array_api_extra builtins cmath collections enum functools future__ itertools math numpy numbers
    operator typing
    """.split()
)
"""Modules whose functions give the same result for the same arguments, but for those that are bound to an object.

Without leading underscores: ``operator`` and ``_operator`` are one."""


_IMPURE = (
    *(eval, exec, open, input, globals, locals, vars, getattr, id),
    *(np.load, np.loadtxt, np.genfromtxt, np.fromfile, np.fromregex, np.memmap, np.datetime64),
)
"""Functions of trusted modules whose result depends on more than their arguments, or that read what no code names."""


def is_immutable(value: object) -> bool:
    """Say whether a value has no inside that could change."""
    if isinstance(value, tuple | frozenset):
        return all(map(is_immutable, value))
    if isinstance(value, slice):
        return all(map(is_immutable, (value.start, value.stop, value.step)))
    if isinstance(value, np.generic | np.dtype | enum.Enum):
        return True
    return type(value) in _IMMUTABLE or _is_plain_class(value)  # a subclass may have attributes


def is_stable(value: object) -> bool:
    """Say whether a value read from a function's surroundings is what it was, if it is the same object."""
    if any(value is impure for impure in _IMPURE) or _module_of(value).startswith("numpy.random"):
        return False
    if value is MISSING or is_immutable(value) or isinstance(value, (*_CODE, OpaqueFunction)):
        return True
    if isinstance(value, types.BuiltinFunctionType):
        owner = value.__self__
        return owner is None or (isinstance(owner, types.ModuleType) and is_trusted_namespace(owner.__name__))
    if isinstance(value, types.ModuleType):
        return is_trusted_namespace(value.__name__)
    return isinstance(value, types.FunctionType)  # the user's are surveyed themselves, NumPy's are trusted


def is_array(value: object) -> bool:
    """Say whether a value is an array that a trace can take as an input."""
    return not isinstance(value, np.generic) and described(value) is not None


def is_trusted_namespace(name: str) -> bool:
    """Say whether a module's functions are pure as far as its name tells."""
    return name.lstrip("_").partition(".")[0] in _NAMESPACES


def _module_of(value: object) -> str:
    name = getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def _is_plain_class(value: object) -> bool:
    """Say whether a value is a class without state of its own: built in, NumPy's, an exception or a named tuple."""
    if not isinstance(value, type):
        return False
    named_tuple = issubclass(value, tuple) and hasattr(value, "_fields")
    return named_tuple or issubclass(value, BaseException | enum.Enum) or is_trusted_namespace(value.__module__)
