"""Direct calls: warm calls that a backend serves in machine code, without a frame of Python in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fuser_core.backend import CallEntry, Decline
from fuser_core.entries import Entry, WarmEntry
from fuser_core.plugin import Plugin
from fuser_core.recording import Surroundings, record
from fuser_core.tree import LEAF
from fuser_core.warm import NUMBERS
from fuser_core.watches import Watch

__all__ = ["DirectCalls"]


WarmKey = tuple[Any, tuple[str, ...]]

_MOST_OFFERED = 256


class DirectCalls:
    """The warm calls of one fused function that a backend serves by itself."""

    def __init__(self, slow: Callable[..., Any], install: Callable[[CallEntry], None]) -> None:
        """Begin with none.

        Args:
            slow: Serves every call.
            install: Lets an entry serve the calls that come.
        """
        self._slow, self._install = slow, install
        self._plugin: Plugin | None = None
        self._entry: CallEntry | None = None
        self._offered: dict[WarmKey, WarmEntry] = {}
        self._served: dict[int, tuple[WarmKey, Entry]] = {}

    @property
    def last(self) -> Entry | None:
        """The entry whose program served the last call; ``None`` when Python did."""
        number = None if self._entry is None else self._entry.served
        return None if number is None else self._served[number][1]

    def forget(self) -> None:
        """Note that Python serves a call."""
        if self._entry is not None:
            self._entry.served = None

    def knows(self, key: WarmKey, warm: WarmEntry) -> bool:
        """Say whether such calls were offered already, with what serves them."""
        return self._offered.get(key) is warm

    def offer(self, key: WarmKey, warm: WarmEntry, args: Sequence[Any], threads: int, setting: Sequence[Watch]) -> None:
        """Have calls like this one served directly from now on, if that can be.

        Args:
            key: The layout of its arguments, and the names of those that are keywords.
            warm: What serves it.
            args: Its arguments, arrays and numbers.
            threads: The most threads to use.
            setting: What to watch of the settings.
        """
        if len(self._offered) >= _MOST_OFFERED:
            self._offered.clear()
        self._offered[key] = warm
        entry = warm.entry
        several = _is_tuple(entry)
        plugins = {group.compiled.plugin for group in entry.program.groups}
        looks = entry.trace.guards and any(type(arg) in NUMBERS for arg in args)  # at the value of a number
        if several is None or looks or len(plugins) != 1 or not self._ask(*plugins):
            return
        watches = (*entry.captures.watches, *setting)
        surroundings = Surroundings(several, key[1], entry.trace.captured, watches)
        call = record(entry.program, args, threads, surroundings)
        assert self._entry is not None
        number = None if call is None else self._entry.add(call)
        if number is not None:
            if number in self._served:  # which is forgotten now
                self._offered.pop(self._served[number][0], None)
                self._offered[key] = warm
            self._served[number] = key, entry
            self._install(self._entry)

    def _ask(self, plugin: Plugin) -> bool:
        """Say whether a backend serves calls of this function; the first that is asked for one that it can."""
        if self._entry is None:
            made = plugin.entry(self._slow)
            if isinstance(made, Decline):
                return False
            self._entry, self._plugin = made, plugin
        return plugin is self._plugin


def _is_tuple(entry: Entry) -> bool | None:
    """Say whether the function returns a tuple of its results; ``None`` for anything but that and one array."""
    if [position for position, _ in entry.trace.leaves] != list(range(len(entry.program.plan.outputs))):
        return None
    structure = entry.trace.structure
    if structure == LEAF:
        return False
    return True if structure == (tuple, *[LEAF] * len(entry.trace.leaves)) else None
