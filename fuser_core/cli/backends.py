"""``fuser-core backends``: what is installed, in the order of asking, and why something is not used."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from fuser_core import flags
from fuser_core.backend import Accept, Decline, Device
from fuser_core.cli.layout import fold, table
from fuser_core.config import backend_order
from fuser_core.discovery import BackendRecord, State, registry
from fuser_core.errors import FuserWarning
from fuser_core.selection import Candidates, Policy, select_backends

__all__ = ["list_backends"]

_KINDS = ("cpu", "cuda")


@dataclass(frozen=True, slots=True)
class _Row:
    """One backend, as it is shown.

    Attributes:
        state: ``ready``; ``unused``, where the settings leave it out; ``unusable``, where it serves no device of this
            machine; ``wrong``, where a trial of it failed; ``off`` or ``failed``, where it is not loaded.
        reason: Why it is not ready.
        devices: The kinds of devices that it can serve.
        order: By kind of device, how many backends are asked up to this one.
        declined: By kind of device, why it cannot serve it.
        notes: By kind of device, what it tells of how it serves it.
        trial: What came of a trial of it; ``None`` where there was none.
        defects: What it did wrong while it was asked, and tried.
    """

    name: str
    state: str
    reason: str
    role: str | None
    priority: int | None
    distribution: str
    version: str | None
    devices: list[str]
    order: dict[str, int]
    declined: dict[str, str]
    notes: dict[str, str]
    trial: str | None
    defects: list[str]


def list_backends(*, as_json: bool, check: bool) -> int:
    """Print the backends and return the exit status: 1 when none is ready, or one that was checked is wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FuserWarning)  # what is wrong with a backend stands in its row
        rows = sorted(_rows(check=check), key=lambda row: (not row.order, sorted(row.order.values()), row.name))
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print("\n".join(_lines(rows)))
    sound = not check or not any(row.defects or row.state in ("failed", "wrong") for row in rows)
    return 0 if sound and any(row.state == "ready" for row in rows) else 1


def _rows(*, check: bool) -> Iterator[_Row]:
    records = registry.records()
    chosen = {
        kind: select_backends(records, Policy(backend_order(), enabled=flags.enabled(Device(kind))), Device(kind))
        for kind in _KINDS
    }
    for record in records:
        yield _row(record, chosen, check=check)


def _row(record: BackendRecord, chosen: Mapping[str, Candidates], *, check: bool) -> _Row:
    plugin = record.plugin
    distribution, version = _provider(record)
    if plugin is None:
        state = "off" if record.state is State.DISABLED else "failed"
        reason = record.reason.removeprefix(f"{record.distribution}: ")
        return _Row(record.name, state, reason, None, None, distribution, version, [], {}, {}, {}, None, [])
    verdicts = {kind: plugin.has_fusion_backend(Device(kind)) for kind in chosen}
    declined = {kind: verdict.reason for kind, verdict in verdicts.items() if isinstance(verdict, Decline)}
    notes = {kind: verdict.note for kind, verdict in verdicts.items() if isinstance(verdict, Accept) and verdict.note}
    devices = [kind for kind in chosen if kind not in declined]
    order = {kind: chosen[kind].plugins.index(plugin) + 1 for kind in devices if plugin in chosen[kind].plugins}
    left_out = [why for kind in devices for name, why in chosen[kind].refused if name == record.name]
    state = "ready" if order else "unused" if devices else "unusable"
    right, trial = _try(record.name) if check and "cpu" in order else (True, None)
    state = state if right else "wrong"
    why = {
        "wrong": [],
        "ready": [],
        "unused": left_out,
        "unusable": [f"{kind}: {why}" for kind, why in declined.items()],
    }[state]
    return _Row(
        record.name,
        state,
        "; ".join(dict.fromkeys(why)),
        plugin.role.value,
        plugin.priority,
        distribution,
        version,
        devices,
        order,
        declined,
        notes,
        trial,
        plugin.defects,
    )


def _try(name: str) -> tuple[bool, str]:
    from fuser_core.cli.trial import try_backend  # which loads what compiles

    return try_backend(name)


def _provider(record: BackendRecord) -> tuple[str, str | None]:
    """Return the name and the version of a distribution; what is not one, as it is said."""
    name, _, version = record.distribution.partition(" ")
    return (name, version) if version and " " not in version else (record.distribution, None)


def _lines(rows: list[_Row]) -> Iterator[str]:
    if not rows:
        yield "No backend is installed. Reinstall fuser-core, whose fallback is always there."
        return
    header = ("backend", "role", "state", "asked", "version", "distribution")
    cells = [
        (row.name, row.role or "", row.state, _asked(row.order), row.version or "", row.distribution) for row in rows
    ]
    first, *lines = table([header, *cells])
    yield first
    for row, line in zip(rows, lines, strict=True):
        yield line
        yield from fold(row.reason, "    ")
        for note in (*dict.fromkeys(row.notes.values()), row.trial or "", *(row.defects if row.trial else ())):
            yield from fold(note, "    ")


def _asked(order: Mapping[str, int]) -> str:
    """Say when a backend is asked: ``1st for cpu``."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return ", ".join(f"{place}{endings.get(place, 'th')} for {kind}" for kind, place in order.items())
