"""The pool of threads: the same bits for any number of them, and no launch that waits for another for ever."""

import os
import threading

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm import launcher
from fuser_cpu_llvm import pool as pool_module
from fuser_cpu_llvm.crew import helpers

RNG = np.random.default_rng(7)
A, B = RNG.random((2, 700, 300))

WORK = {
    "elementwise": lambda a, b: np.exp(a) * b - np.sin(b),
    "packed": lambda a, b: a[::-1, ::2] * b[:, 1::2],
    "transposed": lambda a, b: a * b[:300].sum() + b.T[:1].T,
    "all": lambda a, b: (a - b).sum(),
    "rows": lambda a, b: (a * b).sum(axis=1),
    "columns": lambda a, b: (a * b).sum(axis=0),
}

pytestmark = pytest.mark.skipif(pool_module.pool_text_values() is None, reason="no pool on this system")


@pytest.fixture(autouse=True)
def _always_shared(monkeypatch):
    """Share out even what is too small to be worth it."""
    monkeypatch.setattr(launcher, "threads_pay", lambda _, threads: helpers(threads) > 0)
    monkeypatch.setattr(launcher, "_PART_NANOSECONDS", 500)


@pytest.mark.parametrize("name", WORK)
def test_any_number_of_threads_gives_the_same_bits(name):
    results = [fuse(WORK[name], backend="cpu_llvm", threads=threads)(A, B) for threads in (1, 2, 5)]
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


@pytest.mark.skipif(len(getattr(os, "sched_getaffinity", lambda _: ())(0)) < 2, reason="one processor")
def test_workers_keep_off_the_callers_processor(monkeypatch):
    allowed = os.sched_getaffinity(0)
    fused = fuse(WORK["elementwise"], backend="cpu_llvm", threads=2)
    for here in sorted(allowed)[:2]:
        monkeypatch.setattr(pool_module, "_processor_reader", lambda here=here: lambda: here)
        fused(A, B)
        for worker in pool_module.pool()._workers:
            assert os.sched_getaffinity(worker.native_id) == allowed - {here}
    assert os.sched_getaffinity(0) == allowed


def test_launches_beside_each_other_do_their_work_themselves():
    fused = fuse(WORK["elementwise"], backend="cpu_llvm", threads=3)
    expected, wrong = fused(A, B), []

    def work():
        wrong.extend(1 for _ in range(50) if not np.array_equal(fused(A, B), expected))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_workers_of_its_own():
    fused = fuse(WORK["elementwise"], backend="cpu_llvm", threads=3)
    expected = fused(A, B)
    child = os.fork()
    if child == 0:
        same = np.array_equal(fused(A, B), expected) and len(pool_module.pool()._own) == 2
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
    np.testing.assert_array_equal(fused(A, B), expected)


def test_without_workers_the_caller_does_it_all(monkeypatch):
    monkeypatch.setattr(pool_module.Pool, "helpers", lambda *_: 0)
    np.testing.assert_array_equal(fuse(WORK["packed"], backend="cpu_llvm", threads=4)(A, B), A[::-1, ::2] * B[:, 1::2])


def test_a_thread_that_cannot_start_is_done_without(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    own = pool_module.Pool()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert own.helpers(3, 0) == 0
