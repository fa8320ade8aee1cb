"""A made-up result: what reports and the gate are tried on. No number in it was measured."""

import random

import pytest

from fuser_core.bench.result import Machine, Result, Row, Run

CONTENDERS = {
    "cpu_llvm": "fuse(backend='cpu_llvm'), as many threads as the run says",
    "numpy": "the function as it is written",
    "numpy_out": "the same, with out= where possible",
    "numexpr": "evaluate, with NUMEXPR_NUM_THREADS",
    "torch": "torch.compile, dynamic=False",
    "jax": "jax.jit with 64 bits",
}
SPEED = {"cpu_llvm": 1.0, "numpy": 5.0, "numpy_out": 4.0, "numexpr": 3.0, "torch": 1.7, "jax": 1.5}
KINDS = ("memory", "arithmetic", "reduction")


def make_row(number, size, threads, rng):
    """Return a row of random times, whose contenders differ as much as real ones."""
    kind = KINDS[number % 3]
    moved = size * 8 * (2 + number % 4)
    floor = max(moved / 1.2e10, 4e-7)
    work = floor * (1 + number % 7 * 0.4) / (threads or 1)
    times = {name: work * speed * rng.uniform(0.55, 1.8) for name, speed in SPEED.items()}
    unable = {}
    if number % 5 == 0:
        del times["numexpr"]
        unable["numexpr"] = "it has no such function"
    reason = "two kernels, since the first result is looked at in three places" if number == 3 else None
    spread = {name: time * rng.uniform(0.005, 0.06) for name, time in times.items()}
    operations = None if number % 8 == 7 else 3 + 4 * (number % 11)
    name = f"workload_{number:02}" if number else "great_circle_distances_of_all_pairs_single"
    source = "a textbook, chapter 3" if number % 2 else "https://example.org/a/definition"
    return Row(name, "kernel", kind, source, size, moved, operations, floor, times, spread, unable, reason)


def make_result(seed=7, workloads=40, sizes=(1000, 100_000, 4_000_000), threads=(1, 2)):
    """Return a result of several runs, the largest size and most threads first."""
    rng = random.Random(seed)  # noqa: S311 - numbers that look measured, no secrets
    runs = [
        Run("cpu", size, count, tuple(make_row(number, size, count, rng) for number in range(workloads)))
        for size in reversed(sizes)
        for count in reversed(threads)
    ]
    machine = Machine("A Made-up Processor <8> & Co", 2, 7.8, None, "Linux 6.1 x86_64", "CPython 3.11.2")
    versions = {"fuser-core": "0.1.0", "numpy": "2.4.0", "torch": "2.9.0", "jax": "0.8.0", "numexpr": "2.14.1"}
    return Result("2026-01-02T03:04:05+00:00", machine, versions, CONTENDERS, tuple(runs), ("cpu_llvm",))


@pytest.fixture(scope="session")
def result():
    """Forty workloads at three sizes, with one and two threads."""
    return make_result()


@pytest.fixture
def make():
    """``make(...)`` makes another such result."""
    return make_result
