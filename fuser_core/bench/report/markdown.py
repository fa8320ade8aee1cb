"""The report as Markdown: tables, worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fuser_core.bench.report.standing import lead, ours_in, standing, worst_first
from fuser_core.bench.report.words import (
    METHOD,
    left_out,
    machine,
    moment,
    ratio,
    remarks,
    run_title,
    standing_cells,
    time,
)
from fuser_core.bench.result import Result, Run

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*\[\]<>|#&~]|(?<!\w)_|_(?!\w))")


def markdown(result: Result) -> str:
    """Return the report as the text of a Markdown file."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield from ["# Benchmark", "", f"Taken {moment(result)}. {METHOD}", "", "## Summary", ""]
    heads = ["run", "ours", "geometric mean", "memory", "arithmetic", "reduction", "workloads", "behind", "worst"]
    rows = [
        [run_title(run), name, *standing_cells(standing(run, name, result.ours))]
        for run in result.runs
        for name in ours_in(result, run)
    ]
    yield from _table(heads, rows, "llrrrrrrl")
    for run in result.runs:
        yield from ["", f"## {run_title(run)}", ""]
        yield from _run(result, run)
    yield from ["", "## Surroundings", ""]
    yield from _table(["machine", ""], machine(result.machine), "ll")
    yield ""
    yield from _table(["contender", "settings"], result.contenders.items(), "ll")
    yield ""
    yield from _table(["distribution", "version"], sorted(result.versions.items()), "ll")


def _run(result: Result, run: Run) -> Iterator[str]:
    ours = ours_in(result, run)
    present = {name for row in run.rows for name in (*row.times, *row.unable)}
    contenders = [*ours, *(name for name in result.contenders if name in present and name not in ours)]
    heads = ["workload", *(f"best peer / {name}" for name in ours), "kind", "floor", *contenders, "remarks", "source"]
    rows = [
        [
            row.workload,
            *(ratio(lead(row, name, result.ours)) for name in ours),
            row.kind,
            time(row.floor),
            *(ratio(row.times[name] / row.floor) if name in row.times else "-" for name in contenders),
            "; ".join([*remarks(result, row, ours), *left_out(row)]),
            row.source,
        ]
        for row in worst_first(result, run)
    ]
    yield from _table(heads, rows, "l" + "r" * len(ours) + "l" + "r" * (1 + len(contenders)) + "ll")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> Iterator[str]:
    yield f"| {' | '.join(map(_plain, heads))} |"
    yield f"|{'|'.join('--:' if side == 'r' else '---' for side in sides)}|"
    for row in rows:
        yield f"| {' | '.join(map(_plain, row))} |"


def _plain(text: str) -> str:
    """Return a text that Markdown takes as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
