"""From how much work on a second thread pays: measured by the first processes on a machine, and kept in the disk cache.

It is the least work that a thread which has been idle gets done clearly sooner with a helper than alone. What decides
is how long the system takes to wake a sleeping thread, from some microseconds to half a millisecond. One measurement
may be off by four times where others use the machine, so several processes measure, and the median counts.
"""

from __future__ import annotations

import array
import ctypes
import itertools
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial

from fuser_core.disk_cache import digest, disk_cache
from fuser_cpu_llvm.crew import Launch, helpers, run_alone, run_shared
from fuser_cpu_llvm.machine import processor
from fuser_cpu_llvm.prepared import Records

__all__ = ["threads_pay"]

_WORKS = (25_000, 50_000, 100_000, 200_000, 400_000, 800_000)
"""Nanoseconds of work that are tried. Less never pays, and more always does."""

_ASSUMED = 200_000
"""What holds while another thread measures."""

_GAIN = 0.9
_ROUNDS = 7
_PAUSE = 300e-6
"""Seconds before each run, so that workers sleep: most launches come by themselves."""

_PARTS = 8

_ENOUGH = 5
"""Measurements, of as many processes."""

_NEVER = 2 * _WORKS[-1]
"""What counts where a helper gained nothing."""

_measuring = threading.Lock()
_known: list[int] = []


def threads_pay(nanoseconds: float, threads: int) -> bool:
    """Say whether work that takes one thread so long had better be shared, where so many threads may be used."""
    least = min(_known[0], _WORKS[-1]) if _known else _WORKS[0]
    if nanoseconds < least or not helpers(threads):  # the question starts workers, so what is clear goes without it
        return False
    return nanoseconds > _WORKS[-1] or nanoseconds >= (_known[0] if _known else _find())


def _find() -> int:
    """Return the work from which on a helper pays, from earlier measurements on this machine and one more."""
    if not _measuring.acquire(blocking=False):  # nor is it waited for: a fork may have left it locked
        return _ASSUMED
    try:
        cache = disk_cache()
        name = digest("break even", processor(), str(os.cpu_count()), str(_WORKS))
        found = array.array("q", (cache.load(name) if cache else None) or b"")
        if len(found) < _ENOUGH:
            found.append(_measure())
            if cache:
                cache.store(name, found.tobytes())
        _known[:] = [statistics.median_low(found)]
        return _known[0]
    finally:
        _measuring.release()


def _measure() -> int:
    """Return the least work of those tried that gains by a helper, in nanoseconds."""
    launch = Launch(None, (ctypes.c_int64 * 1)(), 64)
    unit = _Counting(10_000)
    each = min(_time(partial(run_alone, launch, unit.records)) for _ in range(_ROUNDS)) / unit.count
    for work in _WORKS:
        counting = _Counting(max(int(work / each), _PARTS))
        ratios = []
        for _ in range(_ROUNDS):  # one beside the other: the machine may be slower for a while
            alone = _time_after_pause(partial(run_alone, launch, counting.records))
            ratios.append(_time_after_pause(partial(run_shared, launch, counting.records, 1)) / alone)
        if statistics.median(ratios) < _GAIN:
            return work
    return _NEVER


class _Counting:
    """A chain of parts in which nothing is launched, as `text/chain.ll` reads it: work that touches no memory."""

    def __init__(self, count: int) -> None:
        self.count = count
        slot, act = [-1, 0, 0], [0] * 10
        self._words = array.array("q", [1, 1, 0, 1, count, *slot, *act])
        address = self._words.buffer_info()[0]
        cuts = itertools.pairwise(count * part // _PARTS for part in range(_PARTS + 1))
        memory = array.array("q", [word for first, last in cuts for word in (address, 0, first, last)])
        self.records = Records(memory, memory.buffer_info()[0], _PARTS)


def _time_after_pause(run: Callable[[], object]) -> int:
    time.sleep(_PAUSE)
    return _time(run)


def _time(run: Callable[[], object]) -> int:
    start = time.perf_counter_ns()
    run()
    return time.perf_counter_ns() - start
