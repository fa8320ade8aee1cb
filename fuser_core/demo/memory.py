"""Peak temporary memory of one call, seen from outside by the operating system.

The high-water mark of a process's resident memory counts whatever holds pages, NumPy's arrays and a backend's own
buffers alike, which `tracemalloc` does not. It only ever rises, so each measurement is a process of its own. That
process first fills an array as large as the result and frees it: the mark then stands one result above what is
resident, and the call raises it by exactly its temporaries.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from fuser_core.demo.contenders import Contender

__all__ = ["peak_temporary_bytes"]

METHOD = "rise of the resident high-water mark in one call, less the result; one process each"


def peak_temporary_bytes(contender: Contender, count: int) -> int | None:
    """Measure a call for all pairs of ``count`` places in a process of its own; None where it cannot be measured."""
    if sys.platform == "win32":
        return None
    command = [sys.executable, "-m", "fuser_core.demo.memory", contender.name, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  (our own module)
    return int(done.stdout)


def _measure(contender: Contender, count: int) -> int:
    latitude, longitude = np.linspace(-80.0, 80.0, count), np.linspace(-170.0, 170.0, count)
    with contender.selected():
        few = slice(0, 64)  # the same kernel serves every size: compile it before the measurement
        contender(latitude[few, None], longitude[few, None], latitude[None, few], longitude[None, few])
        room = np.ones((count, count))
        before = _high_water_bytes()
        del room
        result = contender(latitude[:, None], longitude[:, None], latitude[None, :], longitude[None, :])
        return _high_water_bytes() - before if result.size else 0


def _high_water_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage begins with the mark of the process that started this one
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    print(_measure(Contender(sys.argv[1]), int(sys.argv[2])))
