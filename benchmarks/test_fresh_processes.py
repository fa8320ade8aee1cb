"""Groups ``cold`` and ``disk``: whole processes that import the library and make a first call, by each backend.

``cold`` begins with nothing cached, ``disk`` with what an earlier process has left. The interpreter and the import of
NumPy are part of each; a process that imports NumPy alone stands beside them.
"""

import os
import subprocess
import sys

import pytest

IMPORT = "import fuser_core"
FIRST_CALL = """
import sys
import numpy as np
from fuser_core import fuse
function = fuse(backend=sys.argv[1])(lambda a, b: a * b + 1)
x = np.linspace(0, 1, 1000)
assert np.array_equal(function(x, x), x * x + 1)
"""


def _run(program, *arguments, folder=None):
    environment = dict(os.environ, **({"FUSER_CACHE_DIR": str(folder)} if folder else {}))
    subprocess.run([sys.executable, "-c", program, *arguments], env=environment, check=True)  # noqa: S603


@pytest.mark.benchmark(group="cold")
def test_numpy_imported(benchmark):
    benchmark.pedantic(_run, ("import numpy",), rounds=5)


@pytest.mark.benchmark(group="cold")
def test_imported(benchmark):
    benchmark.pedantic(_run, (IMPORT,), rounds=5)


@pytest.mark.benchmark(group="cold")
def test_first_call(benchmark, fuser_backend, tmp_path_factory):
    def empty():
        return (FIRST_CALL, fuser_backend), {"folder": tmp_path_factory.mktemp("cache")}

    benchmark.pedantic(_run, setup=empty, rounds=5)


@pytest.mark.benchmark(group="disk")
def test_first_call_from_disk(benchmark, fuser_backend, tmp_path):
    _run(FIRST_CALL, fuser_backend, folder=tmp_path)
    if not any(path.is_file() for path in tmp_path.rglob("*")):
        pytest.skip(f"{fuser_backend} keeps nothing on disk")
    benchmark.pedantic(_run, (FIRST_CALL, fuser_backend), {"folder": tmp_path}, rounds=5)
