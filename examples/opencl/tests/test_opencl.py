"""Tests of its own: the source, threads, memory, forked children, and machines without a device."""

from __future__ import annotations

import multiprocessing
import re
import warnings

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse
from fuser_core.backend import Decline, Device
from fuser_opencl import engine, has_fusion_backend

X, Y = np.linspace(-2, 3, 100_003), np.linspace(0.5, 1, 100_003)


def on_opencl(function, **options):
    return fuse(backend="opencl", **options)(function)


def test_the_source_is_one_loop():
    code = on_opencl(lambda x, y: np.exp(x) * y - 0.5).code(X, Y)
    assert code.count("for (long i") == 1
    assert "FP_CONTRACT OFF" in code
    assert "as_double(0x3fe0000000000000UL)" in code


def test_sizes_that_repeat_are_computed_in_the_kernel():
    function = on_opencl(lambda x, y: x[:, :, None] * 2 + y)
    x, y = np.arange(6.0).reshape(2, 3), np.arange(4.0)
    assert np.array_equal(function(x, y), x[:, :, None] * 2 + y)
    assert re.search(r"a\d+\[\(i0\) \* n1 \+ i1\]", function.code(x, y))


def test_threads_change_no_bit():
    def function(x, y):
        return np.exp(x) * np.sin(y) + np.log(y)

    results = [on_opencl(function, threads=threads)(X, Y).tobytes() for threads in (1, 2, 3, 7)]
    assert len(set(results)) == 1


def test_strides_are_the_business_of_the_core():
    wide = np.zeros((100, 200))
    function = on_opencl(lambda x, y: (x - y, x * y))
    x, y = np.arange(50 * 200.0).reshape(50, 200)[:, ::-2], np.arange(100 * 50.0).reshape(100, 50).T
    difference, _ = function(x, y, out=(wide[::2, ::2], None))
    assert np.array_equal(difference, x - y)
    assert np.array_equal(wide[::2, ::2], x - y)


def test_outputs_may_be_the_memory_of_inputs():
    x, y = X.copy(), Y.copy()
    on_opencl(lambda x, y: (x + y, x - y))(x, y, out=(y, x))
    assert np.array_equal(y, X + Y)
    assert np.array_equal(x, X - Y)


def test_integers_wrap():
    function = on_opencl(lambda x, y: (x * y, -x, abs(x), x << y))
    x, y = np.array([-(2**31), 2**31 - 1, -1, 5], np.int32), np.array([-1, 3, 40, 31], np.int32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = x * y, -x, abs(x), x << y
    assert [result.tolist() for result in function(x, y)] == [result.tolist() for result in expected]


def test_nan_becomes_zero():
    array = np.array([np.nan, -np.inf, 1e30, -7.9])
    assert on_opencl(lambda x: x.astype(np.int64))(array).tolist() == [0, -(2**63), 2**63 - 1, -7]
    assert on_opencl(lambda x: x.astype(np.uint8))(array).tolist() == [0, 0, 255, 0]


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (lambda x: x.max(), X, "it has no reductions, and this is max"),
        (lambda x: x + x, np.ones(3, np.complex64), "it has no complex64; it has bool, int8"),
        (lambda x: x // 3, np.arange(3), "it has no floor_divide of int64"),
    ],
)
def test_the_rest_is_declined_with_a_reason(function, argument, reason):
    with pytest.raises(FusionDeclinedError, match=reason):
        on_opencl(function)(argument)


def test_a_forked_child_goes_on_with_numpy():
    function = on_opencl(lambda x, y: np.sqrt(y) * 2 + x, threads=2)
    expected = np.sqrt(Y) * 2 + X
    assert np.array_equal(function(X, Y), expected)

    def child():
        assert np.array_equal(function(X, Y), expected)
        assert np.array_equal(on_opencl(lambda x: x + 41)(X), X + 41)

    process = multiprocessing.get_context("fork").Process(target=child)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    process.join(60)
    process.kill()
    assert process.exitcode == 0


def test_where_there_is_no_device(monkeypatch):
    import pyopencl

    monkeypatch.setattr(engine, "_state", type(engine._state)())
    monkeypatch.setattr(pyopencl, "get_platforms", list)
    told = "no device of OpenCL's is a CPU with float64; there is none at all; try pocl-binary-distribution"
    with pytest.raises(FusionDeclinedError, match=told):
        on_opencl(lambda x: x * 1234 + 5)(X)
    verdict = has_fusion_backend(Device("cpu"))
    assert isinstance(verdict, Decline)
    assert verdict.reason == told


def test_other_devices_are_declined():
    verdict = has_fusion_backend(Device("cuda"))
    assert isinstance(verdict, Decline)
    assert verdict.reason == "it computes on the CPU, and these arrays are on cuda:0"
