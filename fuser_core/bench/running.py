"""A run: workloads of one size, on one device, with so many threads; in a process of its own, so that these hold."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fuser_core.bench.contenders import Unable, contend, entrants
from fuser_core.bench.contenders.entrant import Entrant, results
from fuser_core.bench.operations import operations_per_element
from fuser_core.bench.place import Place, find_place
from fuser_core.bench.result import Row, Run
from fuser_core.bench.rounds import Call, take_turns
from fuser_core.bench.workload import Workload
from fuser_core.bench.workloads import WORKLOADS

__all__ = ["Asked", "Measured", "compare", "limit_threads", "run_apart"]

_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_FEW = 1000
"""Up to so many elements it is the call that is measured."""


@dataclass(frozen=True)
class Asked:
    """What is to be run: see the options of ``fuser-core bench``; ``threads=None`` leaves them as they are."""

    workloads: tuple[str, ...]
    backends: tuple[str, ...]
    peers: tuple[str, ...]
    device: str
    size: int
    threads: int | None
    rounds: int


class Measured(NamedTuple):
    """A run, the settings of those that took part in it, and the name of the device, ``None`` for the host."""

    run: Run
    settings: dict[str, str]
    device: str | None


def run_apart(asked: Asked) -> Iterator[Measured]:
    """Do a run in a fresh process; after each workload there is all that is known by then.

    Raises:
        ArgumentError: There is no such device here.
    """
    rows: tuple[Row, ...] = ()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        for name in asked.workloads:
            row, settings, device = pool.submit(_measure, asked, name).result()
            rows = (*rows, row)
            yield Measured(Run(asked.device, asked.size, asked.threads, rows), settings, device)


def _measure(asked: Asked, name: str) -> tuple[Row, dict[str, str], str | None]:
    """Measure a workload where nothing else is done, and return its row with the rest of `Measured`."""
    place, contenders = _prepare(asked)
    row = compare(WORKLOADS[name], contenders, asked, place)
    return row, {name: each.settings for name, each in contenders.items()}, place.name


@functools.cache
def _prepare(asked: Asked) -> tuple[Place, dict[str, Entrant]]:
    """Limit the threads of this process, and find the device and the contenders."""
    limit_threads(asked.threads)
    return find_place(asked.device), entrants(asked.device, asked.backends, asked.peers)


def compare(workload: Workload, contenders: Mapping[str, Entrant], asked: Asked, place: Place) -> Row:
    """Return the row of a workload: the median seconds of each contender and of a copy in the same rounds."""
    arguments = workload.arguments(np.random.default_rng(20), asked.size)
    calls: dict[str, Call] = {}
    unable: dict[str, str] = {}
    with np.errstate(all="ignore"):
        outputs = results(workload.function(*arguments))
        moved = sum(np.asarray(array).nbytes for array in (*arguments, *outputs))
        for name, entrant in contenders.items():
            try:
                calls[name] = contend(entrant, workload, arguments, asked.threads, place, outputs)
            except Unable as error:
                unable[name] = str(error)
        times = take_turns({"a copy": place.copy(moved), **calls}, asked.rounds, place.batch_seconds)
    floor = times.pop("a copy").median
    return Row(
        workload=workload.name,
        group="call" if asked.size <= _FEW else workload.group,
        kind=workload.kind,
        source=workload.source,
        elements=int(max(np.size(array) for array in (*arguments, *outputs))),
        bytes=int(moved),
        operations=operations_per_element(workload),
        floor=floor,
        times={name: each.median for name, each in times.items()},
        spread={name: each.spread for name, each in times.items()},
        unable=unable,
    )


def limit_threads(threads: int | None) -> None:
    """Tell every library, before it is imported, how many threads it may use."""
    if threads is None:
        return
    os.environ.update(dict.fromkeys(_VARIABLES, str(threads)))
    if threads == 1:  # JAX has no setting for it; its pool has as many threads as the process has processors
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
