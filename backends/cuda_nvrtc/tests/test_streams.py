"""Streams: a kernel is launched on that of the first output, and others wait for it as it waits for them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import emulation
from cuda_groups import Builder, Described
from fuser_core.backend import Device

pytestmark = pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler is on PATH to run kernels with")


def launched(*streams):
    """Launch ``x + y`` with arrays on streams, the output's last; return the stream of the launch, and who waited."""
    builder = Builder()
    x, y = builder.input("f4"), builder.input("f4")
    kernel = emulation.emulated(builder.group(builder.apply("add", x, y, dtype="f4")))
    arrays = [np.ones(10, "f4"), np.ones(10, "f4"), np.zeros(10, "f4")]
    described = [Described(each, stream=stream) for each, stream in zip(arrays, streams, strict=True)]
    driver = emulation.EMULATOR
    driver.streams.clear()
    driver.ordered.clear()
    kernel.launch(described[:2], described[2:])
    assert (arrays[2] == 2).all()
    return driver.streams, driver.ordered


def test_one_stream_costs_no_event():
    assert launched(5, 5, 5) == ([5], [])


def test_another_stream_waits_and_is_waited_for():
    assert launched(5, 6, 5) == ([5], [(5, 6), (6, 5)])
    assert launched(6, 6, 5) == ([5], [(5, 6), (6, 5)])


def test_no_stream_is_the_default_one():
    assert launched(None, None, None) == ([1], [])
    assert launched(1, None, None) == ([1], [])
    assert launched(7, None, None) == ([1], [(1, 7), (7, 1)])


def test_numbers_of_the_host_are_on_no_stream():
    builder = Builder()
    x, y = builder.input("f4"), builder.input("f4", ())
    kernel = emulation.emulated(builder.group(builder.apply("add", x, y, dtype="f4")))
    result = np.zeros(10, "f4")
    number = dataclasses.replace(Described(np.float32(3).reshape(())), device=Device("cpu"))
    emulation.EMULATOR.ordered.clear()
    kernel.launch([Described(np.ones(10, "f4"), stream=9), number], [Described(result, stream=9)])
    assert (result == 4).all()
    assert emulation.EMULATOR.ordered == []


def test_only_what_a_launch_wants_is_compiled():
    builder = Builder()
    x = builder.input("f4")
    texts = []

    def compiler(text, sm, options):
        texts.append(text)
        return emulation.library(text, sm, options)

    group = builder.group(builder.apply("negative", x, dtype="f4"))
    kernel = emulation.Kernel(group, emulation._STRICT, emulation.EMULATOR, compiler)
    assert texts == []
    array, result = np.ones(100, "f4"), np.zeros(100, "f4")
    for _ in range(2):
        kernel.launch([Described(array)], [Described(result)])
    assert len(texts) == 1
    assert " flat(" in texts[0]
    assert "strided" not in texts[0]
    kernel.launch([Described(array[::2])], [Described(result[::2])])
    assert len(texts) == 2
    assert " strided32(" in texts[1]
    assert all(name in kernel.artifacts["cuda"] for name in (" flat(", " rows(", " strided32(", " strided64("))
