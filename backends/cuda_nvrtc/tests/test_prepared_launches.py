"""Prepared launches: addresses, numbers and a workspace are all that they want, and they write what launches do."""

from __future__ import annotations

import numpy as np
import pytest

import emulation
import fuser_cuda_nvrtc
from cuda_groups import Builder, Described
from fuser_core.backend import Decline, Device

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler is on PATH to run kernels with"),
]

HOST = Device("cpu")


def prepare(kernel, inputs, outputs):
    """Return what a launch is prepared for, and the values that it wants, numbers as NumPy's arrays."""
    prepared = fuser_cuda_nvrtc.prepare(kernel, inputs, outputs)
    assert not isinstance(prepared, Decline)
    operands = [*inputs, *outputs]
    values = [operands[place] for place in prepared.places]
    return prepared, [each.array if each.device == HOST else each.pointer for each in values]


@pytest.mark.parametrize("dtype", ["?", "b", "h", "i", "q", "B", "H", "I", "Q", "e", "f", "d", "F", "D"])
def test_numbers_of_every_dtype(dtype):
    builder = Builder()
    x, y = builder.input(dtype), builder.input(dtype, ())
    kernel = emulation.emulated(builder.group(builder.apply("maximum", x, y, dtype=dtype)))
    values = {"u": (3, 250), "i": (-3, 100), "f": (-2.5, 1e3, np.inf), "c": (1 - 2j, 3.0), "b": (False, True)}
    array, result = np.zeros(40, dtype), np.empty(40, dtype)
    first = Described(np.zeros((), dtype), device=HOST)
    prepared, given = prepare(kernel, [Described(array), first], [Described(result)])
    assert prepared.workspace == 0
    for value in values[np.dtype(dtype).kind]:
        kinds = [np.dtype(dtype).type(value), np.asarray(value, dtype), value]
        for number in kinds:
            prepared.launch([*given[:-1], number], 5)
            np.testing.assert_array_equal(result, np.maximum(array, np.asarray(value, dtype)))
    assert emulation.EMULATOR.streams[-1] == 5


@pytest.mark.parametrize("dtype", ["e", "f", "d", "F"])
def test_integers_and_numbers_that_are_too_large(dtype):
    builder = Builder()
    x, y = builder.input(dtype), builder.input(dtype, ())
    kernel = emulation.emulated(builder.group(builder.apply("add", x, y, dtype=dtype)))
    array, result = np.zeros(3, dtype), np.empty(3, dtype)
    number = Described(np.zeros((), dtype), device=HOST)
    prepared, given = prepare(kernel, [Described(array), number], [Described(result)])
    for value in (3, -7, 1e300, -1e300, np.float64("1e300")):
        prepared.launch([*given[:-1], value], 1)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(result, np.full(3, np.asarray(value, dtype)))


def test_integers_out_of_range():
    builder = Builder()
    x, y = builder.input("u1"), builder.input("u1", ())
    kernel = emulation.emulated(builder.group(builder.apply("add", x, y, dtype="u1")))
    number = Described(np.zeros((), "u1"), device=HOST)
    arrays = [Described(np.zeros(3, "u1")), number], [Described(np.zeros(3, "u1"))]
    prepared, given = prepare(kernel, *arrays)
    for value in (300, -1):
        with pytest.raises(OverflowError, match=f"Python integer {value} out of bounds for uint8"):
            prepared.launch([*given[:-1], value], 1)


def test_numbers_of_the_device_are_addresses():
    builder = Builder()
    x, y = builder.input("f4"), builder.input("f4", ())
    kernel = emulation.emulated(builder.group(builder.apply("add", x, y, dtype="f4")))
    array, number, result = np.ones(9, "f4"), np.array(4, "f4"), np.empty(9, "f4")
    on_device = prepare(kernel, [Described(array), Described(number)], [Described(result)])
    on_host = prepare(kernel, [Described(array), Described(number, device=HOST)], [Described(result)])
    for (prepared, given), expected in ((on_device, 5), (on_host, 5), (on_device, 8)):
        number[()] = expected - 1
        prepared.launch(given, 1)
        assert (result == expected).all()
    assert on_device[0] is not on_host[0]


def test_one_is_prepared_for_all_that_lie_alike():
    builder = Builder()
    x = builder.input("f4")
    kernel = emulation.emulated(builder.group(builder.apply("negative", x, dtype="f4")))
    whole, result = np.arange(64, dtype="f4"), np.empty(40, "f4")
    start = -whole.ctypes.data % 16 // 4
    seen = [whole[start + offset :][:16] for offset in (0, 4, 1, 5)]
    prepared = [prepare(kernel, [Described(each)], [Described(result[:16])]) for each in seen]
    assert prepared[0][0] is prepared[1][0]
    assert prepared[2][0] is prepared[3][0]
    assert prepared[0][0] is not prepared[2][0]
    for (launch, given), array in zip(prepared, seen, strict=True):
        launch.launch(given, 1)
        np.testing.assert_array_equal(result[:16], -array)


@pytest.mark.parametrize(("shape", "axes"), [((200_000,), (0,)), ((4000, 30), (0,)), ((100,), (0,)), ((0, 3), (0,))])
def test_partial_results_lie_in_the_workspace(shape, axes):
    builder = Builder(len(shape))
    x, s = builder.input("f4"), builder.input("f4", ())
    scaled = builder.apply("multiply", x, s, dtype="f4")
    kernel = emulation.emulated(builder.group(*(builder.reduce(op, scaled, axes) for op in ("sum", "max"))))
    array, number = np.random.default_rng(0).integers(-9, 9, shape).astype("f4"), np.array(2, "f4")
    kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    results = [np.empty(kept, "f4") for _ in range(2)]
    inputs, outputs = [Described(array), Described(number, device=HOST)], [Described(each) for each in results]
    prepared, given = prepare(kernel, inputs, outputs)
    assert (prepared.workspace > 0) == (array.size > 1000)
    memory = np.full(prepared.workspace + 32, 0xA5, np.uint8)
    address = -(-memory.ctypes.data // 16) * 16
    behind = memory[address - memory.ctypes.data + prepared.workspace :]
    prepared.launch([*given, address] if prepared.workspace else given, 1)
    np.testing.assert_array_equal(results[0], (array * 2).sum(axes))
    if array.size:
        np.testing.assert_array_equal(results[1], (array * 2).max(axes))
    assert (behind == 0xA5).all()
