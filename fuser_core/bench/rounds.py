"""Rounds: contenders take turns, with a pause before each, and a copy of as many bytes takes turns with them.

The workers of a library spin on for a while after a call and would slow whoever comes next, hence the pause.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["Call", "Times", "take_turns"]

_PAUSE_SECONDS = 0.02
_MOST_SECONDS = 6.0
_LEAST_ROUNDS = 3
_MOST_CALLS = 1000
_LONG_SECONDS = 0.5


def _nothing(_result: Any) -> None:
    """Wait for what is there already."""


class Call(NamedTuple):
    """What is timed: a call without arguments, and how to wait for its result, which is timed too."""

    run: Callable[[], Any]
    wait: Callable[[Any], Any] = _nothing


class Times(NamedTuple):
    """Seconds of one call: the median of the rounds, and from their first quartile to the third."""

    median: float
    spread: float


def take_turns(calls: Mapping[str, Call], rounds: int, batch_seconds: float) -> dict[str, Times]:
    """Return the times of each call.

    Args:
        calls: By name.
        rounds: How many times each takes its turn; fewer, but three at least, where six seconds are over, or where one
            call takes half a second.
        batch_seconds: A call that is shorter is repeated until so much time has passed, a thousand times at most.
    """
    names = list(calls)
    least = {name: _least(call) for name, call in calls.items()}
    counts = {name: max(1, min(_MOST_CALLS, math.ceil(batch_seconds / least[name]))) for name in names}
    samples: dict[str, list[float]] = {name: [] for name in names}
    started = time.perf_counter()
    for number in range(rounds):
        for place in range(len(names)):
            name = names[(place + number) % len(names)]
            if number >= _LEAST_ROUNDS and least[name] > _LONG_SECONDS:
                continue
            time.sleep(_PAUSE_SECONDS)
            samples[name].append(_seconds(calls[name], counts[name]))
        if time.perf_counter() - started > _MOST_SECONDS and number + 1 >= _LEAST_ROUNDS:
            break
    return {name: _summary(values) for name, values in samples.items()}


def _least(call: Call) -> float:
    """Return the least seconds of a few calls, of one if that is long; the first also do whatever first calls do."""
    once = _seconds(call, 1)
    return max(once if once > _LONG_SECONDS else min(once, _seconds(call, 1), _seconds(call, 1)), 1e-9)


def _seconds(call: Call, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        result = call.run()
    call.wait(result)
    return (time.perf_counter() - start) / count


def _summary(values: list[float]) -> Times:
    if len(values) < 2:
        return Times(values[0], 0.0)
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return Times(statistics.median(values), third - first)
