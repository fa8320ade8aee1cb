"""Crowds for tests: threads that start at the same moment, and forked children that tell how it went."""

from __future__ import annotations

import os
import select
import signal
import threading
import traceback
import warnings

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")

SECONDS = 40


def in_child(work, seconds=SECONDS):
    """Run a function in a forked child; fail with its traceback, or when it hangs.

    The child reports through a pipe and leaves by `os._exit`, so that nothing of the parent's runs twice.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of any fork beside threads
        child = os.fork()
    if child == 0:
        os.close(reader)
        report = b"ok"
        try:
            work()
        except BaseException:  # noqa: BLE001  whatever it is, the parent wants to hear of it
            report = traceback.format_exc().encode()
        finally:
            os.write(writer, report)
            os._exit(0)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], seconds)
        report = os.read(reader, 1 << 16).decode() if ready else f"the child hangs: no word in {seconds} seconds"
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert report == "ok", report


def together(count, call, seconds=SECONDS):
    """Call a function in so many threads that start at once; return its results, or raise the first exception."""
    barrier, results, errors = threading.Barrier(count), [None] * count, []

    def work(number):
        try:
            barrier.wait(seconds)
            results[number] = call(number)
        except BaseException as error:  # noqa: BLE001  it is raised below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "threads wait for each other"
    if errors:
        raise errors[0]
    return results
