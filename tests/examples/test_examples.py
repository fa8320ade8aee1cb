"""The examples are third parties: built as wheels, installed, found, asked in their order, explained, removed."""

import re

import pytest

from clean_environment import ROOT, build_wheel

EXAMPLES = {"numexpr": ["numexpr"], "opencl": ["pyopencl", "pocl-binary-distribution"]}
"""What each needs beside the core; where that is not installed, its tests are skipped."""

CALL = """
import numpy as np
from fuser_core import fuse

@fuse
def function(x, y):
    return np.sqrt(x * y + x), x.astype(np.int64) // 3

x = np.linspace(0, 9, 10)
print(np.array_equal(function(x, x)[0], np.sqrt(x * x + x)), function.last_run.backend)
print(function.explain(x, x))
"""
NAMED = """
import numpy as np
from fuser_core import fuse
fuse(backend="{}")(lambda x: x + 1)(np.ones(3))
"""


GRADES = {"numexpr": range(15, 30), "opencl": range(45, 60)}
PROGRAMS = {"numexpr": "100", "opencl": "20"}
"""How many random programs are tried: OpenCL takes a tenth of a second for each kernel."""


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_it_passes_its_tests(name, environment_for):
    environment = environment_for(name, *EXAMPLES[name])
    environment.install(f"fuser-{name}[test]")
    folder = ROOT / "examples" / name
    options = ["-q", "-p", "no:cacheprovider", "-c", folder / "pyproject.toml", folder / "tests"]
    done = environment.run("-m", "pytest", *options, FUSER_TEST_EXAMPLES=PROGRAMS[name])
    grade = re.search(rf"{name} on cpu: conforms, grade (\d+) %", done.stdout)
    assert grade, done.stdout
    assert int(grade[1]) in GRADES[name]
    readme = (folder / "README.md").read_text()
    (block,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert environment.run("-c", block).stdout == shown


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_comes_and_goes(name, environment_for):
    environment = environment_for(name, *EXAMPLES[name], "llvmlite")
    build_wheel(ROOT / "backends" / "cpu_llvm", environment.wheels)
    environment.install("fuser-cpu-llvm")
    before = environment.backends()
    assert list(before) == ["cpu_llvm", "fallback_numpy"]

    environment.install(f"fuser-{name}")
    found = environment.backends()
    assert list(found) == ["cpu_llvm", name, "fallback_numpy"]
    assert (found[name]["state"], found[name]["distribution"]) == ("ready", f"fuser-{name}")
    assert list(environment.backends(FUSER_BACKENDS=f"{name},cpu_llvm"))[:2] == [name, "cpu_llvm"]

    assert environment.run("-c", CALL).stdout.startswith("True cpu_llvm\n")
    told = environment.run("-c", CALL, FUSER_BACKENDS=f"{name},cpu_llvm").stdout
    assert re.search(rf"kernel \d+: {name}, ", told), told
    assert re.search(r"kernel \d+: cpu_llvm, ", told), told
    assert re.search(rf"not by {name}: .*floor_divide", told), told
    assert environment.run("-c", NAMED.format(name)).returncode == 0

    environment.pip("uninstall", "--quiet", "--yes", f"fuser-{name}")
    assert environment.backends() == before
    assert environment.run("-c", CALL).stdout.startswith("True cpu_llvm\n")
    refused = environment.run("-c", NAMED.format(name), check=False)
    assert f"UnknownBackendError: no backend named '{name}' is installed" in refused.stderr
