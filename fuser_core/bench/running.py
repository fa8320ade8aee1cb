"""A run: workloads of one size, on one device, with so many threads; in a process of its own, so that these hold."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
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

__all__ = ["Asked", "Measured", "compare", "limit_threads", "run", "run_apart"]

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


def run_apart(asked: Asked) -> Measured:
    """Do a run in a fresh process and return what `run` does there."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, asked).result()


def run(asked: Asked, tell: Callable[[str], object] | None = None) -> Measured:
    """Measure workloads one after the other.

    Args:
        asked: What is run.
        tell: Is called with a line for each workload that is done; by default it is printed.

    Raises:
        ArgumentError: There is no such device here.
    """
    limit_threads(asked.threads)
    place = find_place(asked.device)
    contenders = entrants(asked.device, asked.backends, asked.peers)
    rows = []
    started = time.perf_counter()
    for number, name in enumerate(asked.workloads, 1):
        row = compare(WORKLOADS[name], contenders, asked, place)
        rows.append(row)
        ratios = ", ".join(f"{who} {seconds / row.floor:.2f}" for who, seconds in row.times.items())
        passed = time.perf_counter() - started
        (tell or _print)(f"[{number}/{len(asked.workloads)}, {passed:.0f} s] {name}: {ratios}")
    settings = {name: each.settings for name, each in contenders.items()}
    return Measured(Run(asked.device, asked.size, asked.threads, tuple(rows)), settings, place.name)


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


def _print(line: str) -> None:
    os.write(1, f"{line}\n".encode())
