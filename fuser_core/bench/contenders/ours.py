"""Fused functions as contenders, named by the backend that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuser_core.backend import Accept, Device
from fuser_core.bench.contenders.entrant import Entrant
from fuser_core.bench.place import Place
from fuser_core.bench.rounds import Call
from fuser_core.bench.workload import Workload
from fuser_core.discovery import registry
from fuser_core.fused import fuse

__all__ = ["entrant", "installed"]


def installed(device: str) -> list[str]:
    """Return the names of the installed backends that serve a kind of device here."""
    plugins = [record.plugin for record in registry.records() if record.plugin is not None]
    return [each.name for each in plugins if isinstance(each.has_fusion_backend(Device(device)), Accept)]


def entrant(backend: str) -> Entrant:
    """Return a backend, alone, as a contender: what it declines is not left to another one."""

    def make(workload: Workload, arguments: Sequence[Any], threads: int | None, place: Place) -> Call:
        function = fuse(backend=backend, threads=threads)(workload.function)
        own = [place.put(argument) for argument in arguments]
        return Call(lambda: function(*own), place.wait)

    settings = f"fuse(backend={backend!r}), strict IEEE arithmetic, as many threads as the run says at most"
    return Entrant(make, settings, ("cpu", "cuda"), lambda array, place: place.get(array))
