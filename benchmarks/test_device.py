"""Group ``gpu``: the workloads on arrays on a CUDA device, by each backend that serves it."""

import pytest
from checked import checked_call

from fuser_core.bench.place import find_place
from fuser_core.errors import ArgumentError

GROUPS = ("kernel", "stencil", "reduce")
pytestmark = pytest.mark.benchmark(group="gpu")


@pytest.fixture(scope="session")
def library():
    """A library that puts arrays on the device."""
    try:
        return find_place("cuda")
    except ArgumentError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("library")
def test_backend(benchmark, workload, arguments, device_backend):
    benchmark(checked_call(workload, device_backend, arguments, "cuda"))
