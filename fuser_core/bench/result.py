"""The result: all runs with the machine, the versions and the settings that they were made with, as one JSON object."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from fuser_core.bench.contenders import PEERS

__all__ = ["FORMAT", "collect"]

FORMAT = 1
"""Of the JSON object; another number is another layout."""


def collect(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what `run` returned for each run as one result."""
    return {
        "format": FORMAT,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": _machine(next((each["name"] for each in runs if each["name"]), None)),
        "versions": _versions(),
        "contenders": {name: words for each in runs for name, words in each["settings"].items()},
        "runs": [each["run"] for each in runs],
    }


def _machine(device: str | None) -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": _memory_gib(),
        "device": device,
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


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


def _versions() -> dict[str, str]:
    backends = {point.dist.name for point in metadata.entry_points(group="fuser_core.backends") if point.dist}
    names = {"fuser-core", *backends, *(each.distribution for each in PEERS.values() if each.distribution)}
    found = {each.metadata["Name"]: each.version for each in metadata.distributions() if each.metadata["Name"] in names}
    return dict(sorted(found.items()))
