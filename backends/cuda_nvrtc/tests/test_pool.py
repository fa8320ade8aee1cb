"""Memory that the backend lends, on a library that stands in for the driver."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np
import pytest

import emulation
import fuser_cuda_nvrtc
from fake_library import fake, put, value
from fuser_core.backend import Decline, Device
from fuser_cuda_nvrtc.driver import choice
from fuser_cuda_nvrtc.driver.interface import DriverError
from fuser_cuda_nvrtc.driver.pool import CudaPool, pool_on

pytestmark = pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler to make a library with")


@pytest.fixture
def library(monkeypatch, tmp_path):
    with fake(monkeypatch, tmp_path) as found:
        yield found


class Memory:
    def __init__(self, *asked):
        self.asked, self.pointer = asked, 4096


class Driver:
    def allocate(self, index, size, stream):
        return Memory(index, size, stream)


@pytest.fixture
def pool(library):
    return CudaPool(Driver(), 1)


class Thing:
    pass


def ordered(library):
    return [each or 0 for each in (ctypes.c_void_p * 64).in_dll(library, "ordered")][: value(library, "orders")]


def test_memory_is_of_the_driver_in_the_order_of_a_stream_of_its_own(pool):
    assert pool.stream == 0x7F0000005000
    assert pool.allocate(800).asked == (1, 800, pool.stream)


def test_arrays_are_copied_there_and_back(library, pool):
    there, back = np.zeros(5), np.zeros(5)
    pool.upload(there.ctypes.data, np.arange(5.0))
    pool.download(there.ctypes.data, back)
    np.testing.assert_array_equal(back, np.arange(5))
    assert value(library, "synchronized") == 1
    put(library, "failing", 1)
    with pytest.raises(DriverError, match="cannot copy 40 bytes to CUDA device 1"):
        pool.upload(there.ctypes.data, back)
    with pytest.raises(DriverError, match="cannot copy 40 bytes from CUDA device 1"):
        pool.download(there.ctypes.data, back)


def test_streams_wait_by_events(library, pool):
    pool.order(5, 5)
    assert ordered(library) == []
    pool.order(5, 6)
    pool.order(7, 8)
    assert ordered(library) == [6, 5, 8, 7]
    assert value(library, "events") == 1


def test_things_are_kept_until_the_stream_is_done(library, pool):
    things = [Thing() for _ in range(5)]
    gone = [weakref.ref(each) for each in things]
    for each in things:
        pool.keep(each)
    del each
    things.clear()
    assert all(each() is not None for each in gone)
    put(library, "finished", 1)
    pool.keep(None)
    assert all(each() is None for each in gone)
    made = value(library, "events")
    for _ in range(20):
        pool.keep(None)
    assert value(library, "events") == made


def test_what_is_kept_may_give_memory_back_when_it_goes(library, pool):
    class Loan:
        def __del__(self):
            pool.settle(9, others=True)
            pool.keep(None)

    put(library, "finished", 1)
    pool.keep(Loan())
    pool.keep(None)
    assert ordered(library).count(pool.stream) >= 2


def test_memory_that_comes_back_waits_for_who_had_it(library, pool):
    pool.settle(9, others=False)
    assert ordered(library) == [9, pool.stream]
    assert value(library, "whole") == 0


def test_memory_that_comes_back_waits_for_all_that_runs(library, pool):
    """Or, where the driver cannot say what that is, for the stream that was named."""
    pool.settle(9, others=True)
    pool.settle(None, others=False)
    assert value(library, "whole") == 2
    assert ordered(library) == [pool.stream] * 2
    pool.settle(9, others=True)  # the library says now that it cannot
    assert ordered(library)[2:] == [9, pool.stream]
    pool.settle(None, others=False)
    assert len(ordered(library)) == 4


def test_a_lost_context_is_no_matter_when_memory_goes(library, pool, monkeypatch):
    def refuse(*args):
        raise DriverError("lost")

    monkeypatch.setattr(pool, "_event", refuse)
    pool.keep(Thing())
    pool.settle(9, others=False)


def test_the_device_of_an_address(pool):
    assert pool.locate(4096) == 3
    assert pool.locate(1) == 0
    with pytest.raises(DriverError, match="cannot find the device of the address 0x0"):
        pool.locate(0)


def test_the_hook(library, monkeypatch):
    monkeypatch.setattr("fuser_cuda_nvrtc.driver.pool.driver", Driver)
    pool_on.cache_clear()
    try:
        first = fuser_cuda_nvrtc.pool(Device("cuda", 1))
        assert fuser_cuda_nvrtc.pool(Device("cuda", 1)) is first
        assert fuser_cuda_nvrtc.pool(Device("cuda", 2)) == Decline(
            "cannot share the context of CUDA device 2: no (CUDA_ERROR_OF_A_TEST)"
        )
    finally:
        pool_on.cache_clear()
        choice.driver.cache_clear()
