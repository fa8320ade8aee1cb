"""A cluster of several processes: chunks travel, workers die and lack backends, and nothing is lost."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("cluster_program.py")


@pytest.mark.interop
@pytest.mark.slow
def test_a_cluster(tmp_path):
    pytest.importorskip("distributed", reason="distributed is not installed")
    pytest.importorskip("fuser_cpu_llvm", reason="the worker without a compiler should lack one that is installed here")
    environment = {name: value for name, value in os.environ.items() if name != "FUSER_DISABLE"}
    command = [sys.executable, str(PROGRAM)]
    options = {"capture_output": True, "text": True, "check": False, "cwd": tmp_path, "timeout": 240}
    done = subprocess.run(command, env=environment, **options)  # noqa: PLW1510, S603
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert lines == {
        "told": "['cpu_llvm'] [(), ('cpu_llvm',)]",
        "traced": "[(1,), (1,)]",
        "large": "True",
        "killed": "True",
    }
    assert len(re.findall("the backend cpu_llvm, which would serve where the call was made", done.stderr)) == 1
