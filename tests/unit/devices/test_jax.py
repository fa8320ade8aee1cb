"""JAX's arrays, taken and handed back by DLPack, on a stand-in for JAX; and those on the CPU, which are refused."""

import gc
import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from fuser_core import ArgumentError, FusionDeclinedError, fuse
from fuser_core.arrays import known, located
from fuser_core.backend import Device
from fuser_core.testing.fakes import installed
from fuser_core.testing.pools import LendingBackend
from unit.devices import libraries

X = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def jax(monkeypatch):
    monkeypatch.setattr(known, "by_type", {})
    modules = libraries.jax()
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return modules["jax"]


@pytest.fixture
def pool():
    backend = LendingBackend()
    with installed("lends", backend):
        yield backend.lent


def several(x, s):
    return np.exp(x) * s, x.sum(axis=0), x[1:, ::2], x.T + x.max(), x * np.array([1, 2, 3, 4.0]), x[::-1], x.reshape(-1)


def test_functions(jax, pool):
    x, fused = jax.ArrayImpl(X), fuse(lambda x, s: (*several(x, s), x))
    for _ in range(4):
        *results, last = fused(x, 2.0)
        for found, wanted in zip(results, several(X, 2.0), strict=True):
            assert type(found) is jax.ArrayImpl
            np.testing.assert_allclose(found.host, wanted)
        assert last is x
    assert fused.last_run.cache == "hit"


def test_order_is_kept_by_the_streams_that_dlpack_names(jax, pool):
    """JAX's side waits on ours for the argument, ours is waited for by JAX's; both by events, and nobody else."""
    x, fused = jax.ArrayImpl(X), fuse(lambda x: x * 2)
    for _ in range(3):
        gc.collect()  # the first call's trace, which knows its argument
        del x.streams[:], pool.ordered[:], pool.kept[:]
        fused(x)
    assert x.streams == [pool.stream]
    assert pool.ordered == [(33, pool.stream)]
    assert len(pool.kept) == 1


def test_memory_comes_back_when_jax_lets_go(jax, pool):
    result = fuse(lambda x: x * 2)(jax.ArrayImpl(X))
    assert pool.settled == []
    del result
    assert pool.settled == [(33, True)]


def test_arrays_are_described(jax, pool):
    x = jax.ArrayImpl(X)
    desc = located(x)
    assert (desc.device, desc.dtype, desc.shape, desc.strides) == (Device("cuda"), X.dtype, X.shape, X.strides)
    assert (desc.pointer, desc.stream, desc.read_only) == (X.ctypes.data, pool.stream, True)


def test_nobody_writes_to_them(jax, pool):
    x = jax.ArrayImpl(X.copy())
    with pytest.raises(ArgumentError, match="out= is a read-only array"):
        fuse(lambda x: x + 1)(x, out=x)
    np.testing.assert_array_equal(x.host, X)


def test_axes_of_one_element(jax, pool):
    """Their strides are nothing to NumPy, and a layout to JAX."""
    x = jax.ArrayImpl(X.reshape(3, 1, 4))
    np.testing.assert_array_equal(fuse(lambda x: x.transpose(1, 0, 2))(x).host, X.reshape(1, 3, 4))
    np.testing.assert_array_equal(fuse(lambda x: x.transpose(1, 0, 2) + 1)(x).host, X.reshape(1, 3, 4) + 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place": (1, 0)}, r"the jax\.Array is on the CPU.*; numpy\.asarray gives its memory as an array, without a"),
        ({"place": (3, 0)}, r"is on the host; numpy\.from_dlpack"),
        ({"deleted": True}, r"the jax\.Array has been deleted, or donated"),
        ({"parts": 2}, r"the jax\.Array lies on several devices; call the function on each of its parts"),
    ],
    ids=["cpu", "pinned", "deleted", "sharded"],
)
def test_what_is_refused(jax, pool, change, words):
    x = jax.ArrayImpl(X)
    for name, value in change.items():
        setattr(x, name, value)
    with pytest.raises(FusionDeclinedError, match=words):
        fuse(lambda x: x + 1, fallback=False)(x)


_PROGRAM = """
import jax, numpy as np
from fuser_core import fuse
from fuser_core.arrays import located, refusal

x = jax.numpy.ones(3)
print(refusal(x))
print(fuse(lambda x: x + 1)(np.asarray(x)))

def traced(x):
    assert located(x) is None
    return x

jax.jit(traced)(x)
"""


@pytest.mark.interop
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_jax_itself_on_the_cpu():
    """In a process of its own: where JAX is loaded, every fork warns."""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    said, result = done.stdout.splitlines()
    assert said.startswith(
        "the jax.Array is on the CPU, and only those on CUDA devices are taken as they are; numpy.asar"
    )
    assert result == "[2. 2. 2.]"
