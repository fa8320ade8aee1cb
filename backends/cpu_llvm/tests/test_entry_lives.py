"""Calls that machine code serves: references, memory, threads, and functions that go away."""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
import weakref
from typing import Any

import numpy as np

from fuser_core import fuse
from llvm_calls import a, b, needs_entry, ready, rng, same

pytestmark = needs_entry


def test_references_and_memory_stay_as_they_are() -> None:
    fused = ready(lambda x, y: (x + y, (x * y).sum()), a, b)
    watched = (a, b, a.dtype, fused, np.ndarray)
    before = list(map(sys.getrefcount, watched))
    tracemalloc.start()
    for _ in range(1000):
        fused(a, b)
    start = tracemalloc.get_traced_memory()[0]
    for _ in range(100_000):
        fused(a, b)
    grown = tracemalloc.get_traced_memory()[0] - start
    tracemalloc.stop()
    assert fused.last_run.direct
    assert list(map(sys.getrefcount, watched)) == before
    assert grown < 10_000


def test_a_function_goes_away_with_its_entry() -> None:
    fused = ready(lambda x: x + 1, a)
    gone = weakref.ref(fused)
    del fused
    gc.collect()
    assert gone() is None


def test_threads_share_a_function() -> None:
    fused = fuse(lambda x, y: (np.exp(x) * y, (x * y).sum(1)))
    arrays = [rng.random((2, 100, 90)) for _ in range(8)]
    expected = [fused(*pair) for pair in arrays]
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for _ in range(200):
                same(fused(*arrays[number]), expected[number])
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert fused(*arrays[0]) is not None
    assert fused.last_run.direct


def test_a_function_dropped_while_another_thread_runs_it() -> None:
    x = rng.random((100, 100))
    for _ in range(20):
        fused = fuse(lambda x: np.exp(x) * 2)
        for _ in range(3):
            fused(x)
        results: list[Any] = []
        thread = threading.Thread(target=lambda f, out: out.extend(f(x) for _ in range(20)), args=(fused, results))
        thread.start()
        del fused
        gc.collect()
        thread.join()
        assert len(results) == 20
        same(results[-1], results[0])
