"""Plugins that take their time to import, or fail at it: imported once, however many threads ask at one moment."""

import sys
import time
import warnings

import numpy as np
import pytest

from crowds import in_child, needs_fork, together
from fuser_core import FuserWarning, can_fuse_on_cpu, fuse, refresh_backends
from fuser_core.discovery import State, registry

X = np.arange(4.0)
COUNTING = """
import sys, time
sys.imports_of_fake = getattr(sys, "imports_of_fake", 0) + 1
time.sleep({seconds})
{then}
from fuser_core.testing.fakes import AcceptingBackend
backend = AcceptingBackend()
"""


@pytest.fixture(autouse=True)
def _count_from_zero():
    yield
    vars(sys).pop("imports_of_fake", None)


def test_eight_threads_import_a_slow_plugin_once(provide):
    provide(source=COUNTING.format(seconds=0.3, then=""))
    fused = [fuse(lambda x: x * 2 + 1) for _ in range(8)]
    results = together(8, lambda number: fused[number](X))
    for number, result in enumerate(results):
        np.testing.assert_array_equal(result, X * 2 + 1)
        assert fused[number].last_run.backend == "fake"
    assert sys.imports_of_fake == 1


def test_eight_threads_import_a_slow_failure_once_and_one_tells(provide):
    provide(source=COUNTING.format(seconds=0.3, then="raise RuntimeError('no such driver')"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = together(8, lambda number: fuse(lambda x: x * 2 + 1)(X))
    for result in results:
        np.testing.assert_array_equal(result, X * 2 + 1)
    assert sys.imports_of_fake == 1
    told = [str(warning.message) for warning in caught if "no such driver" in str(warning.message)]
    (message,) = told
    assert message.startswith(
        "fuser_core backend 'fake': fake-backend 1.0: cannot be imported: RuntimeError: no such driver ("
    )


def test_every_door_waits_for_the_same_import(provide):
    provide(source=COUNTING.format(seconds=0.3, then=""))
    doors = [registry.records, can_fuse_on_cpu, lambda: fuse(lambda x: x + 1)(X)]
    records, can_fuse, result = together(3, lambda number: doors[number]())
    assert "fake" in {record.name for record in records}
    assert can_fuse is True
    np.testing.assert_array_equal(result, X + 1)
    assert sys.imports_of_fake == 1


def test_decorating_imports_nothing(provide):
    provide(source=COUNTING.format(seconds=0, then=""))

    @fuse
    def decorated(x):
        return x + 1

    assert decorated.last_run is None
    assert not hasattr(sys, "imports_of_fake")
    decorated(X)
    assert sys.imports_of_fake == 1


def test_eight_threads_never_import_a_disabled_plugin(provide, monkeypatch):
    provide(source=COUNTING.format(seconds=0.3, then="raise RuntimeError('imported')"))
    monkeypatch.setenv("FUSER_DISABLE", "fake")
    start = time.perf_counter()
    results = together(8, lambda number: fuse(lambda x: x * 2 + 1)(X))
    assert time.perf_counter() - start < 20
    for result in results:
        np.testing.assert_array_equal(result, X * 2 + 1)
    assert not hasattr(sys, "imports_of_fake")


def test_a_failure_that_is_an_error_by_filter_raises_once_and_is_not_imported_again(provide):
    provide(source=COUNTING.format(seconds=0, then="raise RuntimeError('no such driver')"))
    fused = fuse(lambda x: x * 2 + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FuserWarning, match="no such driver"):
            fused(X)
        np.testing.assert_array_equal(fused(X), X * 2 + 1)
    assert sys.imports_of_fake == 1
    (record,) = [record for record in registry.records() if record.name == "fake"]
    assert record.state is State.FAILED


def test_threads_that_refresh_and_run_do_not_disturb_each_other(provide):
    provide(source=COUNTING.format(seconds=0, then=""))
    fused = fuse(lambda x: x * 2 + 1)

    def work(number):
        for _ in range(20):
            if number % 4 == 0:
                refresh_backends()
            np.testing.assert_array_equal(fused(X + number), (X + number) * 2 + 1)

    assert together(8, work) == [None] * 8
    assert fused.last_run.backend == "fake"


@needs_fork
def test_a_fork_while_another_thread_imports_a_plugin(provide):
    provide(source=COUNTING.format(seconds=0.5, then=""))
    fused = fuse(lambda x: x * 2 + 1)

    def work():
        np.testing.assert_array_equal(fused(X), X * 2 + 1)
        assert fused.last_run.backend == "fake"
        assert sys.imports_of_fake == 1

    def fork(number):
        if number == 0:
            work()
        else:
            time.sleep(0.2)
            in_child(work)

    together(2, fork)


@needs_fork
def test_a_plugin_that_forks_while_it_is_imported(provide):
    source = """
import os, sys
child = os.fork()
if child == 0:
    os._exit(7)
sys.exit_code_of_child = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
from fuser_core.testing.fakes import AcceptingBackend
backend = AcceptingBackend()
"""
    provide(source=source)
    try:
        np.testing.assert_array_equal(fuse(lambda x: x * 2 + 1)(X), X * 2 + 1)
        assert sys.exit_code_of_child == 7
    finally:
        del sys.exit_code_of_child
