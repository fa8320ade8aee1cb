"""Programs: what a call allocates and frees, and that threads share one program."""

import gc
import threading
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fuser_core import fuse, use_backends
from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(12.0).reshape(3, 4)


def _total(items):
    return sum(items)


def test_intermediates_are_freed_after_their_last_use():
    @fuse
    def chain(x):
        for _ in range(8):
            x = x @ x
        return x

    matrix = np.eye(200)
    chain(matrix)
    tracemalloc.start()
    chain(matrix)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * matrix.nbytes


def test_a_program_keeps_no_argument_alive():
    fused = fuse(lambda x: x + 1)
    array = np.ones(3)
    alive = weakref.ref(array)
    fused(array)
    del array
    gc.collect()
    assert alive() is None


def test_threads_share_a_program():
    fused = fuse(lambda x, s: (x * s - x.max(axis=0)).sum(axis=1))
    barrier = threading.Barrier(8)

    def work(number):
        barrier.wait(20)
        return [fused(X + number, step) for step in range(20)]

    with ThreadPoolExecutor(8) as pool:
        for number, results in enumerate(pool.map(work, range(8))):
            for step, result in enumerate(results):
                x = X + number
                np.testing.assert_array_equal(result, (x * step - x.max(axis=0)).sum(axis=1))


def test_a_context_of_one_thread_is_not_another_s():
    seen = {}
    with installed("fake", AcceptingBackend()):
        fused = fuse(lambda x: x * 2)
        with use_backends("fallback_numpy"):
            fused(X)
            seen["here"] = fused.last_run.backend
            thread = threading.Thread(target=lambda: seen.update(there=(fused(X), fused.last_run.backend)[1]))
            thread.start()
            thread.join(20)
    assert seen == {"here": "fallback_numpy", "there": "fake"}


def test_the_threads_option_reaches_launch(monkeypatch):
    seen = []

    class Spy(AcceptingBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            seen.append(threads)
            super().launch(kernel, inputs, outputs, threads)

    monkeypatch.setenv("FUSER_NUM_THREADS", "5")
    with installed("spy", Spy()):
        fuse(threads=2)(lambda x: x * 2)(X)
        fuse(lambda x: x * 2)(X)
    assert seen == [2, 5]


def test_outputs_are_allocated_in_order_k():
    strides = []

    class Spy(AcceptingBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            strides.extend(desc.strides for desc in outputs)
            super().launch(kernel, inputs, outputs, threads)

    with installed("spy", Spy()):
        fuse(lambda x: x * 2)(X.T)
    assert strides == [(8, 32)]


def test_a_thousand_inputs_and_thousands_of_operations():
    arrays = [np.full(2, float(number)) for number in range(1000)]
    np.testing.assert_array_equal(fuse(_total)(arrays), np.full(2, 499500.0))

    def long(x):
        for _ in range(3_000):
            x = x + 1.0
        return x

    np.testing.assert_array_equal(fuse(long)(np.zeros(2)), np.full(2, 3000.0))
