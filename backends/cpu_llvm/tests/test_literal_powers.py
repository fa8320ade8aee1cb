"""Powers by a literal that is whole or a half: against mpmath, and with the special values of any power."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from fuser_core.plan import DType
from fuser_cpu_llvm.mathematics.literal_powers import is_short
from llvm_accuracy import Array, value
from llvm_groups import Builder, number, run

EXPONENTS = [
    -64.0,
    -50.0,
    -7.5,
    -3.0,
    -2.5,
    -2.0,
    -1.5,
    -1.0,
    -0.5,
    0.5,
    1.0,
    1.5,
    2.5,
    5.0,
    6.0,
    31.5,
    50.0,
    63.5,
    64.0,
]


def _power(x: Array, exponent: float, op: str = "power") -> Array:
    builder = Builder()
    operand = builder.input(x.dtype)
    literal = number(exponent, x.dtype)
    result = np.empty_like(x)
    run(builder.kernel(builder.apply(op, operand, literal, dtype=x.dtype)), [x], [result])
    return result


def _bases(exponent: float, dtype: DType) -> Array:
    """Numbers whose powers are of any magnitude, subnormal ones among them."""
    rng = np.random.default_rng(7)
    least, most = (-149.0, 127.9) if dtype == np.float32 else (-1074.0, 1023.9)
    bounds = sorted([least / exponent, most / exponent])
    wide = 2.0 ** rng.uniform(max(bounds[0], least), min(bounds[1], most), 1000)
    bases = np.concatenate([rng.uniform(0.5, 2.0, 500), wide])
    if exponent.is_integer():
        bases[::2] *= -1
    return bases.astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_they_are_rounded_nearly_correctly(exponent: float, dtype: str) -> None:
    x = _bases(exponent, np.dtype(dtype))
    result = _power(x, exponent)
    info = np.finfo(dtype)
    with mpmath.workprec(300):
        for base, found in zip(x.tolist(), result.tolist(), strict=True):
            true = mpmath.power(abs(base), exponent) * (-1 if base < 0 and exponent % 2 else 1)
            place = mpmath.floor(mpmath.log(abs(true), 2)) - info.nmant
            error = abs(found - true) / mpmath.mpf(2) ** max(place, info.minexp - info.nmant)
            assert error <= (0.51 if place > info.minexp - info.nmant else 0.76), (base, found)


@pytest.mark.parametrize("op", ["power", "float_power"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_special_values_are_those_of_any_power(exponent: float, dtype: str, op: str) -> None:
    limits = np.finfo(dtype)
    values = [0.0, 1.0, np.inf, np.nan, limits.smallest_subnormal, limits.tiny, limits.max, 2.0, 0.5, 3.0]
    x = np.array([*values, *(-value for value in values)], dtype)
    with np.errstate(all="ignore"):
        found, wanted = _power(x, exponent, op), value("power", [x, np.full_like(x, exponent)])
    np.testing.assert_allclose(found, wanted, rtol=2 * limits.eps, atol=0)
    ordinary = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(found[ordinary]), np.signbit(wanted[ordinary]))


def test_other_exponents_are_left_to_logarithms() -> None:
    assert not any(is_short(exponent) for exponent in (0.0, 64.5, 65.0, 0.25, 1 / 3, np.inf, -np.inf, np.nan))
    assert all(map(is_short, EXPONENTS))
    x = np.linspace(0.5, 2.0, 50)
    for exponent in (65.0, 0.25, -100.5):
        np.testing.assert_array_equal(_power(x, exponent), value("power", [x, np.full_like(x, exponent)]))


def test_they_stand_beside_functions_that_are_called() -> None:
    builder = Builder()
    x = builder.input("float64")
    steps = [builder.apply("power", x, number(exponent, "float64"), dtype="float64") for exponent in (5.0, -2.5, 0.3)]
    steps += [builder.apply("power", x, steps[0], dtype="float64"), builder.apply("exp", x, dtype="float64")]
    values = np.linspace(0.5, 2.0, 50)
    results = [np.empty_like(values) for _ in steps]
    run(builder.kernel(*steps), [values], results)
    for exponent, result in zip((5.0, -2.5, 0.3), results, strict=False):
        np.testing.assert_array_equal(result, _power(values, exponent))
