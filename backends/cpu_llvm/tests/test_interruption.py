"""Ctrl-C during a launch: it is told when the launch has ended, and neither the process nor its pool is harmed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import threading, time
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
print("ready", flush=True)
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


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_launch_is_interrupted_at_its_end(threads: int) -> None:
    program = PROGRAM.replace("THREADS", str(threads))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", child.communicate()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        said, complaint = child.communicate(timeout=120)
    assert child.returncode == 0, complaint
    interrupted, usable = said.splitlines()
    assert interrupted.startswith("interrupted after ")
    assert float(interrupted.split()[-1]) > 0.5  # the launch was not cut short
    assert usable == "usable"
