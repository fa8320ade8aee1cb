"""Complex numbers: every operation against NumPy, over special values, layouts, sizes and threads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core.agreement import differences
from fuser_core.backend import Decline, Elementwise, Value
from fuser_core.definitions import cast_array
from fuser_core.ops import ELEMENTWISE
from fuser_core.testing.samples import sample_array
from fuser_core.testing.values import DTYPES, LAYOUTS, mixture, specials
from fuser_cpu_llvm import complexes, supports
from llvm_accuracy import PAGE
from llvm_groups import CPU, Array, Builder, number, one_step, run

DTYPE_NAMES = ["c8", "c16"]
ROUNDED = ["absolute", "divide", "exp", "log", "multiply", "reciprocal", "sign", "sqrt", "square"]
TO_THE_BIT = sorted(set(complexes.OPERATIONS) - set(ROUNDED))
TRUTHS: dict[str, Callable[..., Any]] = {
    "absolute": abs,
    "divide": lambda x, y: x / y,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "multiply": lambda x, y: x * y,
    "reciprocal": lambda x: 1 / x,
    "sign": lambda x: x / abs(x),
    "sqrt": mpmath.sqrt,
    "square": lambda x: x * x,
}


def operands_of(op: str, dtype: Any, seed: int = 0) -> list[Array]:
    """Special values in all combinations, then numbers of all magnitudes."""
    odd = specials(np.dtype(dtype))
    limits = np.finfo(dtype)
    random = np.random.default_rng(seed)
    arity = ELEMENTWISE[op].arity

    def plain() -> Array:
        size = 20_000
        scale = 2.0 ** random.uniform(limits.minexp / 2, limits.maxexp / 2, size)
        pairs = random.normal(size=(2, size)) * scale * 2.0 ** random.uniform(-8, 8, size=(2, size))
        return np.asarray((pairs[0] + 1j * pairs[1]).astype(dtype))

    if op == "where":
        both = np.concatenate([odd, plain()])
        return [random.random(both.size) < 0.5, both, random.permutation(both)]
    if arity == 1:
        return [np.concatenate([odd, plain()])]
    return [
        np.concatenate([np.repeat(odd, odd.size), plain()]),
        np.concatenate([np.tile(odd, odd.size), plain()]),
    ]


def numpys(op: str, operands: list[Array]) -> Array:
    with np.errstate(all="ignore"):
        if op == "where":
            return np.where(*operands)
        return np.asarray(getattr(np, op)(*operands))


def computed(op: str, operands: list[Array], dtype: Any) -> Array:
    out = np.empty(operands[0].shape, dtype)
    run(one_step(op, [each.dtype for each in operands], dtype), operands, [out])
    return out


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("op", TO_THE_BIT)
def test_what_is_exact_is_numpys_to_the_bit(op: str, dtype: str) -> None:
    operands = operands_of(op, dtype)
    wanted = numpys(op, operands)
    wrong = differences(computed(op, operands, wanted.dtype), wanted)
    assert not wrong.any(), [[each[at] for each in operands] for at in np.flatnonzero(wrong)[:3]]


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("op", ROUNDED)
def test_the_rest_is_near_numpys(op: str, dtype: str) -> None:
    """By the norm where that is finite; else as NumPy, too, but for what depends on contraction and on scaling."""
    operands = operands_of(op, dtype)
    wanted = numpys(op, operands)
    found, finite = computed(op, operands, wanted.dtype), np.isfinite(wanted)
    if op not in ("multiply", "square", "exp"):
        np.testing.assert_array_equal(found[~finite], wanted[~finite])
    finite &= np.isfinite(found)
    wide = np.clongdouble if wanted.dtype.kind == "c" else np.longdouble
    distance = np.abs(found[finite].astype(wide) - wanted[finite].astype(wide))
    with np.errstate(over="ignore"):
        unit = np.spacing(np.minimum(np.abs(wanted[finite]), np.finfo(dtype).max))
    assert (distance <= 4 * unit).all()


def formula(op: str, x: Array, y: Array) -> Array:
    """NumPy's product and quotient of complex numbers, of real arrays: nothing is contracted."""
    a, b, c, d = x.real, x.imag, y.real, y.imag
    with np.errstate(all="ignore"):
        if op != "divide":
            return np.stack([a * c - b * d, a * d + b * c])
        upright = np.abs(c) >= np.abs(d)
        ratio = np.where(upright, d / c, c / d)
        scale = 1 / np.where(upright, c + d * ratio, d + c * ratio)
        real = np.where(upright, a + b * ratio, a * ratio + b) * scale
        imag = np.where(upright, b - a * ratio, b * ratio - a) * scale
        return np.where(y == 0, np.stack([a / np.abs(c), b / np.abs(c)]), np.stack([real, imag]))


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("op", ["multiply", "square", "divide"])
def test_products_and_quotients_are_their_formulas_to_the_bit(op: str, dtype: str) -> None:
    operands = operands_of(op, dtype)
    found, wanted = computed(op, operands, dtype), formula(op, operands[0], operands[-1])
    assert not differences(found.real, wanted[0]).any()
    assert not differences(found.imag, wanted[1]).any()


def points(op: str, dtype: str) -> list[Array]:
    """Operands whose results are not beyond all numbers, and are hard to meet."""
    random, limits, size = np.random.default_rng(9), np.finfo(dtype), 1000

    def numbers(least: int, greatest: int) -> Array:
        """Parts within a factor of a thousand of each other."""
        pairs = random.uniform(1, 2, (2, size)) * 2.0 ** random.integers(-5, 5, (2, size))
        pairs *= random.choice([1, -1], (2, size)) * 2.0 ** random.integers(least, greatest, size)
        return np.asarray((pairs[0] + 1j * pairs[1]).astype(dtype))

    angle, small = random.uniform(-3.1, 3.1, size), 2.0 ** -random.uniform(1, limits.nmant, size)
    if op == "exp":
        top = np.log(float(limits.max)) + 0.3
        real = np.concatenate([random.uniform(-1.05 * top, top, size), random.uniform(-1, 1, size)])
        return [np.asarray((real + 1j * np.tile(angle * 9, 2)).astype(dtype))]
    if op in ("log", "sqrt"):
        circle, one = np.exp(1j * angle) * (1 + small), 1 + small * np.exp(1j * angle)
        every = numbers(limits.minexp + 6, limits.maxexp - 6)
        tiny = (random.integers(1, 99, size) - 1j * random.integers(1, 99, size)) * float(limits.smallest_subnormal)
        return [np.concatenate([every, *(each.astype(dtype) for each in (circle, one, tiny))])]
    x, y = (numbers(limits.minexp // 4, limits.maxexp // 4) for _ in range(2))
    # Products and quotients that are nearly real or imaginary: their other parts cancel.
    near = (x.conj() * random.choice([1, 1j, 1 + 1j], size) * (1 + small)).astype(dtype)
    return [np.tile(x, 2), np.concatenate([y, near])][: ELEMENTWISE[op].arity]


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("op", ROUNDED)
def test_what_is_rounded_is_within_the_bound(op: str, dtype: str) -> None:
    """The bounds that docs/accuracy.md states, against mpmath."""
    operands = points(op, dtype)
    found = computed(op, operands, part(dtype) if op == "absolute" else dtype)
    compared = 0
    with mpmath.workprec(200):
        for result, *numbers in zip(found.tolist(), *(each.tolist() for each in operands), strict=True):
            exact = TRUTHS[op](*map(mpmath.mpmathify, numbers))
            if abs(exact) < np.finfo(dtype).max:
                unit = float(np.spacing(np.dtype(part(dtype)).type(abs(exact))))
                assert abs(mpmath.mpmathify(result) - exact) <= stated()[op] * unit, numbers
                compared += 1
    assert compared > 0.9 * found.size


def stated() -> dict[str, float]:
    """What the page says of each operation on complex numbers."""
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| [\d.]+ \|$", PAGE.read_text(), re.MULTILINE)
    return {name: float(bound) for name, bound in rows}


def test_every_bound_is_stated() -> None:
    assert sorted(stated()) == ROUNDED


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("other", DTYPE_NAMES)
def test_casts(dtype: np.dtype[Any], other: str) -> None:
    for source, target in ((dtype, np.dtype(other)), (np.dtype(other), dtype)):
        values = specials(source)
        wanted = np.empty(values.shape, target)
        with np.errstate(all="ignore"):
            cast_array(values, wanted)
        assert not differences(computed("cast", [values], target), wanted).any()


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_literals_and_scalars(dtype: str) -> None:
    builder = Builder()
    x, scalar = builder.input(dtype), builder.input(dtype, ())
    total = builder.apply(
        "add", builder.apply("subtract", x, number(3 - 0.5j, dtype), dtype=dtype), scalar, dtype=dtype
    )
    kernel = builder.kernel(total)
    array, one, out = mixture(np.dtype(dtype), (77,), 1), np.array(0.1 + 7j, dtype), np.empty(77, dtype)
    run(kernel, [array, one], [out])
    with np.errstate(all="ignore"):
        assert not differences(out, array - np.array(3 - 0.5j, dtype) + one).any()


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("size", [*range(101), 1023, 1025, 16384, 16401])
def test_every_size(dtype: str, size: int) -> None:
    builder = Builder()
    x, y, flag = builder.input(dtype), builder.input(dtype), builder.input("?")
    chosen = builder.apply("where", flag, builder.apply("subtract", x, y, dtype=dtype), y, dtype=dtype)
    kernel = builder.kernel(
        chosen, builder.apply("less", x, y, dtype="?"), builder.apply("imag", chosen, dtype=part(dtype))
    )
    a, b = (mixture(np.dtype(dtype), (size,), seed) for seed in (1, 2))
    c = np.arange(size) % 3 == 0
    guarded, less, imag = np.full(size + 2, -1, dtype), np.empty(size, bool), np.empty(size, part(dtype))
    run(kernel, [a, b, c], [guarded[1:-1], less, imag])
    with np.errstate(all="ignore"):
        wanted = np.where(c, a - b, b)
        assert not differences(guarded[1:-1], wanted).any()
        np.testing.assert_array_equal(less, a < b)
    np.testing.assert_array_equal(imag, wanted.imag)
    assert guarded[0] == guarded[-1] == -1


def part(dtype: str) -> str:
    return "f4" if dtype == "c8" else "f8"


@settings(max_examples=200, deadline=None)
@given(data=st.data(), dtype=st.sampled_from(DTYPE_NAMES), threads=st.sampled_from([1, 2]))
def test_any_layout(data: st.DataObject, dtype: str, threads: int) -> None:
    choose = lambda bound: data.draw(st.integers(0, bound - 1))  # noqa: E731
    shape = data.draw(st.sampled_from([(), (5,), (100,), (3, 7), (40, 3), (3, 300), (2, 5, 33), (0, 4), (1, 70)]))
    layouts = [name for name in LAYOUTS if name != "byteswapped"]
    x, y = (sample_array(choose, np.dtype(dtype), shape, layouts) for _ in range(2))
    order = data.draw(st.permutations(range(len(shape))))
    memory = np.full([*(shape[axis] for axis in order), 2], -1, dtype)
    out = np.moveaxis(memory, -1, 0)[0].transpose(np.argsort(order))[(slice(None, None, -1),) * len(shape) + (...,)]
    builder = Builder(len(shape))
    total = builder.apply(
        "add", builder.input(dtype), builder.apply("negative", builder.input(dtype), dtype=dtype), dtype=dtype
    )
    run(builder.kernel(total), [x, y], [out], threads)
    with np.errstate(all="ignore"):
        assert not differences(out, x + -y).any()
    assert (memory[..., 1] == -1).all()


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("step", [1, 2, -1])
def test_threads_and_overwritten_inputs(dtype: str, step: int) -> None:
    size = 300_001
    random = np.random.default_rng(4)
    x = (random.random(2 * size) + 1j * random.random(2 * size)).astype(dtype)[::step][:size]
    y = (random.random(size) - 1j).astype(dtype)
    kernel = one_step("divide", [dtype, dtype], dtype)
    alone, together = np.empty(size, dtype), np.empty(size, dtype)
    run(kernel, [x, y], [alone], 1)
    run(kernel, [x, y], [together], 2)
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(alone, x / y)
    run(kernel, [x, y], [x], 2)
    np.testing.assert_array_equal(x, alone)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_many_long_operations_are_called(dtype: str) -> None:
    builder = Builder()
    x, y = builder.input(dtype), builder.input(dtype)
    value = x
    for _ in range(12):
        value = builder.apply("divide", builder.apply("sign", value, dtype=dtype), y, dtype=dtype)
    kernel = builder.kernel(value)
    assert kernel.artifacts["ir"].count("define internal") == 2
    a, b = (mixture(np.dtype(dtype), (1000,), seed, special=0) for seed in (1, 2))
    out, wanted = np.empty_like(a), a
    run(kernel, [a, b], [out])
    for _ in range(12):
        wanted = np.sign(wanted) / b
    np.testing.assert_allclose(out, wanted, rtol=1e-3 if dtype == "c8" else 1e-12)


@pytest.mark.parametrize("op", ["sin", "tanh", "log1p", "power", "arctan", "floor_divide", "signbit"])
def test_what_is_declined_says_why(op: str) -> None:
    value = Value(0, np.dtype("c16"), (3,))
    verdict = supports(Elementwise(op, (value,) * ELEMENTWISE[op].arity, (value,)), CPU)
    assert isinstance(verdict, Decline)
    assert f"complex128 {op}: cpu_llvm has it for" in verdict.reason


def test_wider_complex_numbers_are_declined() -> None:
    if np.dtype(np.clongdouble).itemsize == 16:
        pytest.skip("this platform has none")
    value = Value(0, np.dtype(np.clongdouble), (3,))
    verdict = supports(Elementwise("add", (value, value), (value,)), CPU)
    assert isinstance(verdict, Decline)
    assert "no such dtype" in verdict.reason
