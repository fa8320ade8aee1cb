"""Times of several contenders that share one machine fairly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fuser_core.demo.contenders import Contender, Distances

__all__ = ["median_seconds", "timed"]

PAUSE_SECONDS = 0.02
"""Worker threads of one contender may spin on after its call, and would slow the next."""


def timed(contender: Contender, coordinates: Sequence[NDArray[np.float64]]) -> tuple[Distances, float]:
    """Call once; return the result and the seconds it took, its memory included."""
    with contender.selected():
        time.sleep(PAUSE_SECONDS)
        start = time.perf_counter()
        result = contender(*coordinates)
        return result, time.perf_counter() - start


def median_seconds(
    contenders: Sequence[Contender], coordinates: Sequence[NDArray[np.float64]], rounds: int
) -> list[float]:
    """Median time of each over rounds in which all take their turn, another one first each time."""
    times: list[list[float]] = [[] for _ in contenders]
    for turn in range(rounds):
        for offset in range(len(contenders)):
            chosen = (turn + offset) % len(contenders)
            times[chosen].append(timed(contenders[chosen], coordinates)[1])
    return [statistics.median(each) for each in times]
