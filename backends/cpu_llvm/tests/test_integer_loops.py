"""Powers, greatest common divisors and least common multiples of integers of every width, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuser_core.backend import Accept, Constant, Decline, Device, Elementwise, Value
from fuser_cpu_llvm import supports
from llvm_groups import Array, Builder, number, one_step, run

DTYPES = [np.dtype(char) for char in "bBhHiIlL"]


def numbers(dtype: np.dtype[Any], seed: int) -> Array:
    """Numbers of every magnitude: with common factors, and the limits."""
    random = np.random.default_rng(seed)
    info = np.iinfo(dtype)
    shifts = random.integers(0, 8 * dtype.itemsize, 3000).astype(dtype)
    wide = random.integers(info.min, info.max, 3000, dtype, endpoint=True) >> shifts
    factors = random.choice(np.array([0, 1, 2, 3, 12, 60], dtype), 1000)
    products = factors * random.integers(0, 30, 1000).astype(dtype)
    return np.concatenate([wide, products, np.array([0, 1, info.min, info.max], dtype)])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["gcd", "lcm"])
def test_divisors_and_multiples(name: str, dtype: np.dtype[Any]) -> None:
    x, y = numbers(dtype, 1), numbers(dtype, 2)
    kernel = one_step(name, [dtype, dtype], dtype)
    for left, right in ((x, y), (y, x), (x, np.roll(x, 1)), (x, x), (x, np.zeros_like(x)), (np.zeros_like(x), x)):
        out = np.empty_like(left)
        run(kernel, [left, right], [out])
        np.testing.assert_array_equal(out, getattr(np, name)(left, right))


def test_the_least_number_is_its_own_divisor() -> None:
    for dtype in "bhil":
        least = np.iinfo(dtype).min
        x, y = np.array([least, least, 0, least, 6], dtype), np.array([least, 0, least, 6, least], dtype)
        out = np.empty_like(x)
        run(one_step("gcd", [dtype, dtype], dtype), [x, y], [out])
        np.testing.assert_array_equal(out, np.gcd(x, y))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_powers_wrap_around(dtype: np.dtype[Any]) -> None:
    x, y = numbers(dtype, 3), numbers(dtype, 4)
    y &= np.iinfo(dtype).max  # the plan lets no negative exponent through
    out = np.empty_like(x)
    run(one_step("power", [dtype, dtype], dtype), [x, y], [out])
    np.testing.assert_array_equal(out, x**y)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5, 7, 12, 31, 63, 100, 127])
def test_powers_with_a_known_exponent(dtype: np.dtype[Any], exponent: int) -> None:
    x = numbers(dtype, 5)
    builder = Builder()
    kernel = builder.kernel(builder.apply("power", builder.input(dtype), number(exponent, dtype), dtype=dtype))
    out = np.empty_like(x)
    run(kernel, [x], [out])
    np.testing.assert_array_equal(out, np.power(x, dtype.type(exponent)))


def test_a_negative_literal_exponent_is_declined() -> None:
    x = Value(0, np.dtype("i4"), (3,))
    verdicts = [
        supports(Elementwise("power", (x, exponent), (x,)), Device("cpu"))
        for exponent in (x, Constant(np.int32(-1)), Constant(np.int32(0)))
    ]
    reason = "int32 power: NumPy refuses this negative exponent and a kernel cannot"
    assert verdicts == [Accept(), Decline(reason), Accept()]
