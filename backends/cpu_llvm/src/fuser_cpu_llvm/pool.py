"""Threads that share out the records of a launch, woken in microseconds; `text/pool.ll` is what they do.

Workers are Python threads inside machine code, where they hold no lock of Python's. On a system without Linux's futex
every launch does its work alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import sys
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from fuser_cpu_llvm.scratch import aligned_memory

__all__ = ["Pool", "pool", "pool_text_values"]

_WORDS = 64
_MOST_WORKERS = 255
_SPINS = 1000
"""Looks before sleeping, some ten microseconds: a launch that follows at once finds everybody awake."""

_FUTEX: Mapping[str, int] = MappingProxyType({"x86_64": 202, "aarch64": 98})
"""Number of the system call, by machine."""

_PAUSE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "x86_64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"),
        "aarch64": ("declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"),
    }
)
_NOWHERE = -1


@functools.cache
def _processor_reader() -> Callable[[], int]:
    """Return the C library's function that says where the calling thread runs."""
    read: Callable[[], int] = getattr(ctypes.PyDLL(None), "sched_getcpu", lambda: _NOWHERE)
    return read


_WORK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)


def pool_text_values() -> dict[str, object] | None:
    """Return what the pool's IR needs to know of this machine; ``None`` where there can be no pool."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _FUTEX:
        return None
    declare, pause = _PAUSE[machine]
    return {"futex": _FUTEX[machine], "declare_pause": declare, "pause": pause, "spins": _SPINS}


class Pool:
    """The workers of this process.

    Attributes:
        address: Of the memory by which launches and workers speak.
    """

    def __init__(self) -> None:
        self._memory, self.address = aligned_memory(8 * _WORDS)
        self._lock = threading.Lock()
        self._own: list[ctypes.Array[ctypes.c_int64]] = []
        self._workers: list[threading.Thread] = []
        self._avoided = _NOWHERE

    def helpers(self, wanted: int, work: int) -> int:
        """Return how many workers there are of those wanted; missing ones are started.

        Args:
            wanted: How many would help.
            work: Address of the machine code of a worker's life.
        """
        wanted = min(wanted, _MOST_WORKERS)
        if len(self._own) < wanted:
            with self._lock:
                while len(self._own) < wanted and self._start(work):
                    pass
        return min(wanted, len(self._own))

    def _start(self, work: int) -> bool:
        own = (ctypes.c_int64 * 2)()
        number = len(self._own)
        arguments = (self.address, number, ctypes.addressof(own))
        worker = threading.Thread(target=_WORK(work), args=arguments, name=f"fuser_cpu_llvm-{number}", daemon=True)
        try:
            worker.start()
        except RuntimeError:  # the interpreter shuts down, or the system has no more threads
            return False
        self._own.append(own)
        self._workers.append(worker)
        self._avoided = _NOWHERE
        return True

    def keep_off(self) -> None:
        """Keep the workers off the processor that the calling thread is on.

        A system that wakes a thread likes to put it where the waking one runs, though others are idle, and may take
        milliseconds to move it: after a pause two threads were no faster than one.
        """
        here = _processor_reader()()
        if here == self._avoided:
            return
        self._avoided = here
        others = os.sched_getaffinity(0) - {here}
        numbers = [worker.native_id for worker in self._workers if worker.native_id is not None]
        for number in numbers if others else ():
            with contextlib.suppress(OSError):  # the system may not let it go there
                os.sched_setaffinity(number, others)


_pool = Pool()


def pool() -> Pool:
    """Return the pool of this process."""
    return _pool


def _forget_workers() -> None:
    """In a forked child: the parent's threads are not there, and its launches never end."""
    global _pool  # noqa: PLW0603  (one pool per process is the point)
    _pool = Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)
