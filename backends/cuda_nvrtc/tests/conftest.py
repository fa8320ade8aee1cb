"""Makes the helpers beside the tests importable, which importlib mode does not, and keeps out of the user's cache."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if "FUSER_CACHE_DIR" not in os.environ:  # set by the first process of a run for all of its workers
    os.environ["FUSER_CACHE_DIR"] = tempfile.mkdtemp(prefix="fuser-core-tests-")
    atexit.register(shutil.rmtree, os.environ["FUSER_CACHE_DIR"], ignore_errors=True)


@pytest.fixture(
    params=[pytest.param("emulation", marks=pytest.mark.slow), pytest.param("device", marks=pytest.mark.gpu)]
)
def station(request):
    """Where kernels run: on the CPU, and on a CUDA device."""
    import stations

    return stations.station(request.param)
