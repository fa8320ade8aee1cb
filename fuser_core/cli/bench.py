"""``fuser-core bench``: workloads by backends, NumPy and peers in turn; a table, the worst first, and reports."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import difflib
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fuser_core.backend import Role
from fuser_core.bench.contenders import PEERS
from fuser_core.bench.contenders.ours import installed
from fuser_core.bench.joining import joined
from fuser_core.bench.reasons import with_reasons
from fuser_core.bench.report import compare, has_slowed, write_report
from fuser_core.bench.report.standing import lead, ours_in, standing, worst_first
from fuser_core.bench.report.words import ratio, run_title
from fuser_core.bench.result import Result, Run, read_result
from fuser_core.bench.running import Asked, Measured, run_apart
from fuser_core.bench.surroundings import this_machine, versions
from fuser_core.bench.workloads import DEFAULT, GROUPS, WORKLOADS
from fuser_core.cli.layout import fold, table
from fuser_core.discovery import registry
from fuser_core.errors import ArgumentError

__all__ = ["bench"]


def bench(chosen: argparse.Namespace) -> int:
    """Measure, or read what was measured; print tables, write what was asked for, and return the exit status.

    That is 1 where ``--compare`` finds something slower.

    Raises:
        ArgumentError: A name is unknown, a number is not positive, no backend serves the device, or a file cannot be
            read or written.
    """
    if chosen.list:
        print("\n".join(table([[each.name, each.group, each.kind, each.source] for each in WORKLOADS.values()])))
        return 0
    old = None if chosen.compare is None else read_result(chosen.compare)  # before minutes are spent
    result = joined([read_result(path) for path in chosen.read]) if chosen.read else _measure(chosen)
    if chosen.reasons is not None:
        result = with_reasons(result, chosen.reasons)
    for run in result.runs if chosen.read else ():
        _print_run(result, run)
    if chosen.output is not None:
        _write(result, chosen.output)
        print(f"Wrote {chosen.output}")
    if chosen.report is not None:
        _report(result, chosen.report)
    return 0 if old is None else _tell_changes(old, result, chosen.compare)


def _measure(chosen: argparse.Namespace) -> Result:
    """Do the runs that were asked for, each in a process of its own, and print each when it is done."""
    workloads = _workloads(chosen.workloads, chosen.group)
    _check("--peer", chosen.peer, PEERS)
    found = installed(chosen.device)
    _check("--backend", chosen.backend, found)
    for option, numbers in {"--size": chosen.size, "--threads": chosen.threads, "--rounds": [chosen.rounds]}.items():
        if any(number < 1 for number in numbers):
            raise ArgumentError(f"{option}: {' '.join(map(str, numbers))} is not positive")
    backends = tuple(chosen.backend or _compilers(found))
    if not backends:
        raise ArgumentError(f"--device {chosen.device}: no installed backend serves it; see 'fuser-core backends'")
    done: list[Measured] = []
    for threads in dict.fromkeys(chosen.threads or [None]):
        for size in dict.fromkeys(chosen.size):
            asked = Asked(workloads, backends, tuple(chosen.peer), chosen.device, size, threads, chosen.rounds)
            done.append(_follow(asked, done, chosen.output))
            _print_run(_collect(done, backends), done[-1].run)
    return _collect(done, backends)


def _follow(asked: Asked, before: Sequence[Measured], output: str | None) -> Measured:
    """Return what a run measures; meanwhile tell of each workload, and write all that is known, lest it be lost."""
    started = time.perf_counter()
    for measured in run_apart(asked):
        row = measured.run.rows[-1]
        ratios = ", ".join(f"{who} {seconds / row.floor:.2f}" for who, seconds in row.times.items())
        progress = f"{len(measured.run.rows)}/{len(asked.workloads)}, {time.perf_counter() - started:.0f} s"
        print(f"[{progress}] {row.workload}: {ratios}", flush=True)
        if output is not None:
            _write(_collect([*before, measured], asked.backends), output)
    return measured


def _compilers(found: Sequence[str]) -> Sequence[str]:
    """Return those that compile, or all where none does: a fallback is not what anybody wants to see compared."""
    compilers = [record.name for record in registry.records() if record.plugin and record.plugin.role is Role.COMPILER]
    return [name for name in found if name in compilers] or found


def _collect(done: Sequence[Measured], backends: tuple[str, ...]) -> Result:
    return Result(
        date=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        machine=this_machine(done[0].device),
        versions=versions(),
        contenders={name: words for each in done for name, words in each.settings.items()},
        runs=tuple(each.run for each in done),
        ours=backends,
    )


def _workloads(names: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    _check("WORKLOAD", names, WORKLOADS)
    _check("--group", groups, GROUPS)
    among = dict.fromkeys(names) or (list(WORKLOADS) if groups else DEFAULT)
    left = tuple(name for name in among if not groups or WORKLOADS[name].group in groups)
    if not left:
        raise ArgumentError(f"--group: none of {', '.join(among)} is in {', '.join(groups)}; see --list")
    return left


def _check(option: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise ArgumentError(f"{option}: there is no {name!r}; {meant}")


def _write(result: Result, path: str) -> None:
    with _refusal(path):
        Path(path).write_text(result.to_json(), encoding="utf-8")


def _report(result: Result, folder: str) -> None:
    with _refusal(folder):
        print("\n".join(f"Wrote {path}" for path in write_report(result, folder)))


@contextlib.contextmanager
def _refusal(where: str) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do."""
    try:
        yield
    except OSError as error:
        raise ArgumentError(f"{where}: cannot be written: {error.strerror}; name a place that can be") from error


def _tell_changes(old: Result, new: Result, path: str) -> int:
    """Print what has changed, and return the exit status."""
    changes = compare(old, new)
    for change in changes:
        print("\n".join(fold(f"{change.kind}: {change.words}")))
    slower, faster = (sum(change.kind == kind for change in changes) for kind in ("slower", "faster"))
    print(f"{slower} slower than in {path}, {faster} faster.")
    return 1 if has_slowed(changes) else 0


def _print_run(result: Result, run: Run) -> None:
    print("\n".join(["", *_lines(result, run), ""]), flush=True)


def _lines(result: Result, run: Run) -> Iterator[str]:
    """Tell of a run: times over a copy's, and the best peer's over those of each of ours."""
    yield f"{run_title(run)}: times over a copy of as many bytes, the worst first"
    ours = ours_in(result, run)
    names = list(dict.fromkeys(name for row in run.rows for name in row.times))
    cells = [["workload", *names, *(f"best peer / {name}" for name in ours)]]
    for row in worst_first(result, run):
        times = [ratio(row.times[name] / row.floor) if name in row.times else "-" for name in names]
        cells.append([row.workload, *times, *(ratio(lead(row, name, result.ours)) for name in ours)])
    yield from table(cells)
    for name in ours:
        found = standing(run, name, result.ours)
        if found.mean is not None:
            count = len(found.leads)
            yield f"best peer / {name}: {ratio(found.mean)}, geometric mean of {count}; {found.behind} behind"
