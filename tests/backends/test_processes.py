"""Forked and spawned children, with every backend: they register and run, whatever the parent was doing."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import numpy as np
import pytest

from crowds import in_child, needs_fork
from fuser_core import config, fuse, parse_ir, register_fusion, run_fusion, use_backends
from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, SlowBackend, installed
from spawned import TEXT, register_and_run

X, Y = np.linspace(-2, 2, 1001), np.linspace(0.5, 1, 1001)
LARGE = np.linspace(0, 1, 400_003)


def _run(text=TEXT, x=X):
    stack = [x, Y]
    run_fusion(register_fusion(parse_ir(text)), stack)
    np.testing.assert_allclose(stack[0], np.tanh(x + Y), rtol=1e-12, atol=1e-14)


def _new(number):
    """Return a function like no other, which has to be compiled, and what it returns for ``X``."""
    return fuse(lambda x: np.exp(x) * number + x), np.exp(X) * number + X


def _run_new(number):
    fused, expected = _new(number)
    np.testing.assert_allclose(fused(X), expected, rtol=1e-12, atol=1e-14)


@needs_fork
def test_a_child_runs_what_the_parent_has_compiled_and_what_it_has_not(backend):
    _run()

    def work():
        _run()
        _run_new(3.25)
        assert register_fusion(parse_ir(TEXT.replace("tanh", "exp"))) != register_fusion(parse_ir(TEXT))

    in_child(work)
    _run()
    _run_new(4.25)


@needs_fork
def test_a_child_of_a_child(backend):
    _run()

    def child():
        _run_new(5.25)
        in_child(lambda: (_run(), _run_new(6.25)))

    in_child(child)


@needs_fork
def test_keys_of_the_parent_hold_in_the_child(backend):
    key = register_fusion(parse_ir(TEXT))

    def work():
        stack = [X, Y]
        run_fusion(key, stack)
        np.testing.assert_allclose(stack[0], np.tanh(X + Y), rtol=1e-12, atol=1e-14)

    in_child(work)


@needs_fork
def test_a_child_makes_threads_of_its_own(backend, monkeypatch):
    monkeypatch.setenv("FUSER_NUM_THREADS", "4")
    config.default_threads.cache_clear()
    fused = fuse(lambda x, y: (np.sin(x) * y, x.sum()))

    def work():
        for _ in range(3):
            product, total = fused(LARGE, 2.0)
            np.testing.assert_allclose(product, np.sin(LARGE) * 2, rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(total, LARGE.sum(), rtol=1e-12, atol=1e-14)

    def child():
        assert threading.active_count() == 1
        work()

    work()
    in_child(child)
    work()


@needs_fork
def test_forks_while_other_threads_compile(backend):
    stop = threading.Event()
    failures = []

    def compile_without_end(thread):
        number = 0
        while not stop.is_set():
            number += 1
            try:
                with use_backends(backend):
                    _run_new(thread * 1e6 + number)
            except BaseException as error:  # noqa: BLE001  it is told below
                failures.append(error)
                return

    threads = [threading.Thread(target=compile_without_end, args=(number,), daemon=True) for number in range(1, 4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(8):
            time.sleep(0.01)
            in_child(lambda number=number: (_run_new(number + 0.5), _run()))
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert failures == []


@needs_fork
def test_a_fork_while_another_thread_compiles_the_very_same():
    fused = fuse(lambda x: x * 3.5 - 1)
    with installed("slow", SlowBackend(0.5, priority=10**6)):
        thread = threading.Thread(target=fused, args=(X,), daemon=True)
        thread.start()
        time.sleep(0.2)

        def work():
            np.testing.assert_array_equal(fused(X), X * 3.5 - 1)
            assert fused.last_run.backend == "slow"

        in_child(work)
        thread.join(30)
        work()


@needs_fork
def test_a_fork_while_another_thread_makes_the_first_call_of_all():
    """The machinery itself is being imported then, and Python's locks of its modules are held."""
    program = """
        import sys, threading, time, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        import numpy as np
        from crowds import in_child
        from fuser_core import fuse
        x = np.linspace(0, 1, 1000)
        fused = fuse(lambda x: np.exp(x) * 2)
        def work():
            assert np.allclose(fused(x), np.exp(x) * 2)
        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(float(sys.argv[1]))
        in_child(work, 20)
        thread.join()
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for delay in ("0.005", "0.03", "0.1", "0.2"):
        command = [sys.executable, "-c", textwrap.dedent(program), delay]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
        assert done.returncode == 0, done.stderr


@needs_fork
def test_a_hook_that_forks():
    class Forking(AcceptingBackend):
        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            in_child(lambda: super(Forking, self).compile_group(group, options).run([X], [np.empty_like(X)]))
            return super().compile_group(group, options)

    with installed("forking", Forking(priority=10**6)):
        fused = fuse(lambda x: x * 8.5)
        np.testing.assert_array_equal(fused(X), X * 8.5)
        assert fused.last_run.backend == "forking"


@pytest.mark.parametrize("method", [name for name in multiprocessing.get_all_start_methods() if name != "fork"])
def test_a_child_that_starts_from_nothing(backend, method):
    _run()
    context = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=register_and_run, args=(sender, backend))
    child.start()
    try:
        assert receiver.poll(60), "the child hangs"
        assert receiver.recv() == "ok"
    finally:
        child.kill()
        child.join(20)


@needs_fork
def test_a_pool_of_forked_workers(backend):
    _run()
    context = multiprocessing.get_context("fork")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of any fork beside threads
        with context.Pool(2) as pool:
            assert pool.map_async(_run_new, [0.125, 0.25, 0.375, 0.5]).get(60) == [None] * 4
