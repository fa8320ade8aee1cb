"""Any shape, any strides, any tail, in place, and on any number of threads: always NumPy's result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llvm_groups import Array, Builder, Kernel, number, one_step, run

RANDOM = np.random.default_rng(5)


def ramp(shape: tuple[int, ...], dtype: str = "f8") -> Array:
    """Values that tell one place from another."""
    return (np.arange(np.prod(shape, dtype=int)) * 0.37 + 1.0).reshape(shape).astype(dtype)


@pytest.fixture(scope="module")
def kernels() -> Callable[[int], Kernel]:
    """A kernel of x * y + 2 (float64) and of y > x, per rank."""
    made: dict[int, Kernel] = {}

    def kernel(rank: int) -> Kernel:
        if rank not in made:
            builder = Builder(rank)
            x, y = builder.input("f8"), builder.input("f8")
            product = builder.apply("multiply", x, y, dtype="f8")
            total = builder.apply("add", product, number(2.0, "f8"), dtype="f8")
            made[rank] = builder.kernel(total, builder.apply("greater", y, x, dtype="?"))
        return made[rank]

    return kernel


def check(kernel: Kernel, x: Array, y: Array, total: Array, greater: Array, threads: int = 1) -> None:
    run(kernel, [x, y], [total, greater], threads)
    np.testing.assert_array_equal(total, x * y + 2.0)
    np.testing.assert_array_equal(greater, y > x)


@pytest.mark.parametrize("size", [*range(68), 255, 256, 257, 1023, 1024, 1025, 16383, 16384, 16400, 50001])
def test_every_size(kernels: Callable[[int], Kernel], size: int) -> None:
    x = ramp((size,))
    y = RANDOM.random(size)
    guarded = np.full(size + 2, -1.0)
    greater = np.ones(size + 2, bool)
    check(kernels(1), x, y, guarded[1:-1], greater[1:-1])
    assert guarded[0] == guarded[-1] == -1.0
    assert greater[0]
    assert greater[-1]


LAYOUTS: dict[str, Callable[[tuple[int, ...]], Array]] = {
    "C": ramp,
    "F": lambda shape: np.asfortranarray(ramp(shape)),
    "every second": lambda shape: ramp((*shape[:-1], 2 * shape[-1]))[..., ::2],
    "backwards": lambda shape: ramp(shape)[..., ::-1],
    "upside down": lambda shape: ramp(shape)[::-1],
    "transposed": lambda shape: ramp(shape[::-1]).T,
    "zero strides": lambda shape: np.broadcast_to(ramp((1,) * len(shape)), shape),
    "rows repeat": lambda shape: np.broadcast_to(ramp(shape[-1:]), shape),
    "columns repeat": lambda shape: np.broadcast_to(ramp((*shape[:-1], 1)), shape),
    "unaligned": lambda shape: np.frombuffer(b"x" + ramp(shape).tobytes(), np.uint8)[1:].view("f8").reshape(shape),
}


@pytest.mark.parametrize("shape", [(5, 7), (300, 3), (3, 300), (1, 40), (40, 1), (17, 1030), (4, 5, 6), (2, 1, 3, 260)])
@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("right", ["C", "F", "rows repeat", "columns repeat"])
def test_every_layout(kernels: Callable[[int], Kernel], shape: tuple[int, ...], left: str, right: str) -> None:
    x, y = LAYOUTS[left](shape), LAYOUTS[right](shape)
    kernel = kernels(len(shape))
    check(kernel, x, y, np.empty(shape), np.empty(shape, bool))
    check(kernel, x, y, np.empty(shape, order="F"), np.empty(shape[::-1], bool).T)
    wide = np.full((*shape[:-1], 3 * shape[-1]), -1.0)
    check(kernel, x, y, wide[..., ::-3], np.empty((2, *shape), bool)[1])
    assert (wide[..., 0::3] == -1.0).all()
    assert (wide[..., 1::3] == -1.0).all()


@st.composite
def strided(draw: st.DrawFn, shape: tuple[int, ...]) -> Array:
    """An array of a shape, cut out of a larger one by steps and flips and with its axes in any order."""
    order = draw(st.permutations(range(len(shape))))
    steps = [draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2])) for _ in shape]
    memory = ramp(tuple(shape[axis] * abs(steps[axis]) for axis in order))
    view = memory.transpose(np.argsort(order))
    repeated = [draw(st.booleans()) and draw(st.booleans()) for _ in shape]
    view = view[
        tuple(slice(0, 1) if again else slice(None, None, step) for again, step in zip(repeated, steps, strict=True))
    ]
    return np.broadcast_to(view, shape)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_strides(kernels: Callable[[int], Kernel], data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 9) | st.sampled_from([33, 300]), max_size=4)))
    if np.prod(shape, dtype=int) > 200_000:
        shape = shape[:2]
    x, y = data.draw(strided(shape)), data.draw(strided(shape))
    order = data.draw(st.permutations(range(len(shape))))
    total = np.empty([shape[axis] for axis in order]).transpose(np.argsort(order))
    check(kernels(len(shape)), x, y, total, np.empty(shape, bool), data.draw(st.sampled_from([1, 2, 5])))


@pytest.mark.parametrize("rank", [0, 1, 6, 12, 32])
def test_every_rank(kernels: Callable[[int], Kernel], rank: int) -> None:
    shape = (2, 3, 1, 2, 1, 3, *[1] * 26)[:rank]
    check(kernels(rank), ramp(shape), ramp(shape[::-1]).T, np.empty(shape), np.empty(shape, bool))


def test_broadcast_inputs_of_lower_rank() -> None:
    builder = Builder(3)
    x, y, z = builder.input("f8"), builder.input("f8", builder.shape[2:]), builder.input("f8", (builder.shape[1], 1))
    scalar = builder.input("f8", ())
    total = builder.apply("add", builder.apply("multiply", x, y, dtype="f8"), z, dtype="f8")
    kernel = builder.kernel(builder.apply("subtract", total, scalar, dtype="f8"))
    for shape in [(4, 5, 6), (3, 20, 300), (1, 1, 1), (2, 2, 2000), (0, 3, 4)]:
        a, b, c, d = ramp(shape), ramp(shape[2:]), ramp((shape[1], 1)), np.array(3.25)
        out = np.empty(shape)
        run(kernel, [a, b, c, d], [out])
        np.testing.assert_array_equal(out, a * b + c - d)


@pytest.mark.parametrize("size", [1, 15, 16, 100, 5000, 300_000])
@pytest.mark.parametrize("step", [1, 2, -1])
def test_an_output_may_be_an_input(size: int, step: int) -> None:
    kernel = one_step("subtract", ["f8", "f8"], "f8")
    x, y = ramp((2 * size,))[::step][:size], RANDOM.random(size)
    wanted = x - y
    run(kernel, [x, y], [x], threads=2)
    np.testing.assert_array_equal(x, wanted)


@pytest.mark.parametrize("threads", [2, 5])
@pytest.mark.parametrize("shape", [(1_000_001,), (1001, 1003), (70_001, 3), (3, 400_000)])
def test_threads_change_nothing(shape: tuple[int, ...], threads: int) -> None:
    builder = Builder(len(shape))
    x, y = builder.input("f8"), builder.input("f8")
    kernel = builder.kernel(builder.apply("exp", builder.apply("multiply", x, y, dtype="f8"), dtype="f8"))
    a, b = RANDOM.random(shape), np.asfortranarray(RANDOM.random(shape))
    alone, together = np.empty(shape), np.empty(shape)
    run(kernel, [a, b], [alone], 1)
    run(kernel, [a, b], [together], threads)
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_allclose(alone, np.exp(a * b), rtol=1e-15)


@pytest.mark.parametrize("count", [1, 40, 300])
def test_many_inputs(count: int) -> None:
    builder = Builder()
    total = first = builder.input("f4")
    for _ in range(count - 1):
        total = builder.apply("add", total, builder.input("f4"), dtype="f4")
    if total is first:
        total = builder.apply("negative", total, dtype="f4")
    kernel = builder.kernel(total)
    arrays = [RANDOM.random(1300).astype("f4")[:: -1 if place % 3 else 1] for place in range(count)]
    out = np.empty(1300, "f4")
    run(kernel, arrays, [out])
    wanted = arrays[0].copy() if count > 1 else -arrays[0]
    for array in arrays[1:]:
        wanted += array
    np.testing.assert_array_equal(out, wanted)


def test_mixed_dtypes_share_their_lanes() -> None:
    builder = Builder()
    x, y, flag = builder.input("i1"), builder.input("f8"), builder.input("?")
    wide = builder.apply("cast", x, dtype="f8")
    chosen = builder.apply("where", flag, wide, y, dtype="f8")
    narrow = builder.apply("cast", chosen, dtype="f4")
    kernel = builder.kernel(chosen, narrow, builder.apply("logical_not", flag, dtype="?"))
    a, b, c = RANDOM.integers(-100, 100, 3001, "i1"), RANDOM.random(3001), RANDOM.random(3001) > 0.5
    outs = [np.empty(3001), np.empty(3001, "f4"), np.empty(3001, bool)]
    run(kernel, [a, b, c], outs)
    wanted = np.where(c, a.astype("f8"), b)
    np.testing.assert_array_equal(outs[0], wanted)
    np.testing.assert_array_equal(outs[1], wanted.astype("f4"))
    np.testing.assert_array_equal(outs[2], ~c)


@pytest.mark.parametrize("shape", [(1, 200), (16, 32), (33, 97), (200, 70), (70, 1040)])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", "c16"])
def test_items_of_every_size_are_turned(dtype: str, shape: tuple[int, int]) -> None:
    builder = Builder(2)
    x, y = builder.input(dtype), builder.input(dtype)
    kernel = builder.kernel(builder.apply("add", x, y, dtype=dtype))
    a, b = (RANDOM.integers(0, 100, shape).astype(dtype) for _ in range(2))
    for left in (a, np.asfortranarray(a), np.asfortranarray(a)[::-1], np.asfortranarray(np.repeat(a, 2, 0))[::2]):
        for out in (np.empty(shape, dtype), np.empty(shape, dtype, order="F")):
            run(kernel, [left, np.asfortranarray(b)], [out])
            np.testing.assert_array_equal(out, left + b)
            run(kernel, [b, left], [out], threads=2)
            np.testing.assert_array_equal(out, left + b)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3, 5), (50, 40), (9, 130), (40, 301), (3, 17_000)])
@pytest.mark.parametrize("dtype", ["?", "u1", "i2", "f4", "f8", "c8", "c16"])
def test_rows_and_columns_of_every_size_of_item_repeat(
    dtype: str, shape: tuple[int, int], order: Literal["C", "F"]
) -> None:
    builder = Builder(2)
    x, row, column = (
        builder.input(dtype),
        builder.input(dtype, builder.shape[1:]),
        builder.input(dtype, (builder.shape[0], 1)),
    )
    op = "logical_xor" if dtype == "?" else "add"
    kernel = builder.kernel(builder.apply(op, builder.apply(op, x, row, dtype=dtype), column, dtype=dtype))
    a, b, c = (RANDOM.integers(0, 40, size).astype(dtype) for size in (shape, shape[1:], (shape[0], 1)))
    for rows in (b, np.repeat(b, 2)[::2], b[::-1]):
        out = np.empty(shape, dtype, order=order)
        run(kernel, [np.asarray(a, order=order), rows, c], [out])
        np.testing.assert_array_equal(out, getattr(np, op)(getattr(np, op)(a, rows), c))
