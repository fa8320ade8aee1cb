"""The surroundings of a result: the machine that it was taken on, and the versions of all that took part."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from fuser_core.bench.contenders import PEERS
from fuser_core.bench.result import Machine

__all__ = ["this_machine", "versions"]


def this_machine(device: str | None) -> Machine:
    """Return what this machine is; ``device`` is the accelerator's name."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gib=_memory_gib(),
        device=device,
        system=platform.platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
    )


def versions() -> dict[str, str]:
    """Return the versions of the core, of the backends and of the peers that are installed, by distribution."""
    backends = {point.dist.name for point in metadata.entry_points(group="fuser_core.backends") if point.dist}
    names = {"fuser-core", *backends, *(each.distribution for each in PEERS.values() if each.distribution)}
    found = {}
    for name in sorted(names):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gib() -> float:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        return 0.0
