"""The roofline: arithmetic intensity against the rate of operations, of ours and of the best peer."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from fuser_core.bench.report.drawing import Drawing, powers
from fuser_core.bench.report.standing import best_peer
from fuser_core.bench.report.words import run_title
from fuser_core.bench.result import Row, Run

__all__ = ["roofline"]


def roofline(run: Run, name: str, ours: Sequence[str]) -> tuple[str, str] | None:
    """Return a drawing and its caption; ``None`` where no row has operations, bytes and a time of ours."""
    rows = [row for row in run.rows if row.operations and row.elements and row.bytes and name in row.times]
    if not rows:
        return None
    bandwidth = statistics.median(row.bytes / row.floor for row in rows)
    points = {row.workload: [(_intensity(row), _rate(row, row.times[name]))] for row in rows}
    for row in rows:
        peer = best_peer(row, ours)
        if peer is not None:
            points[row.workload].append((_intensity(row), _rate(row, row.times[peer])))
    every = [point for pair in points.values() for point in pair]
    x = powers(min(each for each, _ in every), max(each for each, _ in every))
    y = powers(min(each for _, each in every), max(each for _, each in every))
    drawing = Drawing(
        f"Roofline: {run_title(run)}",
        f"Rate of {name} and of the best peer for {len(rows)} workloads; the line is what memory allows.",
        ("operations per byte moved", "operations per second"),
        (x, y),
    )
    _roof(drawing, bandwidth, x, y)
    for pair in points.values():
        if len(pair) == 2:
            drawing.line(pair, "pair")
    for row in rows:
        own, *others = points[row.workload]
        for other in others:
            peer = best_peer(row, ours)
            drawing.mark(*other, "peer", f"{row.workload}: {peer}, {other[1]:.3g} operations/s", 1)
        drawing.mark(*own, "ours", f"{row.workload}: {name}, {own[1]:.3g} operations/s")
    left = len(run.rows) - len(rows)
    missing = f" {left} without a count of operations or a time are left out." if left else ""
    caption = (
        f"Disks: {name}; diamonds: the best peer of each workload. The line is the median rate of the copies, "
        f"{bandwidth / 1e9:.3g} GB/s; a point above it took less time than such a copy.{missing}"
    )
    return drawing.svg(), caption


def _roof(drawing: Drawing, bandwidth: float, x: Sequence[float], y: Sequence[float]) -> None:
    """Draw what memory allows, as far as it lies within the axes."""
    first, last = max(x[0], y[0] / bandwidth), min(x[-1], y[-1] / bandwidth)
    if first < last:
        drawing.line([(first, first * bandwidth), (last, last * bandwidth)], "roof")


def _intensity(row: Row) -> float:
    assert row.operations is not None
    return row.operations * row.elements / row.bytes


def _rate(row: Row, seconds: float) -> float:
    assert row.operations is not None
    return row.operations * row.elements / seconds
