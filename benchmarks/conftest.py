"""Fixtures of the benchmarks: each workload as plain NumPy and as fused by every chosen backend."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from fuser_core import fuse, use_backends
from fuser_core.bench.workloads import DEFAULT, WORKLOADS


@pytest.fixture(params=DEFAULT)
def workload(request):
    return WORKLOADS[request.param]


@pytest.fixture
def fused(workload, fuser_backend):
    """The workload as one backend runs it, with its kernels made."""
    function = fuse(workload.function)

    @functools.wraps(workload.function)
    def call(*arguments):
        with use_backends(fuser_backend):
            return function(*arguments)

    return call


@pytest.fixture
def rng():
    return np.random.default_rng(20)
