"""Group ``reduce``: workloads that reduce large arrays, by each backend and by plain NumPy."""

import pytest
from checked import checked_call

GROUPS = ("reduce",)
pytestmark = pytest.mark.benchmark(group="reduce")


def test_backend(benchmark, workload, fuser_backend, arguments):
    benchmark(checked_call(workload, fuser_backend, arguments))


def test_numpy(benchmark, workload, arguments):
    benchmark(workload.function, *arguments)
