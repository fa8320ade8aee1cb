"""Asking: which plugins' hooks run in this thread, so that none waits for its own answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from fuser_core.errors import PluginHookError

__all__ = ["asking", "refuse_hooks"]


class _Asked(threading.local):
    """The plugins whose hooks run in this thread."""

    def __init__(self) -> None:
        self.plugins: tuple[object, ...] = ()


_asked = _Asked()


@contextlib.contextmanager
def asking(plugin: object) -> Iterator[None]:
    """Note that a plugin's hook runs.

    Raises:
        PluginHookError: One of it does already.
    """
    before = _asked.plugins
    if plugin in before:
        raise PluginHookError("the plugin is asked again before it has answered")
    _asked.plugins = (*before, plugin)
    try:
        yield
    finally:
        _asked.plugins = before


def refuse_hooks() -> None:
    """Refuse to go on if a hook runs in this thread: what it asked for could wait for its own answer for ever.

    Raises:
        PluginHookError: One does. It goes back through the hook, and is a defect of the plugin there.
    """
    if _asked.plugins:
        raise PluginHookError("a hook calls a fused function, or runs a graph, that may have to be compiled first")
