"""What ``fuser-core new-backend`` writes: it builds, installs and passes the standard tests as it comes."""

import re

import pytest

from clean_environment import CleanEnvironment, build_wheel

CALL = """
import numpy as np
from fuser_core import fuse

function = fuse(lambda x, y: np.exp(x * y + x))
print(function(np.ones(3), np.ones(3)), function.last_run.backend)
print(function.explain(np.ones(3), np.ones(3)))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A clean environment in which the new backend is installed from its wheel."""
    made = CleanEnvironment(tmp_path_factory.mktemp("new"))
    made.run("-m", "fuser_core", "new-backend", "acme_engine", "--into", made.folder)
    wheel = build_wheel(made.folder / "fuser-acme-engine", made.wheels)
    assert wheel.name == "fuser_acme_engine-0.1.0-py3-none-any.whl"
    made.install("fuser-acme-engine[test]")
    return made


def test_it_passes_the_standard_tests(environment):
    folder = environment.folder / "fuser-acme-engine"
    done = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder, FUSER_TEST_EXAMPLES="10")
    assert re.search(r"acme_engine on cpu: conforms, grade ", done.stdout), done.stdout


def test_it_is_found_and_asked(environment):
    row = environment.backends()["acme_engine"]
    assert (row["state"], row["order"], row["distribution"]) == ("ready", {"cpu": 1}, "fuser-acme-engine")
    told = environment.run("-c", CALL).stdout
    assert "acme_engine: it has no exp, only add, subtract, multiply, negative" in " ".join(told.split())


def test_its_blocks_run(environment):
    folder = environment.folder / "fuser-acme-engine"
    (block,) = re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert environment.run("-c", block).stdout == "[0. 1. 2.]\nacme_engine\n"
