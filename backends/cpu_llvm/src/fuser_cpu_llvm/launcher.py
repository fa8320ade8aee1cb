"""How records reach the driver: alone, or with the help of threads where an estimate says that it pays."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import NamedTuple

from fuser_cpu_llvm.driver import driver
from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.pool import pool, pool_text_values
from fuser_cpu_llvm.prepared import Records
from fuser_cpu_llvm.scratch import scratch_address

__all__ = ["PARALLEL_NANOSECONDS", "Bodies", "Tables", "do_records"]

Bodies = ctypes.Array[ctypes.c_int64]
Tables = ctypes.Array[ctypes.c_int64]

PARALLEL_NANOSECONDS = 200_000
"""Below this estimate waking threads costs more than it gains."""

_PART_NANOSECONDS = 20_000
_PARTS_PER_THREAD = 4
"""Work is cut finer than there are threads, so that one that is held up is waited for less."""

_POINTER, _WORD = ctypes.c_void_p, ctypes.c_int64
_LAUNCH = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _WORD, _POINTER, _POINTER)
_SHARE = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _POINTER, _WORD, _POINTER, _POINTER, _WORD, _WORD)


class _Functions(NamedTuple):
    """The driver's, by what they do."""

    machine: Machine
    launch: Callable[..., None]
    share: Callable[..., None] | None


@functools.cache
def _functions() -> _Functions:
    machine = driver()
    share = _SHARE(machine.address("pool.run")) if pool_text_values() else None
    return _Functions(machine, _LAUNCH(machine.address("launch")), share)


def do_records(
    bodies: Bodies | None,
    records: Callable[[int], Records],
    tables: Tables,
    scratch: int,
    nanoseconds: float,
    threads: int,
) -> None:
    """Do all records of a launch.

    Args:
        bodies: Of a kernel; ``None`` where the records are chains.
        records: ``records(parts)`` returns the work cut into so many parts at most.
        tables: The pointers of every job.
        scratch: Bytes of scratch that each thread needs.
        nanoseconds: Rough time for one thread.
        threads: The most threads to use.
    """
    machine, launch, share = _functions()
    own = scratch_address(scratch)
    helpers = 0
    if threads > 1 and nanoseconds >= PARALLEL_NANOSECONDS and share is not None:
        helpers = pool().helpers(threads - 1, machine.address("pool.work"))
    if not helpers or share is None:
        found = records(1)
        launch(bodies, found.address, found.count, tables, own)
        return
    found = records(min((helpers + 1) * _PARTS_PER_THREAD, 1 + int(nanoseconds / _PART_NANOSECONDS)))
    pool().keep_off()
    share(pool().address, bodies, found.address, found.count, tables, own, scratch, helpers)
