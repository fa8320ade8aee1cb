"""Preparing: from a warm entry on a device to a prepared call, by writing the call down and asking for its launches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from fuser_core.arrays import ArrayKind, DeviceDesc, located
from fuser_core.device_program import DeviceProgram
from fuser_core.entries import Served, WarmEntry
from fuser_core.outputs import rebuild
from fuser_core.prepared import MISPLACED, PreparedCall, read_call
from fuser_core.prepared_table import Table
from fuser_core.recording import Surroundings, record
from fuser_core.tracing import TraceResult
from fuser_core.tree import LEAF
from fuser_core.watches import Watch, holder

__all__ = ["PreparedCalls"]

_LARGE = 1 << 30
"""Bytes of an array with which a device is busy for as long as any call takes, so that no time is to be won: at 3 TB/s,
those of an H100, some 0.3 ms, where other warm calls take 0.04 to 0.2."""

_MOST_KEYS = 256
_MOST_CALLS = 4
"""Of one key: a function may look at the value of a number."""

_MOST_OFFERS = 4
"""Of one kind of call: settings may have changed and be back."""


class PreparedCalls:
    """The prepared calls of one fused function.

    Attributes:
        calls: By key; more than one where a function looks at the value of a number.
    """

    def __init__(self) -> None:
        self.calls: dict[tuple[Any, ...], tuple[PreparedCall, ...]] = {}
        self._offers: dict[tuple[Any, ...], tuple[WarmEntry, int]] = {}

    def find(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[PreparedCall, Sequence[Any], list[Any]] | None:
        """Return what serves a call, if anything does, with all arguments and the table that is begun for them."""
        read = read_call(args, kwargs)
        if read is not None:
            key, values, table = read
            for call in self.calls.get(key, ()):
                if call.takes(table):
                    return call, values, table
        return None

    def offer(
        self,
        warm: WarmEntry,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        threads: int,
        watches: Callable[[], Sequence[Watch]],
    ) -> None:
        """Have calls like this one prepared from now on, if that can be; the first offer runs the program once more.

        Args:
            warm: What serves it.
            args: Its positional arguments.
            kwargs: The others.
            threads: The most threads to use.
            watches: Returns what to watch of the settings.
        """
        read = read_call(args, kwargs)
        if read is None:
            return
        kind = id(warm), read[0]
        _, offers = self._offers.get(kind, (warm, 0))
        if offers == _MOST_OFFERS or (offers and read[0] not in self.calls):  # it was refused
            return
        if len(self._offers) >= _MOST_KEYS:
            self._offers.clear()
            self.calls.clear()
        self._offers[kind] = warm, offers + 1  # the entry lives as long as its identity is the key
        call = _prepare(warm, read[1], threads, watches())
        if call is not None:
            self.calls[read[0]] = (call, *self.calls.get(read[0], ()))[:_MOST_CALLS]


def _prepare(warm: WarmEntry, args: Sequence[Any], threads: int, watches: Sequence[Watch]) -> PreparedCall | None:
    """Return a call with everything ready, or ``None`` where it cannot be."""
    entry = warm.entry
    trace, program = entry.trace, entry.program
    plugins = {group.compiled.plugin for group in program.groups}
    values = [arg if (desc := located(arg)) is None else desc for arg in args]
    captured = [located(array) for array in trace.captured]
    arrays = [each for each in (*values, *captured) if type(each) is DeviceDesc]
    if not isinstance(program, DeviceProgram) or len(plugins) != 1 or None in captured:
        return None
    if len({each.kind for each in arrays}) != 1 or len({each.stream for each in arrays}) != 1:
        return None
    given = warm.given(values)
    call = record(program, given, threads, Surroundings(None, (), trace.captured, ()), large=_LARGE, entry=False)
    table = None if call is None else Table(call, [*values, *captured], arrays[0])
    launches = None if table is None else table.launches(*plugins)
    if table is None or launches is None:
        return None
    return PreparedCall(
        Served(entry, "hit"),
        holder([*entry.captures.watches, *watches]),
        tuple((place, repr(each.value)) for place, each in enumerate(given) if each.taken and each.exactly),
        tuple(_captured(each) for each in captured if each is not None),
        next(place for place, value in enumerate(values) if value is arrays[0]),
        arrays[0].kind.stream,
        table.made(),
        table.derived(),
        launches,
        _returned(trace),
        lambda args: rebuild(trace, warm.run(args, threads), None),
    )


def _returned(trace: TraceResult) -> Callable[[list[Any]], Any]:
    """Return what makes of all results what a function returns: one of them, a tuple, or any tree."""
    places = [place for place, _ in trace.leaves]
    parts = trace.structure[1:] if trace.structure[0] is tuple and len(places) > 1 else [trace.structure]
    if None not in places and all(part == LEAF for part in parts):
        return itemgetter(*places)
    return lambda results: rebuild(trace, results, None)


def _captured(desc: DeviceDesc) -> tuple[ArrayKind, Any, Any, int]:
    seen = desc.kind.peek(desc.owner)
    assert seen is not None
    return desc.kind, desc.owner, seen[0], seen[1] & MISPLACED
