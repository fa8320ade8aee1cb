"""Doing the records of a launch: by the calling thread alone, or shared out to the pool."""

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

__all__ = ["Bodies", "Launch", "Tables", "helpers", "run_alone", "run_shared"]

Bodies = ctypes.Array[ctypes.c_int64]
Tables = ctypes.Array[ctypes.c_int64]

_POINTER, _WORD = ctypes.c_void_p, ctypes.c_int64
_LAUNCH = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _WORD, _POINTER, _POINTER)
_SHARE = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _POINTER, _WORD, _POINTER, _POINTER, _WORD, _WORD)


class Launch(NamedTuple):
    """What records are done with.

    Attributes:
        bodies: Of a kernel; ``None`` where the records are chains.
        tables: The pointers of every job.
        scratch: Bytes of scratch that each thread needs.
    """

    bodies: Bodies | None
    tables: Tables
    scratch: int


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


def helpers(threads: int) -> int:
    """Return how many workers could help where so many threads may be used."""
    machine, _, share = _functions()
    return 0 if threads < 2 or share is None else pool().helpers(threads - 1, machine.address("pool.work"))


def run_alone(launch: Launch, records: Records) -> None:
    """Do all records in the calling thread."""
    own = scratch_address(launch.scratch)
    _functions().launch(launch.bodies, records.address, records.count, launch.tables, own)


def run_shared(launch: Launch, records: Records, workers: int) -> None:
    """Do all records with the help of so many workers, of which there are as many."""
    share = _functions().share
    assert share is not None, "there are workers"
    own = scratch_address(launch.scratch)
    pool().keep_off()
    share(pool().address, launch.bodies, records.address, records.count, launch.tables, own, launch.scratch, workers)
