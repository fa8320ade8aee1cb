"""How contenders scale: with threads, over their own time with the fewest, and with sizes, over NumPy's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fuser_core.bench.report.drawing import Drawing, powers
from fuser_core.bench.report.standing import geometric_mean
from fuser_core.bench.result import Result, Run

__all__ = ["SERIES", "scaling"]

SERIES = 8
"""How many contenders have a colour of their own; further ones share them, in another shape."""

Curve = dict[str, list[float]]


def scaling(result: Result) -> Iterator[tuple[str, str, list[str]]]:
    """Yield drawings with a caption and the contenders in them, for what was measured at several points."""
    for (device, size), runs in _grouped(result, lambda run: (run.device, run.size)):
        if len(runs) > 1 and all(run.threads for run in runs):
            title = f"Threads: {device.upper()}, {size:,} elements"
            counts = [float(run.threads or 0) for run in runs]
            what = "times as fast as with the fewest threads"
            yield _draw(result, title, ("threads", what), counts, _speed_ups(result, runs))
    for (device, threads), runs in _grouped(result, lambda run: (run.device, run.threads)):
        if len(runs) > 1 and runs[0].size:
            told = "" if threads is None else f", {threads} thread" + ("" if threads == 1 else "s")
            sizes = [float(run.size) for run in runs]
            what = "times as fast as NumPy"
            yield _draw(result, f"Sizes: {device.upper()}{told}", ("elements", what), sizes, _over_numpy(result, runs))


def _grouped(
    result: Result, key: Callable[[Run], tuple[str, int | None]]
) -> list[tuple[tuple[str, int | None], list[Run]]]:
    """Return the runs of equal keys together, the smallest and those with the fewest threads first."""
    groups: dict[tuple[str, int | None], list[Run]] = {}
    for run in sorted(result.runs, key=lambda run: (run.size, run.threads or 0)):
        groups.setdefault(key(run), []).append(run)
    return list(groups.items())


def _shared(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """Return the workloads for which these contenders have a time in all runs."""
    timed = [{row.workload for row in run.rows if all(name in row.times for name in names)} for run in runs]
    return sorted(set.intersection(*timed))


def _times(run: Run, name: str) -> dict[str, float]:
    return {row.workload: row.times[name] for row in run.rows if name in row.times}


def _speed_ups(result: Result, runs: Sequence[Run]) -> Curve:
    curves: Curve = {}
    for name in result.contenders:
        shared, least = _shared(runs, [name]), _times(runs[0], name)
        means = [geometric_mean(least[each] / _times(run, name)[each] for each in shared) for run in runs]
        curves[name] = [mean for mean in means if mean is not None]
    return {name: curve for name, curve in curves.items() if curve}


def _over_numpy(result: Result, runs: Sequence[Run]) -> Curve:
    curves: Curve = {}
    for name in result.contenders:
        shared = _shared(runs, [name, "numpy"])
        means = [
            geometric_mean(_times(run, "numpy")[each] / _times(run, name)[each] for each in shared) for run in runs
        ]
        curves[name] = [mean for mean in means if mean is not None]
    return {name: curve for name, curve in curves.items() if curve and name != "numpy"}


def _draw(
    result: Result, title: str, names: tuple[str, str], points: Sequence[float], curves: Curve
) -> tuple[str, str, list[str]]:
    values = [1.0, *(value for curve in curves.values() for value in curve)]
    y = powers(min(values), max(values), 2)
    sparse = y if len(y) <= 10 else powers(min(values), max(values))
    drawing = Drawing(title, f"{names[1]}, by {names[0]}, for {', '.join(curves)}", names, (points, sparse))
    drawing.line([(points[0], 1), (points[-1], 1)], "level")
    places = list(result.contenders)
    for name, curve in curves.items():
        number = places.index(name)
        drawing.line(zip(points, curve, strict=True), f"line s{number % SERIES}")
        for point, value in zip(points, curve, strict=True):
            text = f"{name}: {value:.2f} at {point:,.0f} {names[0]}"
            drawing.mark(point, value, f"dot s{number % SERIES}", text, number % 4)
    caption = f"{title}. Geometric mean over the workloads that a contender has in all of these runs; higher is faster."
    return drawing.svg(), caption, list(curves)
