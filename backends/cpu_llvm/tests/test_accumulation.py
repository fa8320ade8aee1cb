"""Values that a body adds up itself: the bits of those that are stored first, for any size, dtype and layout."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core.ops import REDUCTIONS
from fuser_cpu_llvm import arrangement, kernel, prepared
from fuser_cpu_llvm.geometry import simplify
from llvm_groups import Array, Builder, run

RANDOM = np.random.default_rng(12)
LENGTHS = (1, 17, 127, 128, 129, 255, 256, 272, 300, 511, 512, 513, 528, 1000, 1023, 1024, 1040, 2000, 2049, 5001)
NUMBERS = ("sum", "prod", "min", "max")


@pytest.fixture(autouse=True)
def _small_spaces_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_LEAST_ACCUMULATED", 0)


def reduced(a: Array, b: Array, ops: tuple[str, ...], axes: tuple[int, ...]) -> list[Array]:
    """Reduce a product of two arrays and its sums with one of them, each by one operation."""
    builder = Builder(a.ndim)
    left, right = builder.input(a.dtype), builder.input(b.dtype)
    values = [builder.apply("multiply", left, right, dtype=a.dtype)]
    while len(values) < len(ops):
        values.append(builder.apply("add", values[-1], right, dtype=a.dtype))
    outputs = [builder.reduce(op, value, axes) for op, value in zip(ops, values, strict=True)]
    outs = [np.empty([size for axis, size in enumerate(a.shape) if axis not in axes], a.dtype) for _ in ops]
    run(builder.kernel(*outputs), [a, b], outs, 1)
    return outs


def assert_same(a: Array, b: Array, ops: tuple[str, ...], axes: tuple[int, ...]) -> None:
    """Compare with a kernel that stores all values before they are reduced."""
    own = reduced(a, b, ops, axes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrangement, "_fits_registers", lambda *_: False)
        true = reduced(a, b, ops, axes)
    value = a * b
    for op, left, right in zip(ops, own, true, strict=True):
        np.testing.assert_array_equal(left, right)
        np.testing.assert_array_equal(np.signbit(left), np.signbit(right))
        if a.dtype.kind != "f":
            np.testing.assert_array_equal(left, REDUCTIONS[op].ufunc.reduce(value, axis=axes, dtype=a.dtype))
        value += b


@pytest.mark.parametrize("dtype", "bBhHiIlLfd")
@pytest.mark.parametrize("length", LENGTHS)
def test_a_row_has_the_bits_of_stored_values(length: int, dtype: str) -> None:
    a, b = (RANDOM.uniform(-9, 9, (3, length)).astype(dtype) for _ in range(2))
    for axes in ((1,), (0, 1)):
        assert_same(a, b, NUMBERS, axes)
        assert_same(a, b, ("sum",), axes)


@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize("shape", [(100_003,), (40, 33, 70), (5, 6, 2000)])
def test_any_axes_have_the_bits_of_stored_values(shape: tuple[int, ...], dtype: str) -> None:
    a, b = (RANDOM.uniform(-1, 1, shape).astype(dtype) for _ in range(2))
    for axes in {(0,), (len(shape) - 1,), tuple(range(len(shape)))}:
        assert_same(a, b, ("max", "sum"), axes)
        assert_same(np.asfortranarray(a), np.asfortranarray(b), ("max", "sum"), axes)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.0])
@pytest.mark.parametrize("place", [0, 600, 1019])
def test_special_values(value: float, place: int) -> None:
    a = np.full((2, 1020), -0.0)
    a[:, place] = value
    assert_same(a, np.ones_like(a), NUMBERS, (1,))


@pytest.mark.parametrize("op", ["any", "all"])
def test_conditions(op: str) -> None:
    for length, place in ((300, 299), (300, 3), (1024, 600), (2000, 1999)):
        a = np.full((4, length), float(op == "all"))
        a[1:3, place] = 1.0 - a[1:3, place]
        builder = Builder(2)
        flags = builder.apply("greater", builder.input("f8"), builder.input("f8", ()), dtype="?")
        out = np.empty(4, bool)
        run(builder.kernel(builder.reduce(op, flags, (1,))), [a, np.array(0.5)], [out], 1)
        np.testing.assert_array_equal(out, getattr(np, op)(a > 0.5, axis=1))


def test_only_rows_of_large_spaces_are_added_up_in_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    manners: list[dict[str, bool]] = []
    monkeypatch.setattr(prepared, "_LEAST_ACCUMULATED", 100_000)
    own = kernel.emit_body
    monkeypatch.setattr(kernel, "emit_body", lambda *args, **more: manners.append(more) or own(*args, **more))
    monkeypatch.setattr("fuser_cpu_llvm.machine.disk_cache", lambda: None)
    a, b = RANDOM.uniform(size=(2, 300, 400))
    reduced(a, b, ("sum",), (0,))
    reduced(a[:200], b[:200], ("sum",), (1,))
    assert manners == [{}, {}]
    reduced(a, b, ("sum",), (1,))
    assert manners[2:] == [{}, {"accumulating": True}]


@pytest.mark.parametrize("axis", [0, 1])
def test_reduced_axes_are_innermost_where_every_operand_repeats(axis: int) -> None:
    assert simplify((500, 700), [(8, 0), (0, 8), (0, 0)], (axis,)).reduced == (False, True)
    assert simplify((500, 700), [(5600, 8), (8, 0), (0, 8)], (axis,)).reduced == (axis == 0, axis == 1)


def test_an_axis_along_which_no_operand_is_dense_does_not_become_innermost() -> None:
    assert simplify((50, 60, 70), [(560, 0, 8), (0, 560, 8)], (0,)).sizes[-1] == 70
