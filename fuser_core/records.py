"""Records: immutable classes of named fields, written like data classes and made in a twentieth of the time.

A first call imports seventy of them. `dataclasses` writes and compiles six functions for each, which was a quarter of
that call. Here one function is compiled, when the first instance is made; making an instance is faster too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal, TypeVar, dataclass_transform

__all__ = ["derived", "frozen", "replace"]

T = TypeVar("T")

_DERIVED = object()


def derived(*, init: Literal[False] = False) -> Any:  # noqa: ARG001 - type checkers read it
    """Stand in the place of a default: ``__post_init__`` sets the field, and it is not given, compared or shown."""
    return _DERIVED


@dataclass_transform(frozen_default=True, field_specifiers=(derived,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class whose annotations name its fields an immutable one with slots, compared and hashed by value.

    It becomes what ``@dataclass(frozen=True, slots=True)`` makes of it, with defaults, inherited fields and
    ``__post_init__``. Methods that the class defines stay. `replace` makes changed copies.

    Raises:
        AttributeError: A field of an instance is assigned or deleted.
    """
    namespace = dict(cls.__dict__)
    own = tuple(cls.__annotations__)
    defaults = {name: namespace.pop(name) for name in own if name in namespace}
    inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__match_args__", ())}
    fields = [*(name for base in cls.__mro__[:0:-1] for name in getattr(base, "__match_args__", ())), *own]
    given = tuple(name for name in dict.fromkeys(fields) if defaults.get(name) is not _DERIVED)
    methods = _methods(given)
    namespace = {**methods, **namespace, "__match_args__": given}
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    if namespace["__hash__"] is None:  # as Python has it where a class defines equality alone
        namespace["__hash__"] = methods["__hash__"]
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__

    def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
        made.__init__ = _initialiser(made, given, defaults)
        made.__init__(self, *args, **kwargs)

    made.__init__ = initialise
    return made  # type: ignore[no-any-return]


def replace(old: T, /, **changes: Any) -> T:
    """Return a record like another but for some fields.

    Raises:
        TypeError: It has no such field.
    """
    names: tuple[str, ...] = type(old).__match_args__  # type: ignore[attr-defined]
    return type(old)(**{**{name: getattr(old, name) for name in names}, **changes})


def _methods(given: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """Return the methods that need no code of their own, for records of these fields."""
    values: Callable[[Any], Any] = attrgetter(*given) if given else type

    def compare(self: Any, other: object) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def hash_values(self: Any) -> int:
        return hash(values(self))

    def show(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in given])})"

    def reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple([getattr(self, name) for name in given])

    return {
        "__eq__": compare,
        "__hash__": hash_values,
        "__repr__": show,
        "__reduce__": reduce,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }


def _refuse(self: Any, name: str, _: object = None) -> None:
    raise AttributeError(f"{type(self).__qualname__} is immutable, so {name!r} stays; make a changed copy by replace()")


def _initialiser(made: type, given: tuple[str, ...], defaults: Mapping[str, Any]) -> Callable[..., None]:
    """Return ``__init__``, written for a record's fields."""
    known: dict[str, Any] = {f"default_{name}": default for name, default in defaults.items()}
    known.update((f"set_{name}", getattr(made, name).__set__) for name in given)
    parameters = [f"{name}=default_{name}" if name in defaults else name for name in given]
    lines = [f"  set_{name}(self, {name})" for name in given]
    if hasattr(made, "__post_init__"):
        lines.append("  self.__post_init__()")
    text = "\n".join([f"def __init__(self, {', '.join(parameters)}):", *(lines or ["  pass"])])
    exec(text, known)  # noqa: S102 - made of the names of fields only
    known["__init__"].__qualname__ = f"{made.__qualname__}.__init__"
    initialiser: Callable[..., None] = known["__init__"]
    return initialiser
