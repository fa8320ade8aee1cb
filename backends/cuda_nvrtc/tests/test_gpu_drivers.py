"""On a device: both packages for the driver serve the same calls, each in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gpu_libraries
from fuser_cuda_nvrtc.driver.choice import CHOICE

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import gpu_libraries
from fuser_core import fuse
from fuser_cuda_nvrtc.driver.choice import driver

X = np.random.default_rng(3).normal(size=(300, 1000)).astype("f4")

def function(x, s):
    power = np.exp(x - x.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True), (x * s).sum(), x.sum(axis=0), x[::-1, 1:] + s

ran = []
for name in ("cupy", "torch", "jax", "numba"):
    try:
        library = gpu_libraries.get(name)
    except BaseException as skipped:
        if type(skipped).__name__ != "Skipped":
            raise
        continue
    fused = fuse(function, fallback=False)
    for s in (2.0, 3.0, 4.0):
        stream = library.stream()
        with library.on(stream) if stream is not None else library.on(None):
            for found, wanted in zip(fused(library.array(X), s), function(X, s), strict=True):
                np.testing.assert_allclose(np.asarray(library.host(found)), wanted, rtol=1e-4, atol=1e-3)
    ran.append(name)
print(type(driver()).__name__, *ran)
"""


@pytest.mark.parametrize(("name", "module"), [("bindings", "cuda.bindings"), ("pycuda", "pycuda")])
def test_a_driver(name, module):
    gpu_libraries.require_device()
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    environment = {**os.environ, CHOICE: name}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _PROGRAM, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    driver, *ran = done.stdout.splitlines()[-1].split()
    assert driver == {"bindings": "BindingsDriver", "pycuda": "PycudaDriver"}[name]
    if not ran:
        pytest.skip("no library with arrays on a device is installed")
