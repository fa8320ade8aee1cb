"""Fixtures of the suites: the workloads of a module's groups, and how large they are.

With ``--benchmark-disable`` everything runs once, on few elements and one workload of each group.
"""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core.bench.contenders.ours import installed
from fuser_core.bench.workloads import DEFAULT, WORKLOADS

_NOBODY = pytest.mark.skip(reason="no chosen backend serves a CUDA device here")


def pytest_generate_tests(metafunc):
    """Run tests with every workload of the groups that their module names, and with every backend of a device."""
    config = metafunc.config
    if "workload" in metafunc.fixturenames:
        names = [name for name in DEFAULT if WORKLOADS[name].group in metafunc.module.GROUPS]
        if config.getoption("benchmark_disable"):
            names = list({WORKLOADS[name].group: name for name in names}.values())
        metafunc.parametrize("workload", [WORKLOADS[name] for name in names], ids=names)
    if "device_backend" in metafunc.fixturenames:
        asked = config.getoption("--fuser-backend")
        serving = [name for name in installed("cuda") if not asked or name in asked]
        metafunc.parametrize("device_backend", serving or [pytest.param(None, marks=_NOBODY)], ids=serving or ["none"])


@pytest.fixture
def size(request):
    """How many elements an array has."""
    return 1_000 if request.config.getoption("benchmark_disable") else 4_000_000


@pytest.fixture
def arguments(workload, size):
    return workload.arguments(np.random.default_rng(20), size)
