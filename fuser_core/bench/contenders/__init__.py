"""The contenders: every way to evaluate a workload that can be had here, each at its best fair settings.

A contender is made for a workload and a set of arguments: it converts them to its own arrays, which is not timed, and
returns a call without arguments. One that lacks its package, or cannot express the workload, or has another result than
NumPy, is left out and says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.bench.contenders import numpy_alone, ours, peers
from fuser_core.bench.contenders.entrant import Entrant, Unable, results
from fuser_core.bench.place import Place
from fuser_core.bench.rounds import Call
from fuser_core.bench.workload import Workload

__all__ = ["PEERS", "Unable", "contend", "entrants"]

PEERS: dict[str, Entrant] = {**numpy_alone.ENTRANTS, **peers.ENTRANTS}
"""By name, those that are none of ours; NumPy first."""


_FOLDERS = re.compile(r"[\w./\\:~-]*[/\\](?=[\w.-]+)")
"""The folders of a path: where somebody's files lie is nobody's business."""


def entrants(device: str, backends: Sequence[str], chosen: Sequence[str]) -> dict[str, Entrant]:
    """Return the contenders for a kind of device: backends, NumPy, and peers.

    Args:
        device: ``"cpu"`` or ``"cuda"``.
        backends: Their names; every installed one that serves the device when empty.
        chosen: Names of peers; all for the device when empty. NumPy is always there.
    """
    named = {name: ours.entrant(name) for name in backends or ours.installed(device)}
    others = {
        name: entrant
        for name, entrant in PEERS.items()
        if device in entrant.devices and (not chosen or name in chosen or name == "numpy")
    }
    return {**named, **others}


def contend(
    entrant: Entrant,
    workload: Workload,
    arguments: Sequence[Any],
    threads: int | None,
    place: Place,
    expected: Sequence[Any],
) -> Call:
    """Return the call of a contender, its first call done and its results checked against those expected, NumPy's.

    Raises:
        Unable: Its package is missing, or it cannot express the workload, or its result is another one.
    """
    try:
        call = entrant.make(workload, arguments, threads, place)
        found = call.run()
        call.wait(found)
        host = [entrant.fetch(each, place) for each in results(found)]
    except Unable:
        raise
    except ImportError as error:
        raise Unable(f"{error.name} is not installed") from error
    except Exception as error:  # whatever a compiler of somebody else's raises
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        raise Unable(_FOLDERS.sub("", line)) from error
    for own, other in zip(host, expected, strict=True):
        try:
            np.testing.assert_allclose(own, other, rtol=workload.tolerance, atol=workload.tolerance)
        except AssertionError as error:
            raise Unable(f"its result is another one: {' '.join(str(error).split())[:80]}") from error
    return call
