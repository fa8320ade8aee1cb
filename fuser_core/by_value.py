"""Fused functions that travel by value: what cloudpickle sends of one that another process cannot import.

Plain pickle names a function, as it does for Python's own. What arrives by value is known again by its content, so a
worker that gets the same function with every task traces and compiles it once.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fuser_core.forks import undivided

if TYPE_CHECKING:
    from fuser_core.fused import FusedFunction, FuseOptions

__all__ = ["pickled_by_value", "restore"]

_MOST_RESTORED = 256

_lock = threading.RLock()  # a recursive function is restored while it is
_restored: dict[tuple[Any, bytes], Any] = {}
_unfinished: dict[str, Any] = {}
"""Functions that are being sent or made right now: a recursive one reads itself."""


def pickled_by_value(function: FusedFunction[..., Any], depth: int) -> tuple[Any, ...] | None:
    """Return how cloudpickle, if it is what asks, makes a function again; ``None`` where its name is enough.

    Args:
        function: The function.
        depth: How many frames above this one the pickler's is.
    """
    asking = str(sys._getframe(depth).f_globals.get("__name__"))  # noqa: SLF001 - no pickler says who it is
    if asking.rpartition(".")[2] != "cloudpickle" or _is_importable(function):
        return None
    name = f"{function.__module__}.{function.__qualname__}"
    if _unfinished.get(name) is function:
        return _itself, (name,)
    _unfinished[name] = function
    try:
        payload = import_module(asking).dumps(function.__wrapped__)
    finally:
        del _unfinished[name]
    return restore, (name, function._options, payload)  # noqa: SLF001 - a part of it


def restore(name: str, options: FuseOptions, payload: bytes) -> Any:
    """Return a function that came by value; the one that came before, if it was the same."""
    key = options, payload
    with undivided(), _lock:
        if key not in _restored:
            if len(_restored) >= _MOST_RESTORED:
                _restored.clear()
            _restored[key] = _make(name, options, payload)
        return _restored[key]


def _make(name: str, options: FuseOptions, payload: bytes) -> Any:
    import pickle  # whoever gets here has it

    from fuser_core.fused import FusedFunction

    made = FusedFunction.__new__(FusedFunction)
    before, _unfinished[name] = _unfinished.get(name), made
    try:
        made.__init__(pickle.loads(payload), options)  # type: ignore[misc]  # noqa: S301 - sent by us
    finally:
        _unfinished[name] = before
    return made


def _itself(name: str) -> Any:
    """Return a function that is being made: it reads itself."""
    return _unfinished[name]


def _is_importable(function: FusedFunction[..., Any]) -> bool:
    """Say whether a function's module and name lead to it, in other processes too."""
    if function.__module__ == "__main__":
        return False
    found: Any = sys.modules.get(function.__module__)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function
