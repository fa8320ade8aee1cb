"""What tests of the examples share: a clean environment into which an example comes as its wheel."""

import pytest

from clean_environment import ROOT, CleanEnvironment, build_wheel


@pytest.fixture
def environment_for(tmp_path):
    """``environment_for(example, *packages)`` makes an environment with the example's wheel built, not installed."""

    def make(example, *packages):
        environment = CleanEnvironment(tmp_path, *packages)
        build_wheel(ROOT / "examples" / example, environment.wheels)
        return environment

    return make
