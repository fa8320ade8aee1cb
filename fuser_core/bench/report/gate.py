"""The regression gate: what has become slower or faster than in an earlier result, beyond noise.

Times of two days are not compared, since the machine may have been slower on one. What is compared is a contender's
time over NumPy's in the same rounds of the same run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fuser_core.bench.report.words import run_title
from fuser_core.bench.result import Result, Row, Run

__all__ = ["Change", "compare", "has_slowed"]

Kind = Literal["slower", "faster", "new", "gone", "incomparable", "surroundings"]

_ORDER: tuple[Kind, ...] = ("slower", "gone", "incomparable", "surroundings", "new", "faster")
_LEAST = 0.2
"""Single workloads differ by a fifth between two runs of the same code on a shared machine."""


@dataclass(frozen=True)
class Change:
    """Something that is not as it was.

    Attributes:
        kind: Which way; only ``"slower"`` is a regression. ``"surroundings"`` is another machine or version.
        run: Its run, in words; empty for surroundings.
        workload: Its name; empty where a whole run or the surroundings are meant.
        contender: Which of ours; empty where it is about none.
        factor: The new time over the old one, both over NumPy's; ``None`` where there is none.
        words: All of this as a sentence.
    """

    kind: Kind
    run: str
    workload: str
    contender: str
    factor: float | None
    words: str


def compare(old: Result, new: Result, least: float = _LEAST) -> list[Change]:
    """Return what has changed beyond noise, the slower first and the worst of these first.

    A ratio to NumPy is as uncertain as the interquartile ranges of both times say. A change is told when it is greater
    than the uncertainty of the old and the new ratio together, and greater than ``least`` (0.2: a fifth).
    """
    changes = [*_surroundings(old, new), *_runs(old, new, least)]
    return sorted(changes, key=lambda change: (_ORDER.index(change.kind), -abs(math.log(change.factor or 1.0))))


def has_slowed(changes: list[Change]) -> bool:
    """Return whether one of the changes is a regression."""
    return any(change.kind == "slower" for change in changes)


def _surroundings(old: Result, new: Result) -> Iterator[Change]:
    if old.machine != new.machine:
        words = "The machines differ, so ratios may do so for that reason: "
        words += f"{old.machine.processor}, {old.machine.system}, {old.machine.python}, then "
        words += f"{new.machine.processor}, {new.machine.system}, {new.machine.python}."
        yield Change("surroundings", "", "", "", None, words)
    before, after = old.versions.get("numpy", "none"), new.versions.get("numpy", "none")
    if before != after:
        words = f"NumPy, to which all is compared, was {before} and is {after}."
        yield Change("surroundings", "", "", "", None, words)


def _runs(old: Result, new: Result, least: float) -> Iterator[Change]:
    before, after = {run.key: run for run in old.runs}, {run.key: run for run in new.runs}
    for key in dict.fromkeys([*before, *after]):
        if key not in after:
            title = run_title(before[key])
            yield Change("gone", title, "", "", None, f"{title}: was measured and no longer is.")
        elif key not in before:
            title = run_title(after[key])
            yield Change("new", title, "", "", None, f"{title}: was not measured before.")
        else:
            ours = list(dict.fromkeys([*old.ours, *new.ours]))
            yield from _rows(before[key], after[key], ours, least)


def _rows(old: Run, new: Run, ours: list[str], least: float) -> Iterator[Change]:
    title = run_title(new)
    before, after = {row.workload: row for row in old.rows}, {row.workload: row for row in new.rows}
    for workload in dict.fromkeys([*before, *after]):
        place = f"{workload} ({title})"
        if workload not in after:
            yield Change("gone", title, workload, "", None, f"{place}: was measured and no longer is.")
        elif workload not in before:
            yield Change("new", title, workload, "", None, f"{place}: was not measured before.")
        else:
            for name in ours:
                yield from _row(before[workload], after[workload], name, title, least)


def _row(old: Row, new: Row, name: str, title: str, least: float) -> Iterator[Change]:
    place = f"{new.workload} ({title}), {name}"
    kind: Kind
    if name not in new.times:
        if name in old.times:
            why = new.unable.get(name, "it did not take part")
            yield Change("gone", title, new.workload, name, None, f"{place}: has no time any more: {why}.")
    elif name not in old.times:
        yield Change("new", title, new.workload, name, None, f"{place}: had no time before.")
    elif (obstacle := _obstacle(old, new)) is not None:
        yield Change("incomparable", title, new.workload, name, None, f"{place}: cannot be compared: {obstacle}.")
    else:
        before, after = _over_numpy(old, name), _over_numpy(new, name)
        factor = after / before
        noise = math.hypot(_uncertainty(old, name), _uncertainty(new, name))
        if abs(math.log(factor)) > max(noise, math.log1p(least)):
            kind = "slower" if factor > 1 else "faster"
            much = factor if factor > 1 else 1 / factor
            words = (
                f"{place}: {much:.2f} times as {'slow' if factor > 1 else 'fast'} as before; over NumPy it took "
                f"{before:.3g} and takes {after:.3g} (noise {100 * noise:.0f} %)."
            )
            yield Change(kind, title, new.workload, name, factor, words)


def _obstacle(old: Row, new: Row) -> str | None:
    """Return why two rows of one workload cannot be compared, or ``None``."""
    if (old.elements, old.bytes) != (new.elements, new.bytes):
        return (
            f"it had {old.elements:,} elements and moved {old.bytes:,} bytes, and has {new.elements:,} and moves "
            f"{new.bytes:,}"
        )
    if "numpy" not in old.times:
        return "the old result has no time of NumPy"
    return None if "numpy" in new.times else "the new result has no time of NumPy"


def _over_numpy(row: Row, name: str) -> float:
    return row.times[name] / row.times["numpy"]


def _uncertainty(row: Row, name: str) -> float:
    """Return how far a ratio to NumPy is uncertain, relative to it, by the spreads of both times."""
    return math.hypot(*(row.spread[each] / row.times[each] for each in (name, "numpy")))
