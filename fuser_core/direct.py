"""Direct calls: warm calls that a backend serves in machine code, without a frame of Python in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fuser_core.backend import CallEntry, Container, Decline
from fuser_core.entries import Entry, WarmEntry
from fuser_core.memory import LARGE
from fuser_core.plugin import Plugin
from fuser_core.recording import Surroundings, record
from fuser_core.tree import LEAF
from fuser_core.watches import Watch

__all__ = ["DirectCalls"]


_MOST_OFFERED = 256

_FIRST_AGAIN, _LAST_AGAIN = 8, 512
"""Calls after which one that was refused is offered again: 8, 64 and 512."""


class _Offer:
    """Calls that were offered: refused ones may have been measured while the machine was busy."""

    def __init__(self, warm: WarmEntry) -> None:
        self._warm = warm  # whose identity is the key
        self._calls, self._due = 0, _FIRST_AGAIN
        self.is_open = True

    def is_due(self) -> bool:
        """Count a call that Python serves, and say whether to offer again."""
        self._calls += 1
        if not self.is_open or self._calls < self._due:
            return False
        self._due *= _FIRST_AGAIN
        return self._due <= _LAST_AGAIN * _FIRST_AGAIN


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
        self._offered: dict[int, _Offer] = {}
        self._served: dict[int, WarmEntry] = {}

    @property
    def last(self) -> Entry | None:
        """The entry whose program served the last call; ``None`` when Python did."""
        number = None if self._entry is None else self._entry.served
        return None if number is None else self._served[number].entry

    def forget(self) -> None:
        """Note that Python serves a call."""
        if self._entry is not None:
            self._entry.served = None

    def knows(self, warm: WarmEntry) -> bool:
        """Say whether the calls that this serves need not be offered now; what was refused is offered again, later."""
        offer = self._offered.get(id(warm))
        return offer is not None and not offer.is_due()

    def offer(
        self, warm: WarmEntry, names: tuple[str, ...], args: Sequence[Any], threads: int, setting: Sequence[Watch]
    ) -> None:
        """Have calls like this one served directly from now on, if that can be.

        Args:
            warm: What serves it.
            names: Of the last arguments, those that are keywords.
            args: Its arguments.
            threads: The most threads to use.
            setting: What to watch of the settings.
        """
        if len(self._offered) >= _MOST_OFFERED:
            self._offered.clear()
        offer = self._offered.setdefault(id(warm), _Offer(warm))
        entry = warm.entry
        plugins = {group.compiled.plugin for group in entry.program.groups}
        if not _is_plain(entry) or len(plugins) != 1 or not self._ask(*plugins):
            offer.is_open = False
            return
        watches = (*entry.captures.watches, *setting)
        surroundings = Surroundings(_container(entry.trace.structure), names, entry.trace.captured, watches)
        call = record(entry.program, warm.given(args), threads, surroundings, large=LARGE, entry=True)
        assert self._entry is not None
        number = None if call is None else self._entry.add(call)
        offer.is_open = call is not None and number is None
        if number is not None:
            if number in self._served:  # which is forgotten now
                self._offered.pop(id(self._served[number]), None)
            self._served[number] = warm
            self._install(self._entry)

    def _ask(self, plugin: Plugin) -> bool:
        """Say whether a backend serves calls of this function; the first that is asked for one that it can."""
        if self._entry is None:
            made = plugin.entry(self._slow)
            if isinstance(made, Decline):
                return False
            self._entry, self._plugin = made, plugin
        return plugin is self._plugin


def _is_plain(entry: Entry) -> bool:
    """Say whether the function returns its results once each and in order: one, or several in one container."""
    if [position for position, _ in entry.trace.leaves] != list(range(len(entry.program.plan.outputs))):
        return False
    return entry.trace.structure == LEAF or all(part == LEAF for part in _parts(entry.trace.structure))


def _parts(structure: Any) -> tuple[Any, ...]:
    parts: tuple[Any, ...] = structure[2 if structure[0] is dict else 1 :]
    return parts


def _container(structure: Any) -> Container | None:
    if structure == LEAF:
        return None
    return Container(structure[0], structure[1] if structure[0] is dict else ())
