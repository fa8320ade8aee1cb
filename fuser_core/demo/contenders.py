"""Who takes part: plain NumPy, and the fused function on every installed backend."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fuser_core import fuse, use_backends
from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.demo.great_circle import great_circle_km
from fuser_core.last_run import LastRun

__all__ = ["PLAIN", "Contender", "Distances", "fused", "installed", "last_run"]

Distances = NDArray[np.floating[Any]]

PLAIN = "NumPy"

fused = fuse(great_circle_km)


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to compute the distances: the name of a backend, or `PLAIN`."""

    name: str

    @property
    def is_plain(self) -> bool:
        """Whether it is NumPy itself, without the fuser."""
        return self.name == PLAIN

    def selected(self) -> AbstractContextManager[object]:
        """While open, calls of the fused function go to this backend."""
        return nullcontext() if self.is_plain else use_backends(self.name)

    def __call__(self, *coordinates: NDArray[np.float64]) -> Distances:
        """Compute the distances."""
        return great_circle_km(*coordinates) if self.is_plain else fused(*coordinates)


def installed() -> list[Contender]:
    """The installed backends, by name."""
    return [Contender(name) for name in sorted({entry.name for entry in entry_points(group=ENTRY_POINT_GROUP)})]


def last_run() -> LastRun:
    """What happened in the last call of the fused function."""
    run = fused.last_run
    assert run is not None, "the fused function has not been called yet"
    return run
