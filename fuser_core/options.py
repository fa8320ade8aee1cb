"""Options of backends: what a user sets by name, and the typed record that a backend gets.

A backend states a class as ``OPTIONS``, a named tuple or a frozen data class in which every field has a default::

    class Options(NamedTuple):
        unroll: int = 4
        order: Literal["rows", "columns"] = "rows"

    OPTIONS = Options

A user sets them by the backend's name, ``fuse(options={"my_backend": {"unroll": 8}})``, and ``compile`` gets an
instance as ``options.own``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from fuser_core.errors import ArgumentError

__all__ = ["Settings", "defect_of", "read_settings", "settle"]

Settings = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]
"""By backend and then by option, in the order of names, what the user set."""

_TYPES = (bool, int, float, str)


def read_settings(given: Any) -> Settings:
    """Return what was given to `fuse`, so that it can be a key.

    Raises:
        ArgumentError: It is not a mapping from names of backends to mappings from names of options to plain values.
    """
    if given is None:
        return ()
    if not isinstance(given, Mapping) or not all(isinstance(own, Mapping) for own in given.values()):
        raise ArgumentError(
            f'options={given!r} is no mapping of mappings; write options={{"backend": {{"option": value}}}}'
        )
    for backend, own in given.items():
        for name, value in own.items():
            if type(value) not in _TYPES:
                raise ArgumentError(
                    f"the option {name!r} of {backend!r} is {value!r}; options are truth values, integers, floats and "
                    "texts"
                )
    return tuple((str(backend), tuple(sorted(own.items()))) for backend, own in sorted(given.items()))


def settle(backend: str, kind: Any, settings: Settings) -> Any:
    """Return the options of one backend.

    Args:
        backend: Its name.
        kind: What it states as ``OPTIONS``; ``None`` where it states nothing.
        settings: What the user set for any backend.

    Returns:
        An instance of ``kind``, or ``None``.

    Raises:
        ArgumentError: The backend has no such option, or not with such a value.
    """
    own = dict(next((own for name, own in settings if name == backend), ()))
    if kind is None:
        if own:
            raise ArgumentError(f"the backend {backend!r} has no options, and {', '.join(own)} was set for it")
        return None
    hints = _hints(kind)
    for name, value in own.items():
        if name not in hints:
            raise ArgumentError(f"the backend {backend!r} has no option {name!r}; it has {', '.join(hints)}")
        if not _fits(value, hints[name]):
            raise ArgumentError(
                f"the option {name!r} of the backend {backend!r} is {value!r}; it takes {_words(hints[name])}"
            )
    try:
        return kind(**own)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"the backend {backend!r} refuses the options {own!r}: {error}") from error


def defect_of(kind: Any) -> str:
    """Return what is wrong with a class as ``OPTIONS``, in words; empty when nothing is.

    Raises:
        Exception: Whatever the class raises.
    """
    if not isinstance(kind, type):
        return f"its OPTIONS are {kind!r}; write a class, a named tuple or a frozen data class"
    hints = _hints(kind)
    odd = [name for name, hint in hints.items() if not _words(hint)]
    if odd or not hints:
        return f"its OPTIONS have {odd[0] if odd else 'no fields'}; annotate fields as bool, int, float, str or Literal"
    try:
        hash(kind())
    except TypeError as error:
        return f"its OPTIONS cannot be made without arguments, or not hashed: {error}; give every field a default"
    return ""


def _hints(kind: type) -> dict[str, Any]:
    names = getattr(kind, "_fields", None) or getattr(kind, "__dataclass_fields__", {})
    hints = get_type_hints(kind)
    return {name: hints.get(name) for name in names}


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return any(type(value) is type(each) and value == each for each in get_args(hint))
    return type(value) is hint or (hint is float and type(value) is int)


def _words(hint: Any) -> str:
    """Return what a field takes, in words; empty where fields may not be such."""
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(repr, get_args(hint)))}"
    words = {bool: "True or False", int: "an integer", float: "a number", str: "a text"}
    return words.get(hint, "") if isinstance(hint, type) else ""
