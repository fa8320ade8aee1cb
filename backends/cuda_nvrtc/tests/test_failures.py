"""What the driver refuses, in words that a user can act on: memory, a lost context, a fork."""

from __future__ import annotations

import os

import pytest

import emulation
import fuser_cuda_nvrtc
from fake_library import fake, put
from fuser_core.backend import Decline, Device
from fuser_cuda_nvrtc.driver import choice, failures, launching
from fuser_cuda_nvrtc.driver.failures import DeviceMemoryError, LostContextError, failure, forked, note_start
from fuser_cuda_nvrtc.driver.interface import DriverError


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    monkeypatch.setattr(failures._State, "started_in", None)
    monkeypatch.setattr(failures._State, "lost", None)


def test_no_memory():
    error = failure("allocate 8,000 bytes on Some GPU", "CUDA_ERROR_OUT_OF_MEMORY", "out of memory")
    assert isinstance(error, DeviceMemoryError)
    assert isinstance(error, MemoryError)
    said = str(error)
    assert said.startswith("cannot allocate 8,000 bytes on Some GPU: out of memory (CUDA_ERROR_OUT_OF_MEMORY); ")
    assert "torch.cuda.empty_cache()" in said
    assert type(failure("launch a kernel", "CUDA_ERROR_INVALID_VALUE", "no")) is DriverError


def test_a_lost_context_is_explained_once_and_said_ever_after():
    first = failure("launch a kernel", "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered")
    later = failure("enter a context", "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered")
    assert isinstance(first, LostContextError)
    assert isinstance(later, LostContextError)
    assert "cannot launch a kernel: an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS): a" in str(
        first
    )
    assert "nothing runs on the device any more in this process; restart it" in str(first)
    assert str(later) == (
        "cannot enter a context: the device was lost before (CUDA_ERROR_ILLEGAL_ADDRESS); restart the process"
    )


@pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler to make a library with")
def test_launches_say_it(monkeypatch, tmp_path):
    with fake(monkeypatch, tmp_path) as library:
        context = launching.Context(0)
        launch = launching.load_module(context, b"image", ["flat"])["flat"].bind((1, 1), (32, 1), "Q", ())
        for status, words in (
            (2, "what other libraries keep for later is given back"),
            (719, "a kernel launched earlier, by this or any other library, has failed"),
            (719, "the device was lost before"),
        ):
            put(library, "failing", status)
            with pytest.raises(DriverError, match=words):
                launch([0], 1)
        put(library, "failing", 0)
        launch([0], 1)


def in_child(question):
    """Return what a function answers in a forked child."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, str(question()).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as answer:
        return answer.read()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # of JAX, where another test has loaded that
def test_a_fork(monkeypatch):
    words = f"CUDA was started in process {os.getpid()}, of which this one, "
    assert forked() is None
    assert in_child(forked) == "None"
    note_start()
    assert forked() is None
    assert in_child(forked).startswith(words)
    assert in_child(lambda: choice.obstacle(0).reason).startswith(words)
    assert in_child(lambda: fuser_cuda_nvrtc.has_fusion_backend(Device("cuda"))).startswith('Decline(reason="CUDA was')
    refused = in_child(lambda: failure("enter a context", "CUDA_ERROR_NOT_INITIALIZED", "initialization error"))
    assert refused.startswith(f"cannot enter a context: {words}")
    assert "multiprocessing.get_context('spawn')" in refused
    assert "initialization error" in str(
        failure("enter a context", "CUDA_ERROR_NOT_INITIALIZED", "initialization error")
    )

    def start():
        try:
            choice.driver()
        except DriverError as error:
            return error

    monkeypatch.setattr(choice, "_pycuda", object)
    found = choice.driver()
    try:
        assert choice.driver() is found
        assert in_child(start).startswith(words)
    finally:
        choice.driver.cache_clear()
    assert not isinstance(choice.obstacle(0), Decline) or "fork" not in choice.obstacle(0).reason
