"""Watches: what must still be the same object for an earlier answer to be right.

A watch is data, not a function, so that a backend can ask the same question in machine code.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from types import CellType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from fuser_core.records import frozen

__all__ = ["MISSING", "Reading", "Watch", "hold", "holder", "watch_attribute", "watch_cell", "watch_variable"]

MISSING = object()
"""Stands for a variable that does not exist."""


class Reading(enum.Enum):
    """How Python's state is read: from an owner, by a key where there are several things to read.

    ``ITEM``: a dict, by a key. ``ATTRIBUTE``: an object, by a name. ``CODE``, ``DEFAULTS``, ``KEYWORD_DEFAULTS``: a
    Python function's. ``CELL``: the contents of a closure's cell. ``CONTEXT``: the value of a context variable.
    """

    ITEM = 0
    ATTRIBUTE = 1
    CODE = 2
    DEFAULTS = 3
    KEYWORD_DEFAULTS = 4
    CELL = 5
    CONTEXT = 6


@frozen
class Watch:
    """Something that must still be the same object.

    Attributes:
        reading: How to read it.
        owner: What to read it from.
        key: What to read; ``None`` where there is but one thing.
        expected: What was there: the very object; `MISSING` where nothing was.
    """

    reading: Reading
    owner: Any
    key: str | bytes | None
    expected: Any


def _contents(cell: CellType, _: None) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # still empty
        return MISSING


def _current(variable: ContextVar[Any], _: None) -> Any:
    try:
        return variable.get()
    except LookupError:  # neither set nor with a default
        return MISSING


_READ: Mapping[Reading, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        Reading.ITEM: lambda owner, key: owner.get(key, MISSING),
        Reading.ATTRIBUTE: lambda owner, name: getattr(owner, name, MISSING),
        Reading.CODE: lambda function, _: function.__code__,
        Reading.DEFAULTS: lambda function, _: function.__defaults__,
        Reading.KEYWORD_DEFAULTS: lambda function, _: function.__kwdefaults__,
        Reading.CELL: _contents,
        Reading.CONTEXT: _current,
    }
)


def hold(watches: Sequence[Watch]) -> bool:
    """Say whether everything that is watched is as it was."""
    for watch in watches:  # noqa: SIM110 - on the way of many calls, and all() costs a generator
        if _READ[watch.reading](watch.owner, watch.key) is not watch.expected:
            return False
    return True


_WRITTEN: Mapping[Reading, str] = MappingProxyType(
    {
        Reading.ITEM: "owner{0}.get(key{0}, MISSING)",
        Reading.ATTRIBUTE: "getattr(owner{0}, key{0}, MISSING)",
        Reading.CODE: "owner{0}.__code__",
        Reading.DEFAULTS: "owner{0}.__defaults__",
        Reading.KEYWORD_DEFAULTS: "owner{0}.__kwdefaults__",
        Reading.CELL: "owner{0}.cell_contents",
        Reading.CONTEXT: "owner{0}.get()",
    }
)


def holder(watches: Sequence[Watch]) -> Callable[[], bool]:
    """Return what says what `hold` does, written for these watches, for who asks often."""
    known: dict[str, Any] = {"MISSING": MISSING, "hold": lambda: hold(watches)}
    for place, watch in enumerate(watches):
        known.update({f"owner{place}": watch.owner, f"key{place}": watch.key, f"expected{place}": watch.expected})
    kept = [f"{_WRITTEN[watch.reading].format(place)} is expected{place}" for place, watch in enumerate(watches)]
    lines = ["def holds():", " try:", f"  return {' and '.join(kept) or True}"]
    lines += [" except (ValueError, LookupError):", "  return hold()"]  # an empty cell, a variable without a value
    exec("\n".join(lines), known)  # noqa: S102 - made of numbers only
    holds: Callable[[], bool] = known["holds"]
    return holds


def watch_variable(function: FunctionType, name: str) -> list[Watch]:
    """Return what to watch of a global name that a function reads; the last of them is the one that it finds."""
    space = function.__globals__
    watches = [Watch(Reading.ITEM, space, name, space.get(name, MISSING))]
    if watches[0].expected is MISSING:
        builtins = space.get("__builtins__", {})
        space = builtins if isinstance(builtins, dict) else vars(builtins)
        watches.append(Watch(Reading.ITEM, space, name, space.get(name, MISSING)))
    return watches


def watch_attribute(owner: Any, name: str) -> Watch:
    """Return what to watch of an attribute of a module, class or function."""
    if isinstance(owner, ModuleType) and name in vars(owner):  # a module says of nothing else where it looks
        return Watch(Reading.ITEM, vars(owner), name, vars(owner)[name])
    return Watch(Reading.ATTRIBUTE, owner, name, getattr(owner, name, MISSING))


def watch_cell(cell: CellType) -> Watch:
    """Return what to watch of a variable of the function around a function."""
    return Watch(Reading.CELL, cell, None, _contents(cell, None))
