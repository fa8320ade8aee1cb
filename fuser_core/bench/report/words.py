"""Numbers and names as both forms of a report write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fuser_core.bench.report.standing import Standing, best_peer, lead
from fuser_core.bench.result import Machine, Result, Row, Run

__all__ = ["METHOD", "left_out", "machine", "moment", "ratio", "remarks", "run_title", "standing_cells", "time"]

METHOD = (
    "Each contender's time is its median, given over the time of a copy of as many bytes in the same rounds (the "
    "floor): 1 is as fast as copying. Best peer / ours above 1 means that ours is faster than every contender that is "
    "not ours. Rows are sorted worst first."
)
KINDS = ("memory", "arithmetic", "reduction")


def ratio(value: float | None) -> str:
    """Return a ratio with two or three digits that count, or a dash for none."""
    if value is None:
        return "-"
    return f"{value:.2g}" if value < 0.1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def time(seconds: float) -> str:
    """Return a time in a unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def moment(result: Result) -> str:
    """Return when a result was taken, to the minute."""
    return f"{datetime.fromisoformat(result.date):%Y-%m-%d %H:%M %Z}".strip()


def run_title(run: Run) -> str:
    """Return what tells a run from others, in words."""
    parts = [run.device.upper(), f"{run.size:,} elements"]
    if run.threads is not None:
        parts.append(f"{run.threads} thread" + ("" if run.threads == 1 else "s"))
    return ", ".join(parts)


def machine(described: Machine) -> list[tuple[str, str]]:
    """Return what is known of a machine, as names and values."""
    return [
        ("Processor", described.processor),
        ("Cores", str(described.cores)),
        ("Memory", f"{described.memory_gib:.1f} GiB"),
        ("Accelerator", described.device or "none"),
        ("System", described.system),
        ("Python", described.python),
    ]


def standing_cells(found: Standing) -> list[str]:
    """Return a standing as cells: geometric mean, that of each kind, workloads, how many are behind, the worst."""
    worst = "-" if found.worst is None else f"{found.worst} ({ratio(found.leads[found.worst])})"
    kinds = [ratio(found.kinds.get(kind)) for kind in KINDS]
    return [ratio(found.mean), *kinds, str(len(found.leads)), str(found.behind), worst]


def remarks(result: Result, row: Row, ours: Sequence[str]) -> list[str]:
    """Return what is to be said of a row: where ours is behind, and why."""
    said = []
    for name in ours:
        value = lead(row, name, result.ours)
        if value is not None and value < 1:
            said.append(f"{name} is behind {best_peer(row, result.ours)}")
    if said and row.reason:
        said[-1] += f": {row.reason}"
    return said


def left_out(row: Row) -> list[str]:
    """Say of each contender without a time why it has none."""
    return [f"{name}: {why}" for name, why in row.unable.items()]
