"""Launches through the driver's C interface, on a library that stands in for the driver."""

from __future__ import annotations

import ctypes
import gc
import struct
import threading

import pytest

import emulation
from fake_library import fake, value
from fuser_cuda_nvrtc.driver import launching
from fuser_cuda_nvrtc.driver.interface import DriverError

pytestmark = pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler to make a library with")

_FIRST = 0x7F0000001000


@pytest.fixture
def library(monkeypatch, tmp_path):
    with fake(monkeypatch, tmp_path) as found:
        yield found


def bound(context):
    return launching.load_module(context, b"image", ["flat"])["flat"].bind((70_000, 2), (32, 8), "3Q", (4, 2**64 - 1))


def test_an_argument_is_its_head_and_its_words(library):
    launch = bound(launching.Context(0))
    words = (ctypes.c_uint64 * 64).in_dll(library, "seen_words")
    for head, stream in (([1, 2, 2**63], 1), ([7, 8, 9], 0x7F0000004000), ([5, 5, 5], 0x7F0000004000)):
        launch(head, stream)
        assert list(words)[:5] == [*head, 4, 2**64 - 1]
        assert ctypes.c_void_p.in_dll(library, "seen_stream").value == stream
    assert list((ctypes.c_uint * 7).in_dll(library, "seen_sizes")) == [70_000, 2, 1, 32, 8, 1, 0]
    assert value(library, "launches") == 3


def test_numbers_are_written_among_addresses(library):
    function = launching.load_module(launching.Context(0), b"image", ["flat"])["flat"]
    launch = function.bind((1, 1), (32, 1), "Qf12xh14x", (9,))
    words = (ctypes.c_uint64 * 64).in_dll(library, "seen_words")
    launch([1, 2.5, -3], 1)
    assert list(words)[:5] == [1, int.from_bytes(struct.pack("<f", 2.5), "little"), 0, 0xFFFD, 0]
    with pytest.raises(struct.error, match="format requires"):
        launch([1, 2.5, 40_000], 1)
    with pytest.raises(OverflowError, match="float too large"):
        launch([1, 1e300, 1], 1)
    assert value(library, "launches") == 1
    launch([7, 0.0, 1], None)
    assert list(words)[:5] == [7, 0, 0, 1, 0]
    assert not ctypes.c_void_p.in_dll(library, "seen_stream").value


@pytest.mark.parametrize("current", [0, _FIRST, _FIRST + 1])
def test_the_context_of_the_device_is_current_for_a_launch_and_another_one_comes_back(library, current):
    launch = bound(launching.Context(0))
    library.make_current(ctypes.c_void_p(current))
    launch([0, 0, 0], 1)
    assert ctypes.c_void_p.in_dll(library, "seen_context").value == _FIRST
    found = ctypes.c_void_p()
    library.cuCtxGetCurrent(ctypes.byref(found))
    assert (found.value or 0) == current


def test_threads_do_not_share_an_argument(library):
    launch, wrong = bound(launching.Context(0)), []

    def work(mark):
        try:
            for _ in range(2000):
                launch([mark] * 3, mark)
        except DriverError as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(mark,)) for mark in range(1, 5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    words = list((ctypes.c_uint64 * 64).in_dll(library, "seen_words"))[:3]
    assert not wrong
    assert value(library, "launches") == 8000
    assert words == [ctypes.c_void_p.in_dll(library, "seen_stream").value] * 3


def test_one_event_orders_all_streams(library):
    context = launching.Context(0)
    context.order(1, 22)
    context.order(33, 1)
    assert list((ctypes.c_void_p * 64).in_dll(library, "ordered"))[:4] == [22, 1, 1, 33]
    assert value(library, "events") == 1


def test_a_module_goes_with_its_last_function(library):
    launch = bound(launching.Context(0))
    assert value(library, "loaded") == 1
    del launch
    gc.collect()
    assert value(library, "loaded") == 0


def test_refusals_are_said(library):
    context = launching.Context(0)
    with pytest.raises(DriverError, match=r"cannot share the context of CUDA device 2: no \(CUDA_ERROR_OF_A_TEST\)"):
        launching.Context(2)
    with pytest.raises(DriverError, match="cannot find the kernel rows: named symbol not found"):
        launching.load_module(context, b"image", ["rows"])
    launch = bound(context)
    ctypes.c_int.in_dll(library, "failing").value = 700
    with pytest.raises(DriverError, match="cannot launch a kernel: no"):
        launch([0, 0, 0], 1)
