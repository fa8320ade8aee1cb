"""Half precision: every operation on every half, against NumPy to the bit, and both ways of converting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fuser_core.backend import Accept, Decline, Device, Elementwise, Reduce, Value
from fuser_core.definitions import cast_array
from fuser_core.ops import ELEMENTWISE
from fuser_cpu_llvm import half, machine, mathematics, supports
from fuser_cpu_llvm.operations import OPERATIONS
from llvm_groups import Array, Builder, bits, number, one_step, run

HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
EXACT = [name for name in OPERATIONS if name not in mathematics.FUNCTIONS and ELEMENTWISE[name].ufunc]
LOOPS = [
    (name, loop)
    for name in EXACT
    for loop in dict.fromkeys(getattr(np, name).types)
    if loop.startswith("e") and len(set(loop.split("->")[0])) == 1
]


@pytest.fixture(params=["hardware", "software"], autouse=True)
def conversions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once as this processor converts, once by integer arithmetic."""
    if request.param == "software":
        monkeypatch.setattr(half, "_has_conversions", lambda: False)
        monkeypatch.setattr(machine, "disk_cache", lambda: None)


def check(name: str, loop: str, arrays: list[Array]) -> None:
    results = [np.dtype(char) for char in loop.split("->")[1]]
    builder = Builder()
    outputs = tuple(builder.value(dtype) for dtype in results)
    builder.steps.append(Elementwise(name, tuple(builder.input(array.dtype) for array in arrays), outputs))
    got = [np.empty(arrays[0].shape, dtype) for dtype in results]
    run(builder.kernel(*outputs), arrays, got)
    with np.errstate(all="ignore"):
        wanted = ELEMENTWISE[name].function(*arrays)
    for own, numpys in zip(got, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        same = bits(own) == bits(numpys)
        if name in ("fmax", "fmin"):
            same |= own == numpys
        assert same.all(), [(*(array[at] for array in arrays), own[at], numpys[at]) for at in np.flatnonzero(~same)[:5]]


@pytest.mark.parametrize(("name", "loop"), LOOPS)
def test_every_operation_on_halves(name: str, loop: str) -> None:
    random = np.random.default_rng(3)
    if loop.index("-") == 1:
        check(name, loop, [HALVES])
        return
    for _ in range(2):
        check(name, loop, [random.permutation(HALVES), random.permutation(HALVES)])
    near = np.nextafter(HALVES, random.permutation(HALVES))
    check(name, loop, [HALVES, near])


def test_ldexp_rounds_once() -> None:
    for exponent in (-30, -16, -14, -3, 0, 5, 20, 2**31 - 1, -(2**31)):
        out = np.empty_like(HALVES)
        builder = Builder()
        step = builder.apply("ldexp", builder.input("e"), number(exponent, "i4"), dtype="e")
        run(builder.kernel(step), [HALVES], [out])
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(bits(out), bits(np.ldexp(HALVES, exponent)))


def sources(dtype: np.dtype[Any]) -> Iterator[Array]:
    """Numbers around every half, and anything else."""
    random = np.random.default_rng(5)
    if dtype.kind != "f":
        yield random.integers(0, 256, 100_000 * dtype.itemsize, np.uint8).view(dtype)
        yield np.arange(-70_000, 70_000).astype(dtype)
        return
    finite = HALVES[np.isfinite(HALVES)].astype(dtype)
    with np.errstate(all="ignore"):
        middle = (finite + np.nextafter(finite.astype("e"), np.float16(np.inf)).astype(dtype)) / 2
        for values in (finite, middle):
            yield from (values, np.nextafter(values, dtype.type(np.inf)), np.nextafter(values, dtype.type(-np.inf)))
    yield random.integers(0, 256, 100_000 * dtype.itemsize, np.uint8).view(dtype)


@pytest.mark.parametrize("dtype", [np.dtype(char) for char in "?bBhHiIlLfd"], ids=str)
def test_casts_round_once(dtype: np.dtype[Any]) -> None:
    for values in sources(dtype):
        out, wanted = np.empty(values.shape, "e"), np.empty(values.shape, "e")
        run(one_step("cast", [dtype], "e"), [values], [out])
        with np.errstate(all="ignore"):
            cast_array(values, wanted)
        np.testing.assert_array_equal(bits(out), bits(wanted))
    out, wanted = np.empty(HALVES.shape, dtype), np.empty(HALVES.shape, dtype)
    run(one_step("cast", ["e"], dtype), [HALVES], [out])
    with np.errstate(all="ignore"):
        cast_array(HALVES, wanted)
    np.testing.assert_array_equal(bits(out), bits(wanted))


@pytest.mark.parametrize("name", sorted(set(mathematics.FUNCTIONS) - {"float_power"}))
def test_functions_are_rounded_single_precision(name: str) -> None:
    operation = ELEMENTWISE[name]
    random = np.random.default_rng(1)
    arrays = [random.permutation(HALVES) if place else HALVES for place in range(operation.arity)]
    out = np.empty_like(HALVES)
    run(one_step(name, ["e"] * operation.arity, "e"), arrays, [out])
    single = np.empty(HALVES.shape, "f4")
    run(one_step(name, ["f4"] * operation.arity, "f4"), [array.astype("f4") for array in arrays], [single])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(bits(out), bits(single.astype("e")))


def test_every_operation_of_a_chain_is_rounded() -> None:
    builder = Builder()
    x, y = builder.input("e"), builder.input("e")
    total = builder.apply("add", builder.apply("multiply", x, y, dtype="e"), number(0.1, "e"), dtype="e")
    random = np.random.default_rng(2)
    a, b = random.permutation(HALVES), random.permutation(HALVES)
    out = np.empty_like(a)
    run(builder.kernel(total), [a, b], [out])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(bits(out), bits(a * b + np.float16(0.1)))


def test_halves_in_any_layout() -> None:
    builder = Builder(2)
    x = builder.input("e")
    kernel = builder.kernel(builder.apply("add", x, x, dtype="e"))
    out = np.zeros((100, 60), "e")[::2]
    values = HALVES[15000:21000].reshape(60, 100)[:, ::2].T
    run(kernel, [values], [out])
    np.testing.assert_array_equal(out, values + values)


def test_reductions_are_declined() -> None:
    x, y = Value(0, np.dtype("e"), (3,)), Value(1, np.dtype("e"), ())
    verdict = supports(Reduce("sum", x, (0,), y), Device("cpu"))
    assert verdict == Decline("float16 sum: cpu_llvm reduces float32 and float64 only")
    assert supports(Elementwise("add", (x, x), (x,)), Device("cpu")) == Accept()
