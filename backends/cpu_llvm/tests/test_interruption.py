"""An interruption during a launch: it is told when that has ended, and neither the process nor its pool is harmed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import signal, threading, time
import numpy as np
from fuser_core import fuse

x = np.arange(1, 301)
fused = fuse(lambda a, b: np.gcd(a[:, None], b).sum(axis=1), backend="cpu_llvm", threads=THREADS)
wanted = np.gcd(x[:, None], x).sum(axis=1)

def seconds(a, b):
    start = time.perf_counter()
    fused(a, b)
    return time.perf_counter() - start

times = int(1.5 / min(seconds(x, x) for _ in range(5))) + 1
large = np.tile(x, times)
signal.signal(signal.SIGVTALRM, signal.default_int_handler)  # SIGINT is ignored in a shell's background
signal.setitimer(signal.ITIMER_VIRTUAL, 0.3)  # of the processor's time: a busy machine makes no difference
start = time.perf_counter()
try:
    fused(large, x)
    print("not interrupted")
except KeyboardInterrupt:
    print("interrupted after", time.perf_counter() - start)
threads = threading.active_count()
np.testing.assert_array_equal(fused(large, x), np.tile(wanted, times))
assert threading.active_count() == threads
print("usable")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such timers")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_launch_is_interrupted_at_its_end(threads: int) -> None:
    program = PROGRAM.replace("THREADS", str(threads))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert child.returncode == 0, child.stderr
    interrupted, usable = child.stdout.splitlines()
    assert interrupted.startswith("interrupted after ")
    assert float(interrupted.split()[-1]) > 0.5  # the launch was not cut short
    assert usable == "usable"
