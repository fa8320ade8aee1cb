"""What is measured of each contender: its first call, its agreement with NumPy, its usual time and its memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from fuser_core.demo.airports import Airports
from fuser_core.demo.contenders import PLAIN, Contender, Distances, installed, last_run
from fuser_core.demo.memory import peak_temporary_bytes
from fuser_core.demo.timing import median_seconds, timed

__all__ = ["FirstCall", "Measured", "first_calls", "measure"]


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The first call of a contender, and how far its result is from NumPy's at most."""

    contender: Contender
    seconds: float
    apart_km: float = 0.0
    apart_relative: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known of a contender; the memory is None where the platform does not tell it."""

    first: FirstCall
    median_seconds: float
    temporary_bytes: int | None


def first_calls(airports: Airports) -> tuple[Distances, list[FirstCall], list[str]]:
    """Call plain NumPy, then every installed backend, for the first time.

    Returns:
        NumPy's distances, the first calls, and a sentence for each backend that left its call to another.
    """
    plain, seconds = timed(Contender(PLAIN), airports.pairs)
    firsts, declined = [FirstCall(Contender(PLAIN), seconds)], []
    for contender in installed():
        result, seconds = timed(contender, airports.pairs)
        run = last_run()
        if run.backend == contender.name:
            firsts.append(FirstCall(contender, seconds, *_apart(result, plain)))
        else:
            declined.append(f"{contender.name} did not take the whole call; {run.backend} did: {run.reason}")
    return plain, firsts, declined


def measure(firsts: Sequence[FirstCall], airports: Airports, rounds: int) -> list[Measured]:
    """Measure time and memory of those that had their first call."""
    contenders = [first.contender for first in firsts]
    medians = median_seconds(contenders, airports.pairs, rounds)
    with ThreadPoolExecutor(len(contenders)) as pool:  # each waits for a process of its own
        peaks = list(pool.map(lambda contender: peak_temporary_bytes(contender, len(airports)), contenders))
    return [Measured(*each) for each in zip(firsts, medians, peaks, strict=True)]


def _apart(result: Distances, plain: Distances) -> tuple[float, float]:
    difference = np.abs(result - plain)
    relative = np.divide(difference, plain, out=np.zeros_like(plain), where=plain > 0)
    return float(difference.max()), float(relative.max())
