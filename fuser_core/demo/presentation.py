"""The demo from beginning to end: compute, check, compare, draw."""

from __future__ import annotations

import inspect
from pathlib import Path

from fuser_core.demo.airports import load_airports
from fuser_core.demo.comparison import first_calls, measure
from fuser_core.demo.contenders import fused, last_run
from fuser_core.demo.great_circle import great_circle_km
from fuser_core.demo.memory import METHOD
from fuser_core.demo.picture import draw_picture
from fuser_core.demo.report import distance_lines, heading, indented, measured_lines

__all__ = ["present"]

ROUNDS = 5


def present(picture: Path) -> None:
    """Print the report and save the picture."""
    airports = load_airports()
    print(f"{len(airports) ** 2:,} great-circle distances between {len(airports):,} airports")
    print(heading("One function of plain NumPy"))
    print(indented("@fuse\n" + inspect.getsource(great_circle_km)), flush=True)

    plain, firsts, declined = first_calls(airports)
    distances = fused(*airports.pairs)
    backend, reason = last_run().backend, last_run().reason
    print(heading(f"Run by {backend}"))
    print(indented("\n".join([reason, *declined, "", fused.explain(*airports.pairs)])))
    print(heading("Distances that people know"))
    print("\n".join(distance_lines(airports, distances, plain)), flush=True)

    print(heading("Beside plain NumPy"))
    print("\n".join(measured_lines(measure(firsts, airports, ROUNDS))))
    print(f"\n  median: of {ROUNDS} calls in turn, each making its own result of {distances.nbytes / 1e6:.0f} MB")
    print(f"  temporaries: {METHOD}", flush=True)

    draw_picture(airports, distances, backend, picture)
    print(f"\nPicture: {picture.resolve()}")
