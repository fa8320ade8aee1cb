"""Group ``kernel``: elementwise and stencil workloads on large arrays, by each backend and by plain NumPy."""

import pytest
from checked import checked_call

GROUPS = ("kernel", "stencil")
pytestmark = pytest.mark.benchmark(group="kernel")


def test_backend(benchmark, workload, fuser_backend, arguments):
    benchmark(checked_call(workload, fuser_backend, arguments))


def test_numpy(benchmark, workload, arguments):
    benchmark(workload.function, *arguments)
