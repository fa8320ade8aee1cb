"""Any layout and any size go to the kernel that is made for them, and give the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from cuda_groups import Builder, check
from fuser_core.testing.values import LAYOUTS, arrange, mixture
from fuser_cuda_nvrtc.geometry import Axes
from fuser_cuda_nvrtc.layout import Operand, lay_out_elementwise
from fuser_cuda_nvrtc.source.arrangement import arrange as arrange_kernel

_DTYPES = ("f4", "f8", "i2", "?", "c16", "f2")


def sum_of(dtype, rank, shapes=None):
    """``x * y + z`` with z a number, and what is returned is also compared."""
    builder = Builder(rank)
    own = shapes or (builder.shape, builder.shape)
    x, y, z = builder.input(dtype, own[0]), builder.input(dtype, own[1]), builder.input(dtype, ())
    op, other = ("logical_and", "logical_or") if dtype == "?" else ("multiply", "add")
    product = builder.apply(op, x, y, dtype=dtype)
    total = builder.apply(other, product, z, dtype=dtype)
    return builder.group(total, builder.apply("not_equal", total, x, dtype="?"))


def run(station, group, inputs, shape, order="C"):
    outputs = [np.empty(shape, value.dtype, order) for value in group.outputs]
    given_arrays = [each.copy() for each in inputs]
    station.run(group, inputs, outputs)
    check(group, given_arrays, outputs)
    return station.names()


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "byteswapped"])
def test_layout(station, dtype, layout):
    z = mixture(np.dtype(dtype), (), 3)
    for shape in ((5,), (3, 40), (2, 3, 70), (1100,)):
        group = sum_of(dtype, len(shape))
        x, y = (mixture(np.dtype(dtype), shape, seed) for seed in (1, 2))
        run(station, group, [arrange(x, layout), y, z], shape)
        run(station, group, [arrange(x, layout), arrange(y, layout), z], shape, "F")


@pytest.mark.parametrize(
    ("shapes", "kernel"),
    [
        (((64, 32), (64, 32)), "flat"),
        (((64, 32), (64, 1)), "rows"),
        (((64, 32), (1, 32)), "rows"),
        (((64, 33), (64, 1)), "strided32"),
        (((64, 3), (64, 1)), "strided32"),
    ],
    ids=str,
)
def test_each_kernel_has_its_arrays(station, shapes, kernel):
    symbolic = [
        [1 if size == 1 else dim for size, dim in zip(shape, Builder(2).shape, strict=True)] for shape in shapes
    ]
    group = sum_of("f4", 2, symbolic)
    x, y = (mixture(np.dtype("f4"), shape, seed) for seed, shape in enumerate(shapes))
    names = run(station, group, [x, y, np.array(2, "f4")], shapes[0])
    assert names in ([], [kernel])


@pytest.mark.parametrize("shape", [(64, 96), (33, 64), (5, 16, 24), (2, 32, 3, 64)], ids=str)
def test_turned(station, shape):
    for dtype in ("f4", "i2", "c16"):
        group = sum_of(dtype, len(shape))
        x, y = (mixture(np.dtype(dtype), shape, seed) for seed in (1, 2))
        for axes in (range(len(shape))[::-1], np.roll(range(len(shape)), 1)):
            turned = np.ascontiguousarray(x.transpose(axes)).transpose(np.argsort(axes))
            run(station, group, [turned, y, np.ones((), dtype)], shape)
            run(station, group, [y, turned, np.ones((), dtype)], shape, "F")


def test_packs_end_where_arrays_do(station):
    group = sum_of("f4", 1)
    for size in (0, 1, 2, 3, 4, 5, 7, 8, 1023, 1024, 1025, 4096 + 3):
        x, y = (mixture(np.dtype("f4"), (size,), seed) for seed in (1, 2))
        run(station, group, [x, y, np.ones((), "f4")], (size,))


def test_off_the_boundaries_of_types(station):
    group = sum_of("f8", 1)
    room = np.zeros(8 * 100 + 3, np.uint8)[3:].view(np.float64)
    room[...] = mixture(np.dtype("f8"), (100,), 1)
    names = run(station, group, [room, np.ones(100), np.ones(())], (100,))
    assert names in ([], ["strided64"])


def test_in_place(station):
    group = sum_of("f4", 2)
    for order in ("C", "F"):
        x = np.array(mixture(np.dtype("f4"), (30, 50), 1), order=order)
        y, z, flags = mixture(np.dtype("f4"), (30, 50), 2), np.ones((), "f4"), np.empty((30, 50), "?")
        before = x.copy()
        station.run(group, [x, y, z], [x, flags])
        check(group, [before, y, z], [x, flags])


def test_numbers_may_stay_with_the_host(station):
    """An input without axes may lie in this process's memory; its bits go with the launch."""
    for dtype in _DTYPES:
        group = sum_of(dtype, 1)
        x, y = (mixture(np.dtype(dtype), (50,), seed) for seed in (1, 2))
        z = mixture(np.dtype(dtype), (1,), 3, 0.0).reshape(())
        outputs = [np.empty(50, value.dtype) for value in group.outputs]
        station.run(group, [x, y, z], outputs, hosted=(2,))
        check(group, [x, y, z], outputs)


@pytest.mark.parametrize("shape", [(900, 701), (4, 140_000), (7, 90_000), (3, 301, 702), (2, 3, 200, 500)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_shifted_rows_go_in_bands(station, shape, dtype):
    group = sum_of(dtype, len(shape))
    x = mixture(np.dtype(dtype), (*shape[:-2], shape[-2] + 1, shape[-1] + 1), 1)
    inputs = [x[..., 1:, 1:], x[..., :-1, :-1], np.ones((), dtype)]
    assert run(station, group, inputs, shape) in ([], ["bands32"])
    assert run(station, group, [*(each[..., ::-1] for each in inputs[:2]), inputs[2]], shape) in ([], ["bands32"])


def test_bands_are_for_rows_of_some_length_and_arrays_of_some_size():
    builder = Builder(3)
    x, y = builder.input("f4"), builder.input("f4")
    arrangement = arrange_kernel(builder.group(builder.apply("multiply", x, y, dtype="f4")))

    def entry(*sizes, row=1 << 13):
        strides = tuple((4 * step, 4 * step, 4 * sizes[0] ** axis) for axis, step in enumerate((1, row, row << 7)))
        operands = [Operand(4, 0), Operand(4, 4), Operand(4, 0)]
        return lay_out_elementwise(arrangement, Axes(sizes, strides[: len(sizes)]), operands, 132)[0].entry

    assert entry(2000, 2000) == "bands32"
    assert entry(700, 500) == "strided32"
    assert entry(31, 100_000, row=40) == "strided32"
    assert entry(500_000, 3, row=1 << 20) == "strided32"
    assert entry(100, 100, 300) == "bands32"
    assert entry(2000, 2000, row=1 << 19) == "strided64"


def test_blocks_of_rows_take_as_many_each():
    builder = Builder(2)
    x, y = builder.input("f4"), builder.input("f4")
    arrangement = arrange_kernel(builder.group(builder.apply("multiply", x, y, dtype="f4")))
    axes = Axes((8192, 8192), ((4, 4, 4), (4 * 8192, 0, 4 * 8192)))
    (launch,) = lay_out_elementwise(arrangement, axes, [Operand(4, 0)] * 3, 132)
    assert launch.entry == "rows"
    assert launch.grid[0] * launch.grid[1] <= 132 * 32
    assert 8192 % launch.grid[1] == 0
