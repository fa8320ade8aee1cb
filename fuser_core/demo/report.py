"""The words of the demo: plain text for a terminal of 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from fuser_core.demo.airports import Airports
from fuser_core.demo.comparison import Measured
from fuser_core.demo.contenders import Distances

__all__ = ["distance_lines", "heading", "indented", "measured_lines"]

WIDTH = 100
KM_PER_MILE = 1.609344
KNOWN_MILES = {
    ("JFK", "LAX"): 2475,
    ("JFK", "SFO"): 2586,
    ("ORD", "ATL"): 606,
    ("HNL", "JFK"): 4983,
    ("MIA", "SEA"): 2724,
    ("ANC", "SEA"): 1448,
}
"""Nonstop distances in statute miles, as the US Department of Transportation's on-time statistics give them."""


def heading(title: str) -> str:
    """A title over the lines that follow it."""
    return f"\n{title} ".ljust(WIDTH + 1, "-")


def indented(text: str) -> str:
    """A text of several lines as a block."""
    return textwrap.indent(text.rstrip(), "  ")


def distance_lines(airports: Airports, fused: Distances, plain: Distances) -> list[str]:
    """Distances that people know, beside the ones published; a sphere is up to half a percent off the ellipsoid."""
    lines = [f"  {'':<34}{'fused km':>14}{'NumPy km':>14}{'published km':>16}{'apart':>10}"]
    for (start, end), miles in KNOWN_MILES.items():
        pair = airports.index(start), airports.index(end)
        known = miles * KM_PER_MILE
        route = f"{start} {airports.city[pair[0]]} - {end} {airports.city[pair[1]]}"
        off = fused[pair] / known - 1
        lines.append(f"  {route:<34}{fused[pair]:>14,.3f}{plain[pair]:>14,.3f}{known:>16,.0f}{off:>10.2%}")
    return lines


def measured_lines(rows: Sequence[Measured]) -> list[str]:
    """Time, memory and agreement of each contender; the first is the one that the others are compared with."""
    base = rows[0]
    columns = f"{'first call':>12}{'median':>10}{'speed':>9}{'temporaries':>14}{'apart at most':>18}{'relative':>12}"
    lines = [f"  {'':<16}{columns}"]
    for row in rows:
        first = row.first
        apart = "none".rjust(18)
        if first.apart_km:
            apart = f"{first.apart_km:.1e} km".rjust(18) + f"{first.apart_relative:.1e}".rjust(12)
        lines.append(
            f"  {first.contender.name:<16}{_time(first.seconds):>12}{_time(row.median_seconds):>10}"
            f"{f'{base.median_seconds / row.median_seconds:.1f} x':>9}{_memory(row.temporary_bytes):>14}"
            f"{apart if row is not base else ''}"
        )
    return lines


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"


def _memory(count: int | None) -> str:
    if count is None:
        return "not known"
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else "under 1 MB"
