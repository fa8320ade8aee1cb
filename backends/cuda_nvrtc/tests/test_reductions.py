"""Reductions of any axes of any layout, in one launch or in segments, with elementwise outputs beside them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import fuser_cuda_nvrtc
from cuda_groups import Builder, check
from every_operation import DTYPES
from fuser_core.backend import Accept, Reduce
from fuser_core.testing.values import mixture
from fuser_cuda_nvrtc.source.reducers import REDUCTIONS

_BESIDE = tuple(map(np.dtype, ("?", "i2", "f4", "c16")))
"""The dtypes for which an elementwise output stands beside reductions."""

_SPACES = (
    ((40,), (0,)),
    ((5000,), (0,)),
    ((70_001,), (0,)),
    ((6, 50), (1,)),
    ((6, 50), (0,)),
    ((300, 7), (0,)),
    ((3, 9000), (1,)),
    ((9000, 3), (0,)),
    ((9000, 3), (1,)),
    ((64, 64), (0, 1)),
    ((5, 6, 16), (0, 2)),
    ((5, 6, 16), (1,)),
)


def reductions(dtype, rank, axes, *, stored=False):
    """Every reduction of a dtype, of ``x`` itself; with ``stored`` a copy of it beside them."""
    builder = Builder(rank)
    x = builder.input(dtype)
    kept = [
        builder.apply(
            "positive" if np.dtype(dtype).kind != "b" else "logical_or",
            *[x] * (1 + (np.dtype(dtype).kind == "b")),
            dtype=dtype,
        )
    ]
    results = [builder.reduce(op, x, axes) for op in REDUCTIONS if _holds(op, x, builder)]
    return builder.group(*(kept if stored else []), *results) if stored else _without(builder, kept[0], results)


def _without(builder, unused, results):
    builder.steps = [step for step in builder.steps if unused not in step.outputs]
    return builder.group(*results)


def _holds(op, x, builder):
    step = Reduce(op, x, (0,), builder.value(x.dtype, x.shape[1:]))
    return isinstance(fuser_cuda_nvrtc.supports(step, builder.group().device), Accept)


def run(station, group, inputs, shape, axes):
    kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    outputs = [np.empty(shape if len(value.shape) == len(shape) else kept, value.dtype) for value in group.outputs]
    station.run(group, inputs, outputs)
    check(group, inputs, outputs)
    return outputs


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype != np.float16], ids=str)
def test_every_reduction(station, dtype):
    plain, stored = ({rank: {} for rank in (1, 2, 3)} for _ in range(2))
    for shape, axes in _SPACES:
        rank = len(shape)
        for groups, beside in ((plain, False), (stored, True))[: 2 if dtype in _BESIDE else 1]:
            group = groups[rank].setdefault(axes, reductions(dtype, rank, axes, stored=beside))
            array = mixture(dtype, shape, 1, 0.0)
            if dtype.kind in "fc":  # products stay within the range of numbers
                array = (1 + array / 1000).astype(dtype)
            run(station, group, [array], shape, axes)
            if shape != (70_001,):
                run(station, group, [mixture(dtype, shape, 2, 0.01)], shape, axes)


def test_halves(station):
    """A sum of halves is that of wider numbers, rounded once: NumPy's own rounds after every addition."""
    for shape, axes in _SPACES[3:]:
        group = reductions("f2", len(shape), axes)
        x = mixture(np.dtype("f2"), shape, 1, 0.0) / np.float16(4)
        ops = [step.op for step in group.steps]
        kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
        outputs = [np.empty(kept, "f2") for _ in ops]
        station.run(group, [x], outputs)
        found = dict(zip(ops, outputs, strict=True))
        np.testing.assert_array_equal(found["max"], x.max(axes))
        np.testing.assert_array_equal(found["min"], x.min(axes))
        wide = x.astype("f8")
        np.testing.assert_allclose(found["sum"], wide.sum(axes), rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(
            found["squared_deviations"], wide.var(axes) * (x.size / max(1, np.prod(kept))), rtol=1e-3
        )


@pytest.mark.parametrize("size", [1, 2, 3, 31, 32, 33, 255, 256, 257, 1000, 4097])
def test_rows_of_any_length(station, size):
    for shape, axes in (((7, size), (1,)), ((size, 7), (0,)), ((size,), (0,))):
        group = reductions("f4", len(shape), axes, stored=True)
        run(station, group, [mixture(np.dtype("f4"), shape, size, 0.0)], shape, axes)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)], ids=str)
def test_nothing(station, shape):
    builder = Builder(2)
    x = builder.input("f4")
    group = builder.group(*(builder.reduce(op, x, (0,)) for op in ("sum", "prod", "squared_deviations")))
    run(station, group, [np.empty(shape, "f4")], shape, (0,))


def test_nan_wins(station):
    group = reductions("f8", 1, (0,))
    x = np.arange(5000.0)
    x[1234] = np.nan
    outputs = run(station, group, [x], x.shape, (0,))
    assert all(np.isnan(each) for each in outputs)


@pytest.mark.parametrize("offset", [0.0, 1e8, 1e12])
def test_deviations_lose_no_digits(station, offset):
    builder = Builder(2)
    group = builder.group(builder.reduce("squared_deviations", builder.input("f8"), (1,)))
    x = np.random.default_rng(0).integers(-8, 9, (3, 40_000)) / 4 + offset
    outputs = [np.empty(3)]
    station.run(group, [x], outputs)
    exact = x - offset
    wanted = np.square(exact).sum(1) - exact.sum(1) ** 2 / 40_000  # all without rounding but the last
    np.testing.assert_allclose(outputs[0], wanted, rtol=1e-13)
    station.run(group, [np.full((3, 40_000), 0.1 + offset)], outputs)
    assert (outputs[0] == 0).all()


@pytest.mark.parametrize("dtype", ["f4", "i2", "f8", "?"])
def test_columns_in_packs(station, dtype):
    """Results that lie side by side are taken in packs, also where segments are joined and an input repeats."""
    dtype = np.dtype(dtype)
    for shape, axes in (
        ((300, 64), (0,)),
        ((5000, 128), (0,)),
        ((6, 50, 32), (1,)),
        ((6, 50, 32), (0, 1)),
        ((40, 3, 64), (0,)),
    ):
        for stored in (False, True):
            group = reductions(dtype, len(shape), axes, stored=stored)
            x = mixture(dtype, shape, 1, 0.0)
            x = (1 + x / 1000).astype(dtype) if dtype.kind == "f" else x
            run(station, group, [x], shape, axes)
            if station.names():
                # All reductions of four results each would take too many registers.
                assert station.names()[0] == ("reduce32" if dtype == np.float32 else "reduce_columns")
            run(station, group, [np.broadcast_to(x[..., :1], shape)], shape, axes)


def test_columns_of_several_arrays(station):
    builder = Builder(2)
    n, m = builder.shape
    x, y, z = builder.input("f4"), builder.input("f4", (m,)), builder.input("f4", (n, 1))
    product = builder.apply("multiply", builder.apply("multiply", x, y, dtype="f4"), z, dtype="f4")
    group = builder.group(builder.reduce("sum", product, (0,)), builder.reduce("max", product, (0,)))
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype("f4") for shape in ((700, 256), (256,), (700, 1))]
    run(station, group, arrays, (700, 256), (0,))
    if station.names():
        assert station.names()[0] == "reduce_columns"


@pytest.mark.parametrize("shape", [(3, 20_000), (20_000, 4)], ids=str)
def test_deviations_of_hard_numbers(station, shape):
    """Outliers, trends, numbers that are large against their spread: within 4 ULP of the exact result."""
    from fractions import Fraction

    axis = int(np.argmax(shape))
    rng = np.random.default_rng(1)
    builder = Builder(2)
    group = builder.group(builder.reduce("squared_deviations", builder.input("f8"), (axis,)))
    place = np.moveaxis(np.broadcast_to(np.arange(shape[axis]), shape[::-1] if axis == 0 else shape), -1, axis)
    noise = rng.normal(size=shape)
    for x in (noise + 1e8, place * 1.0 + noise, np.where(place == 1000, 1e12, noise)):
        found = np.empty(min(shape))
        station.run(group, [np.ascontiguousarray(x)], [found])
        for own, row in zip(found, np.moveaxis(x, axis, -1), strict=True):
            exact = [Fraction(float(each)) for each in row]
            true = float(sum(each * each for each in exact) - sum(exact) ** 2 / len(exact))
            assert abs(own - true) <= 4 * np.spacing(true)


def test_bits_do_not_hang_on_the_device():
    """However many processors a device has, segments are the same."""
    from cuda_groups import Described
    from emulation import COMPILER, Emulator, library
    from fuser_core.backend import CompileOptions
    from fuser_cuda_nvrtc.driver.interface import Facts
    from fuser_cuda_nvrtc.kernel import Kernel

    if COMPILER is None:
        pytest.skip("no C++ compiler is on PATH to run kernels on the CPU with")
    x = mixture(np.dtype("f4"), (3, 30_000), 1, 0.0)
    found = []
    for processors in (1, 200):
        driver = Emulator()
        driver.facts = lambda _, processors=processors: Facts(90, processors, "")
        kernel = Kernel(reductions("f4", 2, (1,)), CompileOptions(), driver, library)
        outputs = [np.empty(3, "f4") for _ in range(5)]
        kernel.launch([Described(x)], [Described(each) for each in outputs])
        found.append(np.array(outputs).tobytes())
    assert found[0] == found[1]


def test_every_reduction_is_held():
    assert set(REDUCTIONS) == set(itertools.chain(("sum", "prod", "min", "max", "any", "all", "squared_deviations")))
