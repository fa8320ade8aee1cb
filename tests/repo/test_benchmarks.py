"""The suites under ``benchmarks`` run: every group, once, on few elements, with nothing measured."""

import re
import subprocess
import sys


def test_every_group_runs(root):
    command = [sys.executable, "-m", "pytest", "benchmarks", "--benchmark-disable", "-v", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout[-3000:]
    passed = set(re.findall(r"benchmarks/(test_\w+)\.py::test_\w+.* PASSED", done.stdout))
    assert passed >= {"test_calls", "test_fresh_processes", "test_kernels", "test_reductions"}
    assert re.findall(r"benchmarks/test_device\.py::test_backend.* (PASSED|SKIPPED)", done.stdout)
