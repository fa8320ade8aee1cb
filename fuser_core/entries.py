"""Entries: what a fused function keeps of its calls, and when that gives the right answer again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fuser_core.arguments import ArgSpec, describe_arguments
from fuser_core.kernel_spec import KernelSpec
from fuser_core.program import Program
from fuser_core.recording import Given
from fuser_core.records import frozen
from fuser_core.tracing import TraceResult
from fuser_core.tracing.captures import Captures
from fuser_core.warm import WarmProgram, layout_of_captured, may_warm_up

__all__ = ["MOST_ENTRIES", "Entry", "Served", "Setting", "Unserved", "WarmEntries", "WarmEntry"]

MOST_ENTRIES = 64
"""Traces kept for one kind of arguments: a function that looks at ever new values must not grow for ever."""

_MOST_LAYOUTS = 256
"""Layouts of arguments whose calls are kept ready."""

_MOST_WARM = 4
"""Of one layout: a function may look at the value of a number."""


class Setting(NamedTuple):
    """What decides which backends serve a call: their order, whether compilers may, and which are installed."""

    order: tuple[str, ...] | None
    enabled: bool
    generation: int


@frozen
class Entry:
    """A trace, what it rests on, and its program."""

    captures: Captures
    trace: TraceResult
    captured_spec: ArgSpec
    spec: KernelSpec
    program: Program

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Say whether this entry gives the right answer for these arguments, now."""
        return (
            self.captures.hold()
            and self.trace.holds(arguments)
            and (not self.trace.captured or describe_arguments(self.trace.captured) == self.captured_spec)
            and self.program.accepts([*arguments, *self.trace.captured])
        )

    @property
    def may_warm_up(self) -> bool:
        """Whether calls with arrays of one layout all do the same."""
        return self.captures.volatile is None and may_warm_up(self.program)

    def obstacle(self, arguments: Sequence[Any]) -> str:
        """Return why this entry does not hold, in words."""
        if not self.captures.hold():
            return "something that the function reads from its surroundings has changed"
        if not self.trace.holds(arguments):
            return f"a trace holds only while {' and '.join(map(str, self.trace.guards))}"
        if self.trace.captured and describe_arguments(self.trace.captured) != self.captured_spec:
            return "an array in the function's surroundings has another dtype or rank"
        return f"a trace holds only while {' and '.join(map(str, self.program.plan.guards))}"


class Served(NamedTuple):
    """What served a call, where its kernels were found, and how many seconds went into making them ready."""

    entry: Entry
    origin: str
    preparation: float = 0.0


class Unserved(NamedTuple):
    """Why the function itself was called."""

    reason: str


@frozen
class WarmEntry:
    """An entry whose program is ready for arguments of one layout, under one setting.

    Attributes:
        captured: The layout of the arrays in the function's surroundings.
        dynamic: Positions of the arguments that the program takes: arrays and numbers.
    """

    entry: Entry
    setting: Setting
    program: WarmProgram
    captured: tuple[Any, ...] | None
    dynamic: tuple[int, ...]

    def _taken(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return what of a call's arguments the program takes."""
        return values if len(self.dynamic) == len(values) else [values[position] for position in self.dynamic]

    def holds(self, setting: Setting, values: Sequence[Any]) -> bool:
        """Say whether it gives the right answer for a call with arguments of its layout, now."""
        entry = self.entry
        if self.setting != setting or not entry.captures.hold() or not entry.trace.holds(self._taken(values)):
            return False
        return not entry.trace.captured or self.captured == layout_of_captured(entry.trace.captured)

    def given(self, args: Sequence[Any]) -> list[Given]:
        """Sort the arguments of a call: which the program takes, and which must be the very object."""
        looked_at = {self.dynamic[position] for position in self.entry.trace.looked_at if position < len(self.dynamic)}
        taken = frozenset(self.dynamic)
        return [
            Given(arg, position in taken, position not in taken or type(arg) is bool or position in looked_at)
            for position, arg in enumerate(args)
        ]

    def run(self, values: Sequence[Any], threads: int) -> list[Any]:
        """Run its program; see `Program.run`."""
        return self.program.run([*self._taken(values), *self.entry.trace.captured], threads)


class WarmEntries:
    """The warm entries of one fused function, by the layout of the arguments."""

    def __init__(self) -> None:
        self._entries: dict[Any, tuple[WarmEntry, ...]] = {}

    def find(self, key: Any, setting: Setting, values: Sequence[Any]) -> WarmEntry | None:
        """Return the one that gives the right answer for a call, now."""
        for entry in self._entries.get(key, ()):
            if entry.holds(setting, values):
                return entry
        return None

    def keep(self, key: Any, entry: WarmEntry) -> None:
        """Keep one for calls to come."""
        if len(self._entries) >= _MOST_LAYOUTS:
            self._entries.clear()
        self._entries[key] = (entry, *self._entries.get(key, ()))[:_MOST_WARM]
