"""Forks: they wait for work that must not be cut in two, and leave the child with locks that open."""

import os
import threading
import time

import pytest

from crowds import in_child, needs_fork, together
from fuser_core import forks
from fuser_core.forks import undivided

pytestmark = needs_fork


def _nothing():
    pass


def _in_a_thread(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_fork_waits_for_what_another_thread_does():
    begun, ended = threading.Event(), threading.Event()

    def work():
        with undivided():
            begun.set()
            time.sleep(0.3)
            ended.set()

    thread = _in_a_thread(work)
    assert begun.wait(20)
    in_child(lambda: _assert(ended.is_set()))
    thread.join(20)


def _assert(condition):
    assert condition


def test_a_fork_does_not_wait_for_the_thread_that_forks():
    with undivided(), undivided():
        in_child(lambda: _assert(forks._inside == {threading.get_ident(): 2}))
        assert forks._inside == {threading.get_ident(): 2}
    assert forks._inside == {}


def test_the_child_goes_on_where_it_was():
    def work():
        with undivided():
            pass

    with undivided():
        in_child(work)
    in_child(work)


def test_a_fork_waits_no_longer_than_its_patience(monkeypatch):
    monkeypatch.setattr(forks, "_PATIENCE", 0.2)
    begun, go = threading.Event(), threading.Event()

    def work():
        with undivided():
            begun.set()
            assert go.wait(20)

    thread = _in_a_thread(work)
    assert begun.wait(20)
    start = time.monotonic()

    def enter():
        assert forks._inside == {}
        with undivided():
            pass

    in_child(enter)
    assert time.monotonic() - start < 20
    go.set()
    thread.join(20)
    assert forks._inside == {}


def test_threads_are_inside_together():
    barrier = threading.Barrier(4)

    def work(_):
        with undivided():
            barrier.wait(20)

    together(4, work)
    assert forks._inside == {}


def test_an_error_leaves():
    with pytest.raises(ZeroDivisionError), undivided():
        _ = 1 / 0
    assert forks._inside == {}


def test_threads_that_fork_at_once():
    def work(number):
        with undivided():
            time.sleep(0.01)
        in_child(_nothing)

    together(4, work)


def test_what_is_to_be_done_in_a_child_is_done():
    seen = []
    forks.in_child(lambda: seen.append(os.getpid()))
    in_child(lambda: _assert(seen == [os.getpid()]))
    assert seen == []


def test_work_without_end_does_not_hold_a_fork_up():
    stop = threading.Event()

    def work():
        while not stop.is_set():
            with undivided():
                time.sleep(0.02)

    threads = [_in_a_thread(work) for _ in range(4)]
    start = time.monotonic()
    for _ in range(3):
        in_child(lambda: _assert(not forks._inside))
    assert time.monotonic() - start < 3 * forks._PATIENCE
    stop.set()
    for thread in threads:
        thread.join(20)
    assert forks._inside == {}
