"""What a fresh process waits for: ``python benchmarks/cold_start.py``.

Each process imports NumPy, then fuser_core, makes its first call, then the first calls of other functions; with an
empty disk cache and with one that an earlier process has filled. Peers, where they are installed, import and make their
first call of the function of ten operations. Prints the least time of several processes, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

OURS = """
import json, sys, time
marks, before = {}, time.perf_counter()
def mark(name):
    global before
    now = time.perf_counter()
    marks[name] = (now - before) * 1e3
    before = time.perf_counter()
import numpy as np
mark("import numpy")
x = np.linspace(1, 2, 1000)
before = time.perf_counter()
from fuser_core import fuse
first, three, ten, sine, total = map(fuse, (
    lambda a, b: a * b + 1,
    lambda a, b: (a - b) * a + 3,
    lambda a, b: ((a - b) * a + 3) / (b + 2) - a * 5 + b * b - 7 * a,
    lambda a, b: np.sin(a) * b,
    lambda a, b: (a * b).sum(),
))
mark("import fuser_core, decorate")
import fuser_core.dispatch
mark("import the machinery")
from fuser_core.discovery import registry
registry.records()
mark("find and import backends")
import fuser_cpu_llvm.kernel
mark("import the rest of cpu_llvm")
import fuser_cpu_llvm.driver
fuser_cpu_llvm.driver.driver()
mark("the driver")
first(x, x + 1)
mark("the rest of the first call")
for name, function in {"3 operations": three, "10 operations": ten, "a sine": sine, "a sum": total}.items():
    function(x, x + 1)
    mark("then " + name)
ten(x, x + 1)
mark("the second call, which makes it direct")
marks["llvmlite is imported"] = float("llvmlite.binding" in sys.modules)
print(json.dumps(marks))
"""

PEER = """
import json, time
import numpy as np
x, y = np.linspace(1, 2, 1000), np.linspace(2, 3, 1000)
function = lambda a, b: ((a - b) * a + 3) / (b + 2) - a * 5 + b * b - 7 * a
start = time.perf_counter()
{prepare}
middle = time.perf_counter()
{call}
print(json.dumps({{"import": (middle - start) * 1e3, "first call": (time.perf_counter() - middle) * 1e3}}))
"""

PEERS: Mapping[str, tuple[str, str]] = {
    "numexpr": ("import numexpr", "numexpr.evaluate('((x - y) * x + 3) / (y + 2) - x * 5 + y * y - 7 * x')"),
    "numba": ("import numba", "numba.njit(function)(x, y)"),
    "jax": ("import jax; jax.config.update('jax_enable_x64', True)", "jax.jit(function)(x, y).block_until_ready()"),
    "torch": ("import torch", "torch.compile(function)(torch.from_numpy(x), torch.from_numpy(y))"),
}
"""By name: how it is imported, and its first call."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=9)
    options = parser.parse_args()
    empty, filled = {}, {}
    for _ in range(options.processes):
        with tempfile.TemporaryDirectory() as folder:
            _keep_least(empty, _run(OURS, folder))
            _keep_least(filled, _run(OURS, folder))
    print("| what | nothing cached | from the disk cache |\n|---|--:|--:|")
    for name, time in empty.items():
        print(f"| {name} | {time:.1f} | {filled[name]:.1f} |")
    for name, (prepare, call) in PEERS.items():
        times: dict[str, float] = {}
        for _ in range(max(options.processes // 3, 1)):
            _keep_least(times, _run(PEER.format(prepare=prepare, call=call), None))
        print(f"{name}: {', '.join(f'{what} {time:.0f}' for what, time in times.items()) or 'not installed'}")
    return 0


def _run(program: str, folder: str | None) -> dict[str, float]:
    """Return the times that a fresh process prints; none when it cannot run."""
    environment = dict(os.environ, **({"FUSER_CACHE_DIR": folder} if folder else {}))
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    times: dict[str, float] = json.loads(done.stdout) if done.returncode == 0 else {}
    return times


def _keep_least(least: dict[str, float], times: Mapping[str, float]) -> None:
    for name, time in times.items():
        least[name] = min(time, least.get(name, time))


if __name__ == "__main__":
    raise SystemExit(main())
