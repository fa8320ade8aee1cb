"""From how much work on threads pay: what is measured, when, and what becomes of it."""

import threading

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.disk_cache import DiskCache
from fuser_cpu_llvm import break_even, launcher
from fuser_cpu_llvm import pool as pool_module
from fuser_cpu_llvm.break_even import threads_pay
from fuser_cpu_llvm.launcher import Work

LEAST, MOST = break_even._WORKS[0], break_even._WORKS[-1]

pytestmark = pytest.mark.skipif(pool_module.pool_text_values() is None, reason="no pool on this system")


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Begin as a process that knows nothing; list what was measured: 300 microseconds each time, or what is set."""
    found = []

    def measure():
        found.append(measured.result)
        return measured.result

    def measured():
        return found

    measured.result = 300_000
    measured.cache = DiskCache(tmp_path)
    monkeypatch.setattr(break_even, "_known", [])
    monkeypatch.setattr(break_even, "_measure", measure)
    monkeypatch.setattr(break_even, "disk_cache", lambda: measured.cache)
    return measured


def test_what_is_clear_is_not_measured(measured):
    assert not threads_pay(LEAST - 1, 2)
    assert threads_pay(MOST + 1, 2)
    assert not threads_pay(MOST + 1, 1)
    assert measured() == []


def test_the_rest_is_measured_once_in_a_process(measured):
    assert [threads_pay(work, 2) for work in (100_000, 299_999, 300_000, 400_000)] == [False, False, True, True]
    assert measured() == [300_000]


def test_several_processes_measure_and_the_median_counts(measured):
    for result, expected in zip((800_000, 100_000, 300_000, 200_000, 1_600_000), (8, 1, 3, 2, 3), strict=True):
        measured.result = result
        threads_pay(MOST, 2)
        assert break_even._known == [expected * 100_000]
        break_even._known.clear()
    measured.result = 25_000
    assert threads_pay(300_000, 2)
    assert not threads_pay(299_999, 2)
    assert len(measured()) == break_even._ENOUGH


def test_where_a_helper_gained_nothing_long_work_is_shared_all_the_same(measured):
    measured.result = break_even._NEVER
    for _ in range(2):
        assert not threads_pay(MOST, 2)
        assert threads_pay(MOST + 1, 2)
    assert measured() == [break_even._NEVER]


def test_work_that_is_known_to_be_too_little_starts_no_workers(measured, monkeypatch):
    threads_pay(100_000, 2)
    monkeypatch.setattr(break_even, "helpers", lambda _: pytest.fail("workers were asked for"))
    assert not threads_pay(299_999, 2)


def test_without_a_cache_each_process_measures(measured):
    measured.cache = None
    assert threads_pay(300_000, 2)
    break_even._known.clear()
    assert threads_pay(300_000, 2)
    assert measured() == [300_000, 300_000]


def test_nobody_waits_for_another_that_measures(measured):
    with break_even._measuring:
        assert threads_pay(break_even._ASSUMED, 2)
        assert not threads_pay(break_even._ASSUMED - 1, 2)
    assert measured() == []


def test_a_measurement_is_one_of_those_tried():
    assert break_even._measure() in {*break_even._WORKS, break_even._NEVER}


def test_threads_that_come_at_once_agree_in_the_end(monkeypatch):
    monkeypatch.setattr(break_even, "_known", [])
    monkeypatch.setattr(break_even, "disk_cache", lambda: None)
    x = np.linspace(0, 1, 60_000)
    fused = fuse(lambda x: np.exp(x) * np.sin(x), backend="cpu_llvm", threads=2)
    wrong = []
    threads = [
        threading.Thread(target=lambda: wrong.extend([] if np.array_equal(fused(x), fused(x)) else [1]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(break_even._known) == 1


def test_work_is_what_was_seen_least():
    work = Work(100.0)
    work.saw(150, 1)
    assert work.nanoseconds == 150
    work.saw(120, 1)
    work.saw(180, 1)
    assert work.nanoseconds == 120
    work.saw(50, 2)
    assert work.nanoseconds == 100
    work.saw(70, 2)
    assert work.nanoseconds == 100


def test_a_first_measurement_that_was_disturbed_does_not_count_in_full():
    work = Work(100.0)
    work.saw(1_000_000, 1)
    assert work.nanoseconds == 500


def test_a_kernel_that_takes_longer_than_it_was_thought_to_is_shared(monkeypatch):
    monkeypatch.setattr(launcher, "threads_pay", lambda nanoseconds, threads: nanoseconds > 1000)
    shared = []
    monkeypatch.setattr(launcher, "run_shared", lambda launch, records, workers: shared.append(records.count))
    monkeypatch.setattr(launcher, "helpers", lambda threads: threads - 1)
    monkeypatch.setattr(launcher, "run_alone", lambda launch, records: sum(range(10_000)))
    work = Work(900.0)
    for _ in range(2):
        launcher.do_records(None, lambda parts: type("Records", (), {"count": parts}), work, 2)
    assert work.nanoseconds > 1
    assert shared == [1]


def test_shared_work_is_measured_alone_now_and_then(monkeypatch):
    monkeypatch.setattr(launcher, "threads_pay", lambda nanoseconds, threads: nanoseconds > 1000)
    work = Work(5000.0)
    assert [work.wants_threads(2) for _ in range(16)].count(False) == 1
    work.saw(400, 1)
    assert not work.wants_threads(2)
    assert all(Work(3e6).wants_threads(2) for _ in range(100))
