"""Grades: how much a backend serves, how its standard tests went, and which were left out, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from fuser_core.backend import Decline, Device
from fuser_core.testing.plugin import GRADED

__all__ = ["note_test", "report"]

_MOST_NAMES = 8
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def note_test(item: pytest.Item, backend: str, device: Device) -> None:
    """Note that a test is a standard test of a backend; pytest-xdist carries the note along."""
    item.user_properties.append((GRADED, (backend, device.kind, device.index)))


def report(stats: Mapping[str, Sequence[Any]], *, tables: bool) -> Iterator[str]:
    """Yield the lines for every backend whose standard tests ran.

    Args:
        stats: pytest's reports by outcome.
        tables: Whether to add what the backend holds, operation by operation.
    """
    found: dict[tuple[str, str, int], dict[str, list[Any]]] = {}
    for outcome in _OUTCOMES:
        for each in stats.get(outcome, ()):
            subject = dict(getattr(each, "user_properties", ())).get(GRADED)
            if subject is not None and (outcome != "passed" or each.when == "call"):
                found.setdefault(tuple(subject), {}).setdefault(outcome, []).append(each)
    for (backend, kind, index), outcomes in sorted(found.items()):
        yield from _grade(backend, Device(kind, index), outcomes, tables=tables)


def _percent(served: int, possible: int) -> str:
    whole = 100 * served // possible
    return "below 1" if served and not whole else str(whole)


def _grade(backend: str, device: Device, outcomes: Mapping[str, Sequence[Any]], *, tables: bool) -> Iterator[str]:
    from fuser_core.discovery import registry
    from fuser_core.testing.capabilities import probe

    plugin = next((record.plugin for record in registry.records() if record.name == backend), None)
    if plugin is None or isinstance(plugin.has_fusion_backend(device), Decline):
        yield f"{backend} on {device}: not graded, it is not there"
        return
    able = probe(plugin, device)
    if tables:
        yield from str(able).splitlines()
    counts = {outcome: len(outcomes.get(outcome, ())) for outcome in _OUTCOMES}
    failed = counts["failed"] + counts["error"] + counts["xpassed"]
    left_out = sorted(_standard() - set(_names(each for reports in outcomes.values() for each in reports)))
    weakened = _names(outcomes.get("xfailed", ()))
    grade = _percent(able.served, able.possible)
    yield (
        f"{backend} on {device}: {_verdict(failed, weakened, left_out)}, grade {grade} %: "
        f"it holds {able.served} of {able.possible} operations by dtype; standard tests: {counts['passed']} passed, "
        f"{counts['skipped']} skipped, {failed} failed"
    )
    if weakened:
        yield f"  weakened: {counts['xfailed']} are expected to fail: {_listed(weakened)}"
    if left_out:
        yield f"  incomplete: {len(left_out)} of {len(_standard())} did not run: {_listed(left_out)}"


def _verdict(failed: int, weakened: Sequence[str], left_out: Sequence[str]) -> str:
    if failed:
        return "does not conform"
    if left_out:
        return "not tested in full"
    return "conforms but for what is expected to fail" if weakened else "conforms"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} others" if more > 0 else "")


def _standard() -> set[str]:
    """Return the names of the standard tests."""
    from fuser_core.testing.conformance import BackendConformance

    return {name for name in dir(BackendConformance) if name.startswith("test_")}


def _names(reports: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(each.nodeid.rpartition("::")[2].partition("[")[0] for each in reports))
