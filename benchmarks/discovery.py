"""What discovery costs beside other distributions: ``python benchmarks/discovery.py``.

In a temporary folder, put on the path of a fresh process, are 0, 1, 20 or 200 installed distributions: none of them a
backend, or each of them one; of the backends that are installed here only the fallback is imported. Measured are
reading what is declared, and all of discovery: reading, importing and checking every backend. Prints medians over
several processes, in milliseconds, and what `importlib.metadata` takes for the same question.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.testing import make_distribution

COUNTS = (0, 1, 20, 200)

PROGRAM = """
import json, time
import fuser_core.dispatch, fuser_core.offers
from fuser_core.discovery import registry
start = time.perf_counter()
fuser_core.offers.read_offers()
read = time.perf_counter()
records = registry.records()
found = time.perf_counter()
import importlib.metadata
imported = time.perf_counter()
list(importlib.metadata.entry_points(group="fuser_core.backends"))
asked = time.perf_counter()
print(json.dumps({
    "read what is declared": read - start,
    "read, import and check all backends": found - read,
    "importlib.metadata, the same question": asked - imported,
    "backends": len(records),
}))
"""

BACKEND = """
from fuser_core.backend import Accept, Decline, Role, hookimpl

FUSER_API = 1
ROLE = Role.COMPILER
PRIORITY = -1


@hookimpl
def has_fusion_backend(device):
    return Accept()


@hookimpl(specname="compile")
def compile_group(group, options):
    return Decline("it compiles nothing")


@hookimpl
def launch(kernel, inputs, outputs, threads):
    raise AssertionError("there are no kernels")
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=15)
    processes = parser.parse_args().processes
    rows: dict[str, list[str]] = {}
    for kind in ("other distributions", "backends"):
        for count in COUNTS:
            for what, median in _medians(count, processes, backends=kind == "backends").items():
                rows.setdefault(f"{kind}: {what}", []).append(f"{median:.2f}")
    print(f"| beside what is installed | {' | '.join(map(str, COUNTS))} |\n|---|{'--:|' * len(COUNTS)}")
    for what, cells in rows.items():
        print(f"| {what} | {' | '.join(cells)} |")
    return 0


def _medians(count: int, processes: int, *, backends: bool) -> dict[str, float]:
    """Return median times in milliseconds, beside so many more distributions."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        site.mkdir()
        for number in range(count):
            _install(site, number, backend=backends)
        environment = dict(os.environ, PYTHONPATH=str(site), FUSER_DISABLE=",".join(_installed()))
        command = [sys.executable, "-c", PROGRAM]
        runs = [
            json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)  # noqa: S603
            for _ in range(processes + 1)
        ][1:]  # the first one compiles the modules and fills the system's cache of files
    found = {run.pop("backends") for run in runs}
    assert len(found) == 1, f"processes found {found} backends"
    return {what: statistics.median(run[what] for run in runs) * 1e3 for what in runs[0]}


def _installed() -> list[str]:
    """Return the backends that are installed here, whose own imports are not to be measured; the fallback is."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - {"fallback_numpy"})


def _install(site: Path, number: int, *, backend: bool) -> None:
    name = f"other_{number}"
    if backend:
        make_distribution(site, distribution=name, backend=name, module=name, attribute="", source=BACKEND)
        return
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[console_scripts]\n{name} = {name}:main\n")


if __name__ == "__main__":
    raise SystemExit(main())
