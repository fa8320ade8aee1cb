"""Squared deviations from the mean, against exact ones: how near, and that nothing but numbers decides their bits."""

from __future__ import annotations

import ctypes
import itertools
from fractions import Fraction

import numpy as np
import pytest

from fuser_cpu_llvm.reducers import reducer
from llvm_groups import Array, Builder, run

RANDOM = np.random.default_rng(5)
NOISE = RANDOM.standard_normal(2500)
HARD = {
    "ordinary": NOISE,
    "positive": RANDOM.random(2500),
    "offset": 1e8 + NOISE,
    "far offset": 1e15 + NOISE,
    "outlier first": np.r_[1e10, NOISE],
    "outlier in the middle": np.insert(NOISE, 1300, 1e10),
    "outlier last": np.r_[NOISE, -1e10],
    "ramp": np.arange(2500) * 1.1 + 1e6,
    "steps": np.repeat([1e7, 1e7 + 1, 1e7 + 5], 800) + 1e-5 * NOISE[:2400],
    "magnitudes": np.exp(5 * NOISE),
    "growing": np.exp(np.arange(2500) / 20),
    "shrinking": np.exp(-np.arange(2500) / 20),
    "tiny": 1e-140 * NOISE,
    "two": np.array([1e16, 1e16 + 2]),
    "one": np.array([-3.7]),
    "float32": NOISE.astype("f4"),
    "float32 with an offset": (1e8 + 100 * NOISE).astype("f4"),
}
ROWS = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)
COMBINE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def deviations(x: Array, axes: tuple[int, ...], threads: int = 1) -> Array:
    builder = Builder(x.ndim)
    kernel = builder.kernel(builder.reduce("squared_deviations", builder.input(x.dtype), axes))
    out = np.empty([size for axis, size in enumerate(x.shape) if axis not in axes], x.dtype)
    run(kernel, [x], [out], threads)
    return out


def exact(numbers: Array) -> Fraction:
    values = [Fraction(number) for number in numbers.tolist()]
    mean = sum(values) / len(values)
    return Fraction(sum((value - mean) ** 2 for value in values))


@pytest.mark.parametrize("kind", HARD)
def test_a_few_units_in_the_last_place(kind: str) -> None:
    numbers = HARD[kind]
    true, eps = exact(numbers), np.finfo(numbers.dtype).eps
    cases = [
        (numbers, (0,), 1),
        (np.tile(numbers, 50), (0,), 50),
        (np.tile(numbers, (3, 1)), (1,), 1),
        (np.tile(numbers, (70, 1)), (0, 1), 70),
        (np.repeat(numbers[:, None], 19, 1), (0,), 1),
        (np.repeat(numbers[:, None], 300, 1), (0,), 1),
        (np.repeat(numbers[:, None], 3, 1), (0,), 1),
        (np.repeat(numbers[:, None, None], 6, 1).repeat(20, 2), (0, 1), 6),
        (np.repeat(numbers[:, None, None], 6, 1).repeat(20, 2)[:, ::2, ::-1], (0,), 1),
    ]
    for x, axes, times in cases:
        for found in np.ravel(deviations(x, axes)):
            assert abs(Fraction(float(found)) - times * true) <= 16 * eps * times * true, (x.shape, axes)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("shape", [(3_000_001,), (2000, 1500), (500_000, 3), (3, 500_000), (50, 200, 300)])
def test_threads_change_nothing(shape: tuple[int, ...], dtype: str) -> None:
    x = (100 + RANDOM.standard_normal(shape)).astype(dtype)
    for axes in itertools.chain.from_iterable(
        itertools.combinations(range(len(shape)), count) for count in range(1, len(shape) + 1)
    ):
        alone = deviations(x, axes)
        np.testing.assert_allclose(alone, x.astype("f8").var(axes) * (x.size // alone.size), rtol=1e-5)
        for threads in (2, 5):
            np.testing.assert_array_equal(alone, deviations(x, axes, threads))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("columns", [1, 5, 16, 37])
def test_columns_do_not_depend_on_how_rows_are_cut(dtype: str, columns: int) -> None:
    x = (3 + RANDOM.standard_normal((300, columns))).astype(dtype)
    x[77, 0], x[200, -1] = np.inf, 1e30
    made = reducer("squared_deviations", x.dtype)
    function, finish = ROWS(made.columns), COMBINE(made.combine)
    results = []
    for cuts in ([300], [1] * 300, [7] * 42 + [6], [64, 64, 100, 72], [299, 1]):
        moments, place = np.zeros((made.planes, columns)), 0
        for rows in cuts:
            address = x[place:].ctypes.data
            function(address, rows, columns, moments.ctypes.data, 0, 8 * columns)
            place += rows
        assert (moments[-1] == 300).all()
        results.append(np.empty(columns))
        finish(moments.ctypes.data, columns, 1, results[-1].ctypes.data)
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(results[0], x.astype("f8").var(0) * 300, rtol=1e-12)


def test_nothing_deviates_by_nothing() -> None:
    assert deviations(np.empty((0, 4)), (0,)).tolist() == [0.0] * 4
    assert deviations(np.empty((4, 0)), (1,)).tolist() == [0.0] * 4
    assert deviations(np.empty((0, 4)), (1,)).shape == (0,)


def test_computed_values_beside_other_reductions() -> None:
    for shape, axes in itertools.product([(70, 90), (5, 4000), (4000, 5), (300, 300)], [(0,), (1,), (0, 1)]):
        builder = Builder(2)
        x, y = builder.input("f8"), builder.input("f8", builder.shape[1:])
        product = builder.apply("multiply", x, y, dtype="f8")
        reductions = [builder.reduce(op, product, axes) for op in ("sum", "squared_deviations", "max")]
        kernel = builder.kernel(product, *reductions)
        a, b = RANDOM.random(shape), RANDOM.random(shape[1])
        outs = [np.empty(shape), *(np.empty(np.shape(a.sum(axes))) for _ in range(3))]
        for threads in (1, 3):
            run(kernel, [a, b], outs, threads)
            np.testing.assert_array_equal(outs[0], a * b)
            np.testing.assert_allclose(outs[1], (a * b).sum(axes), rtol=1e-13)
            np.testing.assert_allclose(outs[2], (a * b).var(axes) * (a.size // outs[2].size), rtol=1e-12)
            np.testing.assert_array_equal(outs[3], (a * b).max(axes))
