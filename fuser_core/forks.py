"""Forks: a child has its parent's memory, locks included, but of its threads only the one that forked.

A lock that another thread held stays locked in the child for ever: one of ours, one of a compiler's library, or
Python's own lock of a module that is being imported. So a fork waits until no other thread is inside such work
(`undivided`), and what holds locks of its own makes new ones in the child (`in_child`).
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

__all__ = ["in_child", "undivided"]

_PATIENCE = 3.0
"""Seconds that a fork waits at most: should such work wait for the very thread that forks, nothing hangs for ever."""

_MOST_HANDLERS = 100

_changed = threading.Condition()
_inside: dict[int, int] = {}
"""By thread, how many `undivided` blocks it is in; guarded by ``_changed``."""
_waiting: set[int] = set()
"""The threads that are about to fork; guarded by ``_changed`` too."""

_modules: list[int] = []
"""How many modules there were each time that `_before_fork` was registered; guarded by ``_changed`` too."""


class _Fork(threading.local):
    """The fork that this thread makes just now."""

    begun = False


_fork = _Fork()


@contextlib.contextmanager
def undivided() -> Iterator[None]:
    """Do what a fork by another thread must not cut in two: imports, and compilation. Blocks may be nested."""
    thread = threading.get_ident()
    with _changed:
        if thread not in _inside:
            _changed.wait_for(lambda: not _waiting, _PATIENCE)  # else there might always be somebody inside
        _inside[thread] = _inside.get(thread, 0) + 1
    try:
        yield
    finally:
        with _changed:
            _inside[thread] -= 1
            if not _inside[thread]:
                del _inside[thread]
                _come_first()
                _changed.notify_all()


def in_child(function: Callable[[], None]) -> Callable[[], None]:
    """Call the decorated function in every forked child, before any other code of ours runs there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
    return function


def _come_first() -> None:
    """Register to wait before what was imported since then: who is registered last is called first.

    Others take locks before a fork, `logging` for one. If we waited after that, it would be for work that needs them.
    """
    modules = len(sys.modules)
    if hasattr(os, "register_at_fork") and modules not in _modules and len(_modules) < _MOST_HANDLERS:
        _modules.append(modules)
        os.register_at_fork(before=_before_fork)


def _nobody_else() -> bool:
    return not _inside.keys() - {threading.get_ident()}


def _before_fork() -> None:
    if not _fork.begun:  # else it is registered more than once
        _fork.begun = True
        _changed.acquire()
        _waiting.add(threading.get_ident())
        _changed.wait_for(_nobody_else, _PATIENCE)


def _after_fork_in_parent() -> None:
    _fork.begun = False
    _waiting.discard(threading.get_ident())
    _changed.notify_all()
    _changed.release()


def _after_fork_in_child() -> None:
    global _changed  # noqa: PLW0603 - the old one may have waiters that are not here
    _changed = threading.Condition()
    _fork.begun = False
    _waiting.clear()
    own = _inside.get(threading.get_ident())
    _inside.clear()
    if own is not None:
        _inside[threading.get_ident()] = own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
    _come_first()
