"""Reductions over any axes, of any size and layout, the same for any number of threads."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.ops import REDUCTIONS
from llvm_groups import Array, Builder, run

RANDOM = np.random.default_rng(11)
ORDERED = "?bBhHiIlLfd"
OPS = {"sum": "bBhHiIlLfdFD", "prod": "bBhHiIlLfdFD", "min": ORDERED, "max": ORDERED, "any": "?", "all": "?"}
SHAPES = [
    (1,),
    (7,),
    (16,),
    (1000,),
    (5000,),
    (3, 5),
    (2000, 3),
    (3, 2000),
    (70, 300),
    (300, 70),
    (4, 5, 6),
    (5, 1, 300),
]


def values(shape: tuple[int, ...], dtype: str) -> Array:
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return RANDOM.uniform(0.9, 1.1, shape).astype(kind)
    if kind.kind == "c":
        return (RANDOM.uniform(0.9, 1.1, shape) * np.exp(1j * RANDOM.uniform(-0.1, 0.1, shape))).astype(kind)
    return RANDOM.integers(0 if kind.kind in "ub" else -3, 2 if kind.kind == "b" else 4, shape).astype(kind)


def reduced(op: str, x: Array, axes: tuple[int, ...], threads: int = 1, out: Array | None = None) -> Array:
    builder = Builder(x.ndim)
    kernel = builder.kernel(builder.reduce(op, builder.input(x.dtype), axes))
    if out is None:
        out = np.empty([size for axis, size in enumerate(x.shape) if axis not in axes], x.dtype)
    run(kernel, [x], [out], threads)
    return out


def assert_close(op: str, got: Array, x: Array, axes: tuple[int, ...], **more: Any) -> None:
    ufunc = REDUCTIONS[op].ufunc
    with np.errstate(all="ignore"):
        wanted = ufunc.reduce(x, axis=axes, dtype=x.dtype, **more)
    if x.dtype.kind not in "fc" or op in ("min", "max"):
        np.testing.assert_array_equal(got, wanted)
    else:
        np.testing.assert_allclose(got, wanted, rtol=200 * np.finfo(x.dtype).eps)


def axes_of(rank: int) -> list[tuple[int, ...]]:
    return [axes for count in range(1, rank + 1) for axes in itertools.combinations(range(rank), count)]


@pytest.mark.parametrize(("op", "dtype"), [(op, dtype) for op, dtypes in OPS.items() for dtype in dtypes])
def test_every_dtype_and_axis(op: str, dtype: str) -> None:
    for shape in SHAPES:
        x = values(shape, dtype)
        for axes in axes_of(len(shape)):
            assert_close(op, reduced(op, x, axes), x, axes)


@pytest.mark.parametrize("axes", axes_of(3))
@pytest.mark.parametrize("shape", [(9, 20, 31), (3, 7, 600), (40, 3, 2)])
def test_every_layout(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    layouts = [
        np.asfortranarray(values(shape, "f8")),
        values((shape[0], shape[1], 2 * shape[2]), "f8")[..., ::-2],
        values(shape[::-1], "f8").transpose(1, 0, 2).transpose(2, 0, 1).reshape(shape),
        np.moveaxis(values((shape[1], shape[0], shape[2]), "f8"), 0, 1),
        np.broadcast_to(values((shape[1], 1), "f8"), shape),
    ]
    for x in layouts:
        for op in ("sum", "max"):
            assert_close(op, reduced(op, x, axes), x, axes)


@pytest.mark.parametrize("op", OPS)
def test_empty(op: str) -> None:
    dtype = "?" if op in ("any", "all") else "f8"
    assert reduced(op, np.empty((0, 3), dtype), (1,)).shape == (0,)
    if op not in ("min", "max"):
        np.testing.assert_array_equal(
            reduced(op, np.empty((3, 0), dtype), (1,)), REDUCTIONS[op].ufunc.reduce(np.empty((3, 0), dtype), axis=1)
        )


@pytest.mark.parametrize("op", ["sum", "prod", "min", "max"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0])
@pytest.mark.parametrize("size", [1, 5, 40, 3000])
def test_special_values(op: str, dtype: str, value: float, size: int) -> None:
    for place in {0, size // 2, size - 1}:
        x = np.zeros(size, dtype) - 0.0 if value == 0 else np.ones(size, dtype)
        x[place] = value
        assert_close(op, reduced(op, x, (0,)), x, (0,))
        x2 = np.stack([x, x], axis=1)
        assert_close(op, reduced(op, x2, (0,)), x2, (0,))


@pytest.mark.parametrize("shape", [(3_000_001,), (2000, 1500), (1_000_000, 3), (3, 1_000_000), (50, 200, 300)])
def test_threads_change_nothing(shape: tuple[int, ...]) -> None:
    x = RANDOM.standard_normal(shape)
    for axes in axes_of(len(shape)):
        alone = reduced("sum", x, axes)
        for threads in (2, 5):
            np.testing.assert_array_equal(alone, reduced("sum", x, axes, threads))
        np.testing.assert_allclose(alone, x.sum(axis=axes), atol=1e-9)


def test_sums_are_as_accurate_as_pairwise_ones() -> None:
    for dtype in ("f4", "f8"):
        x = RANDOM.random(3_000_000).astype(dtype)
        truth = math.fsum(x.tolist())
        own = abs(float(reduced("sum", x, (0,))) - truth)
        assert own <= 2 * np.finfo(dtype).eps * truth


def test_computed_values_and_elementwise_outputs_in_one_kernel() -> None:
    for shape, axes in itertools.product([(70, 90), (5, 4000), (4000, 5)], [(0,), (1,), (0, 1)]):
        builder = Builder(2)
        x, y = builder.input("f8"), builder.input("f8", builder.shape[1:])
        product = builder.apply("multiply", x, y, dtype="f8")
        flags = builder.apply("greater", product, x, dtype="?")
        outputs = (
            builder.reduce("sum", product, axes),
            product,
            builder.reduce("any", flags, axes),
            builder.reduce("max", x, axes),
        )
        kernel = builder.kernel(*outputs)
        a, b = RANDOM.random(shape), RANDOM.random(shape[1])
        kept = [size for axis, size in enumerate(shape) if axis not in axes]
        outs = [np.empty(kept), np.empty(shape), np.empty(kept, bool), np.empty(kept)]
        for threads in (1, 3):
            run(kernel, [a, b], outs, threads)
            np.testing.assert_allclose(outs[0], (a * b).sum(axis=axes), rtol=1e-13)
            np.testing.assert_array_equal(outs[1], a * b)
            np.testing.assert_array_equal(outs[2], (a * b > a).any(axis=axes))
            np.testing.assert_array_equal(outs[3], a.max(axis=axes))


def test_strided_results_are_filled() -> None:
    x = RANDOM.random((30, 40))
    out = np.full(80, -1.0)
    reduced("sum", x, (0,), out=out[::-2])
    np.testing.assert_allclose(out[::-2], x.sum(axis=0))
    assert (out[::2] == -1.0).all()


def test_an_input_is_reduced_before_an_output_overwrites_it() -> None:
    builder = Builder(2)
    x = builder.input("f8")
    more = builder.apply("add", x, x, dtype="f8")
    for axes in axes_of(2):
        kernel = builder.kernel(more, builder.reduce("sum", x, axes))
        for shape in [(30, 50), (3, 5000), (5000, 3)]:
            array = RANDOM.random(shape)
            before = array.copy()
            total = np.empty([size for axis, size in enumerate(shape) if axis not in axes])
            run(kernel, [array], [array, total])
            np.testing.assert_allclose(total, before.sum(axis=axes), rtol=1e-13)
            np.testing.assert_array_equal(array, before + before)
        builder.steps.pop()


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize("layout", ["C", "F", "both", "rows apart", "column", "row"])
@pytest.mark.parametrize("shape", [(5, 300), (700, 300), (64, 2000), (3, 40_000), (2000, 33)])
def test_layouts_of_what_is_reduced(shape: tuple[int, int], layout: str, axes: tuple[int, ...]) -> None:
    random = np.random.default_rng(4)
    x = random.uniform(size=shape)
    y = {
        "C": x,
        "F": np.asfortranarray(x),
        "both": np.asfortranarray(random.uniform(size=shape)),
        "rows apart": random.uniform(size=(shape[0], shape[1] + 7))[:, :-7],
        "column": random.uniform(size=(shape[0], 1)),
        "row": random.uniform(size=shape[1]),
    }[layout]
    x = np.asfortranarray(x) if layout == "both" else x
    for function in (lambda a, b: (a * b).sum(axes), lambda a, b: ((a - b).max(axes), a + b, b.sum())):
        expected = function(x, y)
        found = fuse(function, backend="cpu_llvm", threads=2)(x, y)
        for own, true in zip(_tuple(found), _tuple(expected), strict=True):
            np.testing.assert_allclose(own, true, rtol=1e-12)


def _tuple(results: Any) -> tuple[Any, ...]:
    return results if isinstance(results, tuple) else (results,)
