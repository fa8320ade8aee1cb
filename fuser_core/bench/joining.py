"""Joining: results that were taken one after the other on one machine become one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from fuser_core.bench.result import Result, Run
from fuser_core.errors import ArgumentError

__all__ = ["joined"]


def joined(results: Sequence[Result]) -> Result:
    """Return one result of several: runs of the same device, size and threads have the rows of all.

    The date is the last one's.

    Raises:
        ArgumentError: They were taken on different machines, with different versions or settings, or have a workload of
            the same run twice.
    """
    first, *others = results
    for other in others:
        for name in ("machine", "versions"):
            if getattr(other, name) != getattr(first, name):
                raise ArgumentError(
                    f"--read: the results differ in {name} ({getattr(first, name)}, {getattr(other, name)}), so their "
                    "times cannot stand in one table; read them one by one"
                )
        for name in first.contenders.keys() & other.contenders.keys():
            if first.contenders[name] != other.contenders[name]:
                raise ArgumentError(f"--read: the results have different settings of {name}; read them one by one")
    runs: dict[tuple[str, int, int | None], Run] = {}
    for run in (run for result in results for run in result.runs):
        before = runs.get(run.key)
        rows = (*before.rows, *run.rows) if before else run.rows
        names = [row.workload for row in rows]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ArgumentError(f"--read: two results have {twice!r} in the same run; give each workload once")
        runs[run.key] = dataclasses.replace(run, rows=rows)
    contenders = {name: words for result in results for name, words in result.contenders.items()}
    ours = tuple(dict.fromkeys(name for result in results for name in result.ours))
    date = max(result.date for result in results)
    return Result(date, first.machine, first.versions, contenders, tuple(runs.values()), ours)
