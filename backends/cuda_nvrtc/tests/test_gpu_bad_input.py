"""On a device: what does not go is said in words, and does no harm; odd arrays go."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gpu_libraries
from fuser_core import ArgumentError, fuse

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.filterwarnings("default")]

X = np.random.default_rng(5).normal(size=(20, 30)).astype("f4")


@pytest.mark.parametrize("name", gpu_libraries.NAMES)
def test_out_of_memory(name):
    library = gpu_libraries.get(name)
    fused = fuse(lambda x, y: (x * 2, x + y, np.exp(x) * y), fallback=False)
    x, y = library.array(np.ones((1 << 19, 1), "f4")), library.array(np.ones((1, 1 << 19), "f4"))
    for _ in range(2):
        with pytest.raises(
            Exception, match=r"A float32 array of shape \(524288, 524288\), 1,099,511,627,776 bytes, was"
        ):
            fused(x, y)
    small = library.array(X)
    for _ in range(3):
        np.testing.assert_allclose(np.asarray(library.host(fused(small, small)[1])), X * 2, rtol=1e-6)


def test_memory_that_was_allocated_before_is_given_back():
    cupy = gpu_libraries.get("cupy").cupy
    fused = fuse(lambda x, y: (x * 2, x + y), fallback=False)
    x, y = cupy.ones((1 << 19, 1), "f4"), cupy.ones((1, 1 << 19), "f4")
    fused(x[:10], y[:, :10])
    gc.collect()
    used = cupy.get_default_memory_pool().used_bytes()
    with pytest.raises(MemoryError):
        fused(x, y)
    assert cupy.get_default_memory_pool().used_bytes() == used


def test_arrays_of_the_host_among_them():
    x = gpu_libraries.get("cupy").array(X)
    with pytest.raises(
        ArgumentError, match=r"x \(cupy\.ndarray\) is on cuda:0, y \(numpy\.ndarray\) is on the host; co"
    ):
        fuse(lambda x, y: x + y)(x, X)


@pytest.mark.parametrize("view", [np.s_[::-1], np.s_[:, ::3], np.s_[::2, 5:-1], np.s_[None, :, 2]], ids=str)
def test_views_of_any_strides(view):
    cupy = gpu_libraries.get("cupy")
    x, host = cupy.array(X)[view], X[view]
    doubled, total, largest = fuse(lambda x: (x * 2, x.sum(axis=0), x.max()), fallback=False)(x)
    np.testing.assert_array_equal(cupy.host(doubled), host * 2)
    np.testing.assert_allclose(cupy.host(total), host.sum(axis=0), rtol=1e-5, atol=1e-5)
    assert cupy.host(largest) == host.max()


def test_views_that_begin_anywhere():
    """Elements that do not lie where their type wants them are read byte by byte."""
    library = gpu_libraries.get("cupy")
    cupy = library.cupy
    for dtype in ("f4", "f8", "i2", "c16"):
        host = np.arange(1, 1001).astype(dtype)
        raw = cupy.zeros(host.nbytes + 16, "u1")
        for offset in (1, 2, 5):
            raw[offset : offset + host.nbytes] = cupy.asarray(host.view("u1"))
            x = cupy.ndarray(host.shape, host.dtype, raw.data + offset)
            doubled, total = fuse(lambda x: (x * 2, x.sum()), fallback=False)(x)
            np.testing.assert_array_equal(library.host(doubled), host * 2)
            np.testing.assert_allclose(library.host(total), host.sum())


def test_more_than_two_to_the_31_elements():
    cupy = gpu_libraries.get("cupy").cupy
    if cupy.cuda.runtime.memGetInfo()[0] < 24 << 30:
        pytest.skip("less than 24 GiB of the device's memory are free")
    count = (1 << 31) + 12352
    x = cupy.zeros(count, "i1")
    x[-1], x[1 << 31], x[0] = 3, 5, 7
    fused = fuse(lambda x: x + np.int8(1), fallback=False)
    for view, back in ((x, lambda y: y), (x[::-1], lambda y: y[::-1])):
        result = back(fused(view))
        assert [int(result[place]) for place in (0, 1, 1 << 31, -2, -1)] == [8, 1, 6, 1, 4]
        assert int((result != 1).sum()) == 3
        del result
    total = fuse(lambda x: (x.sum(), x.max(), x.reshape(-1, 5)[1:].astype("i8").sum()), fallback=False)
    assert [int(each) for each in total(x)] == [15, 7, 8]
    gc.collect()
    cupy.get_default_memory_pool().free_all_blocks()


_LOST = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import gpu_libraries
from fuser_core import fuse

cupy = gpu_libraries.get("cupy").cupy
x, out = cupy.ones((10, 10), "f4"), cupy.ones((10, 10), "f4")
fused = fuse(lambda x: x * 2 + 1, fallback=False)
for _ in range(3):
    fused(x, out=out)
cupy.cuda.runtime.deviceSynchronize()
gpu_libraries.fail()
said = []
try:
    cupy.cuda.runtime.deviceSynchronize()
except Exception as error:
    print("device:", type(error).__name__)
for call in (lambda: fused(x, out=out), lambda: fused(x, out=out), lambda: fuse(lambda x: x - 1)(x, out=out)):
    try:
        call()
    except Exception as error:
        print("call:", type(error).__name__, " ".join(str(error).split()))
sys.stdout.flush()
import os
os._exit(0)
"""

_FORKED = """
import os, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import gpu_libraries
from fuser_core import fuse

x = gpu_libraries.get("cupy").array(np.ones((10, 10), "f4"))
out = gpu_libraries.get("cupy").array(np.ones((10, 10), "f4"))
fused = fuse(lambda x: x * 2 + 1, fallback=False)
for _ in range(3):
    fused(x, out=out)
child = os.fork()
if not child:
    for call in (lambda: fused(x, out=out), lambda: fuse(lambda x: x - 1)(x)):
        try:
            call()
            print("call: none", flush=True)
        except Exception as error:
            print("call:", type(error).__name__, " ".join(str(error).split()), flush=True)
    host = fuse(lambda x: x * 2)(np.arange(3.0))
    print("host:", host.tolist(), flush=True)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("child:", status)
print("parent:", float(fused(x)[0, 0]))
"""


def _lines(program):
    gpu_libraries.get("cupy")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") < 20, done.stderr  # no flood
    return done.stdout.splitlines()


def test_a_kernel_that_fails():
    lines = [line for line in _lines(_LOST) if line.startswith("call:")]
    assert len(lines) == 3
    assert "LostContextError" in lines[0]
    assert "has failed, and nothing runs on the device any more in this process; restart it" in lines[0]
    assert "the device was lost before" in lines[1]
    assert "restart" in lines[2] or "lost" in lines[2]


def test_a_fork():
    lines = _lines(_FORKED)
    calls = [line for line in lines if line.startswith("call:")]
    assert len(calls) == 2
    for line in calls:
        assert "of which this one" in line
        assert "multiprocessing.get_context('spawn')" in line
    assert "host: [0.0, 2.0, 4.0]" in lines
    assert lines[-2:] == ["child: 0", "parent: 3.0"]
