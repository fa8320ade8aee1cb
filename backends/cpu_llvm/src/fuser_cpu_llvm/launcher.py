"""How records reach the driver: alone, or with the help of threads where what was measured says that it pays."""

from __future__ import annotations

import time
from collections.abc import Callable

from fuser_cpu_llvm.break_even import threads_pay
from fuser_cpu_llvm.crew import Launch, helpers, run_alone, run_shared
from fuser_cpu_llvm.prepared import Records

__all__ = ["Work", "do_records"]

_PART_NANOSECONDS = 20_000
_PARTS_PER_THREAD = 4
"""Work is cut finer than there are threads, so that one that is held up is waited for less."""


_MOST_OFF = 5
"""An estimate is not off by more; a first measurement that says so was disturbed."""


_CLEAR = 2_000_000
"""Nanoseconds of work that are shared for certain."""

_ALONE_EVERY = 16
"""Of shared launches of less work, one in so many is done alone: what was measured may have been disturbed."""


class Work:
    """How long a launch takes one thread: an estimate, until it has been measured.

    Attributes:
        nanoseconds: The least that was seen; what disturbs a measurement only makes it longer.
    """

    __slots__ = ("_most", "_shared", "nanoseconds")

    def __init__(self, estimate: float) -> None:
        self.nanoseconds = estimate
        self._most = estimate * _MOST_OFF
        self._shared = 0

    def wants_threads(self, threads: int) -> bool:
        """Say whether to share the next launch; now and then one that is not very long is measured alone."""
        if not threads_pay(self.nanoseconds, threads):
            return False
        self._shared += 1
        return self.nanoseconds > _CLEAR or self._shared % _ALONE_EVERY != 2

    def saw(self, nanoseconds: int, threads: int) -> None:
        """Note what so many threads took together: one takes no longer than they do in turn."""
        total = nanoseconds * threads
        if threads == 1 or total < self.nanoseconds:
            self.nanoseconds = self._most = min(self._most, total)


def do_records(launch: Launch, records: Callable[[int], Records], work: Work, threads: int) -> None:
    """Do all records of a launch.

    Args:
        launch: What they are done with.
        records: ``records(parts)`` returns the work cut into so many parts at most.
        work: How long it takes, which is noted there.
        threads: The most threads to use.
    """
    if not work.wants_threads(threads):
        found = records(1)
        start = time.perf_counter_ns()
        run_alone(launch, found)
        work.saw(time.perf_counter_ns() - start, 1)
        return
    workers = helpers(threads)
    worthwhile = 1 << int(work.nanoseconds / _PART_NANOSECONDS).bit_length()  # few numbers: each is cut once
    found = records(min((workers + 1) * _PARTS_PER_THREAD, worthwhile))
    start = time.perf_counter_ns()
    run_shared(launch, found, workers)
    work.saw(time.perf_counter_ns() - start, workers + 1)
