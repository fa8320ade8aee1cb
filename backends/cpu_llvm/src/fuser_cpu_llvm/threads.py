"""Threads and scratch memory: a pool that is made when first needed, and again after a fork."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

__all__ = ["run_together", "scratch_address"]

_SCRATCH_ALIGNMENT = 64


class _Scratch(threading.local):
    """Memory of one thread that grows with the greatest demand."""

    def __init__(self) -> None:
        self.memory = np.empty(0, np.uint8)
        self.address = 0
        self.size = 0

    def grow(self, size: int) -> None:
        self.memory = np.empty(size + _SCRATCH_ALIGNMENT, np.uint8)
        self.address = -(-self.memory.ctypes.data // _SCRATCH_ALIGNMENT) * _SCRATCH_ALIGNMENT
        self.size = size


class _Pool:
    """Worker threads of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.executor: ThreadPoolExecutor | None = None

    def submit(self, work: Callable[[], None]) -> Future[None] | None:
        """Give work to a thread; ``None`` while the interpreter shuts down, when no thread can start."""
        with self.lock:
            if self.executor is None:
                workers = max(1, (os.cpu_count() or 1) - 1)
                self.executor = ThreadPoolExecutor(workers, thread_name_prefix="fuser_cpu_llvm")
        try:
            return self.executor.submit(work)
        except RuntimeError:
            return None


_scratch = _Scratch()
_pool = _Pool()


def _forget_threads() -> None:
    """In a forked child: the parent's threads are not there, and its lock may be held for ever."""
    global _pool  # noqa: PLW0603  (one pool per process is the point)
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def scratch_address(size: int) -> int:
    """Address of ``size`` bytes, aligned to 64, that belong to the calling thread until its next call of this."""
    if _scratch.size < size:
        _scratch.grow(size)
    return _scratch.address


def run_together(parts: Sequence[Callable[[], None]]) -> None:
    """Run every part, the first one in the calling thread, and return when all are done.

    Parts call machine code that releases the GIL and never come back here, so that concurrent and nested callers
    share the pool without waiting for each other in a circle.
    """
    pending = [(part, _pool.submit(part)) for part in parts[1:]]
    try:
        parts[0]()
    finally:
        for part, future in pending:
            if future is None or future.cancel():  # Not begun: quicker done here than waited for.
                part()
            else:
                future.result()
