"""The command ``fuser-core``: what is installed, and a demonstration."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fuser_core.backend import Decline, Device
from fuser_core.discovery import BackendRecord, State, registry

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="fuser-core", description="NumPy functions as single kernels.")
    commands = parser.add_subparsers(dest="command", required=True)
    backends = commands.add_parser("backends", help="list the installed backends, in the order of asking")
    backends.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("demo", help="great-circle distances between all pairs of 3,376 airports")
    chosen = parser.parse_args(arguments)
    if chosen.command == "demo":
        from fuser_core.demo import run  # it needs packages of the extra "demo"

        return run()
    return _list_backends(as_json=chosen.json)


@dataclass(frozen=True, slots=True)
class _Row:
    """One backend, as it is shown."""

    name: str
    role: str
    priority: int | None
    state: str
    distribution: str
    reason: str


def _list_backends(*, as_json: bool) -> int:
    rows = [_row(record) for record in registry.records()]
    rows.sort(key=lambda row: (-(row.priority if row.priority is not None else -1_000_000), row.name))
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    elif not rows:
        print("No backend is installed. Reinstall fuser-core, whose fallback is always there.")
    else:
        _print_table(rows)
    return 0 if any(row.state == "ready" for row in rows) else 1


def _row(record: BackendRecord) -> _Row:
    plugin = record.plugin
    if plugin is None:
        state = "off" if record.state is State.DISABLED else "failed"
        return _Row(record.name, "", None, state, record.distribution, record.reason)
    verdicts = {kind: plugin.has_fusion_backend(Device(kind)) for kind in ("cpu", "cuda")}
    ready = [kind for kind, verdict in verdicts.items() if not isinstance(verdict, Decline)]
    reasons = [verdict.reason for verdict in verdicts.values() if isinstance(verdict, Decline)]
    reason = f"serves {', '.join(ready)}" if ready else "; ".join(reasons)
    state = "ready" if ready else "unusable"
    return _Row(record.name, plugin.role.value, plugin.priority, state, record.distribution, reason)


def _print_table(rows: Sequence[_Row]) -> None:
    header = _Row("backend", "role", None, "state", "distribution", "")
    cells = [(row.name, row.role, row.state, row.distribution) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row, cell in zip((header, *rows), cells, strict=True):
        line = "  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True))
        print(f"{line}  {row.reason}".rstrip())
