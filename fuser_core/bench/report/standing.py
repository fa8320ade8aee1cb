"""How ours stands against its peers: ratios, their geometric mean, and the order of rows, worst first."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fuser_core.bench.result import Result, Row, Run

__all__ = ["Standing", "best_peer", "geometric_mean", "lead", "ours_in", "standing", "worst_first"]


@dataclass(frozen=True)
class Standing:
    """How one backend stands in one run.

    Attributes:
        name: The backend.
        leads: The time of the best peer over its own, per workload where both have one.
        mean: Their geometric mean; ``None`` where there are none.
        kinds: The same for each kind of workload.
        behind: How many are below 1.
        worst: The workload of the least; ``None`` where there are none.
    """

    name: str
    leads: dict[str, float]
    mean: float | None
    kinds: dict[str, float]
    behind: int
    worst: str | None


def geometric_mean(values: Iterable[float]) -> float | None:
    """Return the geometric mean of numbers above 0, or ``None`` where there are none."""
    logarithms = [math.log(value) for value in values]
    return math.exp(statistics.fmean(logarithms)) if logarithms else None


def ours_in(result: Result, run: Run) -> list[str]:
    """Return our backends that have a time or a reason in a run, in the result's order."""
    present = {name for row in run.rows for name in (*row.times, *row.unable)}
    return [name for name in result.contenders if name in result.ours and name in present]


def best_peer(row: Row, ours: Sequence[str]) -> str | None:
    """Return the fastest contender that is none of ours."""
    peers = [name for name in row.times if name not in ours]
    return min(peers, key=row.times.__getitem__, default=None)


def lead(row: Row, name: str, ours: Sequence[str]) -> float | None:
    """Return the time of the best peer over that of a backend, or ``None`` where one of them has no time."""
    peer = best_peer(row, ours)
    return row.times[peer] / row.times[name] if peer is not None and name in row.times else None


def standing(run: Run, name: str, ours: Sequence[str]) -> Standing:
    """Return how a backend stands in a run."""
    found = [(row, value) for row in run.rows if (value := lead(row, name, ours)) is not None]
    leads = {row.workload: value for row, value in found}
    kinds: dict[str, list[float]] = {}
    for row, value in found:
        kinds.setdefault(row.kind, []).append(value)
    means = {kind: mean for kind, values in kinds.items() if (mean := geometric_mean(values)) is not None}
    behind = sum(value < 1 for value in leads.values())
    worst = min(leads, key=leads.__getitem__, default=None)
    return Standing(name, leads, geometric_mean(leads.values()), means, behind, worst)


def worst_first(result: Result, run: Run) -> list[Row]:
    """Return the rows of a run: those that our first backend cannot do, then by its lead, then those without a peer."""
    ours = ours_in(result, run)
    if not ours:
        return sorted(run.rows, key=lambda row: row.workload)
    first = ours[0]

    def place(row: Row) -> tuple[float, str]:
        value = lead(row, first, result.ours)
        return (value if value is not None else math.inf if first in row.times else -math.inf), row.workload

    return sorted(run.rows, key=place)
