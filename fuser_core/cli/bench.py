"""``fuser-core bench``: workloads by backends, NumPy and peers in turn; then a table, the worst first."""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fuser_core.bench.contenders import PEERS
from fuser_core.bench.contenders.ours import installed
from fuser_core.bench.result import collect
from fuser_core.bench.running import Run, run_apart
from fuser_core.bench.workloads import DEFAULT, GROUPS, WORKLOADS
from fuser_core.cli.layout import table
from fuser_core.errors import ArgumentError

__all__ = ["bench"]


def bench(chosen: argparse.Namespace) -> int:
    """Run what was chosen, print tables and return the exit status.

    Raises:
        ArgumentError: A name is unknown, a number is not positive, or no backend serves the device.
    """
    workloads = _workloads(chosen.workloads, chosen.group)
    _check("--peer", chosen.peer, PEERS)
    found = installed(chosen.device)
    _check("--backend", chosen.backend, found)
    for option, numbers in {"--size": chosen.size, "--threads": chosen.threads, "--rounds": [chosen.rounds]}.items():
        if any(number < 1 for number in numbers):
            raise ArgumentError(f"{option}: {' '.join(map(str, numbers))} is not positive")
    backends = tuple(chosen.backend or found)
    if not backends:
        raise ArgumentError(f"--device {chosen.device}: no installed backend serves it; see 'fuser-core backends'")
    runs = []
    for threads in chosen.threads or [None]:
        for size in chosen.size:
            asked = Run(workloads, backends, tuple(chosen.peer), chosen.device, size, threads, chosen.rounds)
            runs.append(run_apart(asked))
            print("\n".join(["", *_lines(runs[-1]["run"], backends), ""]), flush=True)
    if chosen.output:
        try:
            Path(chosen.output).write_text(json.dumps(collect(runs), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"--output {chosen.output}: cannot be written: {error.strerror}") from error
    return 0


def _workloads(names: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    _check("WORKLOAD", names, WORKLOADS)
    _check("--group", groups, GROUPS)
    among = names or (list(WORKLOADS) if groups else DEFAULT)
    return tuple(name for name in among if not groups or WORKLOADS[name].group in groups)


def _check(option: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise ArgumentError(f"{option}: there is no {name!r}; there are: {', '.join(known)}")


def _lines(run: Mapping[str, Any], backends: Sequence[str]) -> Iterator[str]:
    """Tell of a run: times over a copy's, and the best of the others over the best of ours."""
    threads = "" if run["threads"] is None else f", {run['threads']} threads"
    yield f"{run['device']}, {run['size']:,} elements{threads}: times over a copy of as many bytes, the worst first"
    rows = sorted(run["rows"], key=lambda row: _lead(row, backends))
    names = list(dict.fromkeys(name for row in rows for name in row["times"]))
    cells = [["workload", *names, "best other / ours"]]
    for row in rows:
        times = [f"{row['times'][name] / row['floor']:.2f}" if name in row["times"] else "-" for name in names]
        cells.append([row["workload"], *times, f"{lead:.2f}" if math.isfinite(lead := _lead(row, backends)) else "-"])
    yield from table(cells)
    leads = [lead for row in rows if math.isfinite(lead := _lead(row, backends)) and lead > 0]
    if leads:
        yield f"geometric mean of best other / ours: {statistics.geometric_mean(leads):.2f} over {len(leads)}"


def _lead(row: Mapping[str, Any], backends: Sequence[str]) -> float:
    """Return the least time of the others over the least of ours; 0 where ours could not, infinite with no other."""
    ours = [seconds for name, seconds in row["times"].items() if name in backends]
    others = [seconds for name, seconds in row["times"].items() if name not in backends]
    if not ours:
        return 0.0
    return min(others) / min(ours) if others else math.inf
