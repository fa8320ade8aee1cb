"""The elementary functions against mpmath: the bound that the README states, and NumPy's special values."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_cpu_llvm import mathematics
from llvm_accuracy import DOMAINS, exact, largest_error, points
from llvm_groups import Builder, bits, one_step, run

BOUNDS = {"float64": 2.5, "float32": 0.51}
"""Units of the last place."""

SPECIAL = [0.0, 0.5, 1.0, 2.0, 1e-3, 1e-20, 1e-310, 5e-324, 3e-39, 1e-45, 88.0, 104.0, 709.0, 710.0, 746.0, 1e22]
SPECIAL += [1e308, np.inf, np.nan]


def test_every_function_is_measured() -> None:
    assert set(DOMAINS) == set(mathematics.FUNCTIONS)


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("name", DOMAINS)
def test_error_is_within_the_bound(name: str, dtype: str) -> None:
    operands = points(name, dtype, 300)
    result = np.empty_like(operands[0])
    run(one_step(name, [dtype] * len(operands), dtype), operands, [result])
    assert largest_error(result, exact(name, operands)) <= BOUNDS[dtype]


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("name", DOMAINS)
def test_special_values_are_numpys(name: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        values = np.array([*SPECIAL, *(-value for value in SPECIAL)]).astype(dtype)
        arity = 2 if name in ("arctan2", "hypot") else 1
        operands = [axis.ravel().copy() for axis in np.meshgrid(*[values] * arity)]
        result = np.empty_like(operands[0])
        run(one_step(name, [dtype] * arity, dtype), operands, [result])
        wanted = getattr(np, name)(*operands)
        close = np.isclose(result, wanted, rtol=4 * np.finfo(dtype).eps, atol=2 * np.finfo(dtype).smallest_subnormal)
    same = (result == wanted) | (np.isnan(result) & np.isnan(wanted))
    ordinary = np.isfinite(wanted) & (wanted != 0)
    right = np.where(ordinary, close, same) & (np.isnan(wanted) | (np.signbit(result) == np.signbit(wanted)))
    assert right.all(), [
        (*(each[at] for each in operands), result[at], wanted[at]) for at in np.flatnonzero(~right)[:5]
    ]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("dtype", BOUNDS)
def test_great_arguments_leave_their_neighbours_alone(name: str, dtype: str) -> None:
    x = np.linspace(-3.0, 3.0, 100).astype(dtype)
    kernel = one_step(name, [dtype], dtype)
    alone, beside = np.empty_like(x), np.empty_like(x)
    run(kernel, [x], [alone])
    x[::7] = 1e20
    run(kernel, [x], [beside])
    kept = np.arange(100) % 7 != 0
    np.testing.assert_array_equal(alone[kept], beside[kept])
    np.testing.assert_allclose(beside[~kept], getattr(np, name)(x[~kept]), rtol=4 * np.finfo(dtype).eps)


def test_powers_come_out_exact() -> None:
    exponents = np.arange(-1074.0, 1024.0)
    out = np.empty_like(exponents)
    run(one_step("exp2", ["f8"], "f8"), [exponents], [out])
    np.testing.assert_array_equal(out, np.ldexp(1.0, exponents.astype(int)))
    run(one_step("log2", ["f8"], "f8"), [out.copy()], [out])
    np.testing.assert_array_equal(out, exponents)
    tens = 10.0 ** np.arange(0, 23)
    out = np.empty_like(tens)
    run(one_step("log10", ["f8"], "f8"), [tens], [out])
    np.testing.assert_array_equal(out, np.arange(0.0, 23.0))


@pytest.mark.parametrize("dtype", BOUNDS)
def test_functions_that_are_called_give_what_those_written_out_give(dtype: str) -> None:
    builder = Builder()
    x = builder.input(dtype)
    names = ["sin", "cos", "tan", "exp", "tanh", "sin"]
    kernel = builder.kernel(*(builder.apply(name, x, dtype=dtype) for name in names))
    values = np.array([*np.linspace(-3.0, 3.0, 50), 1e7, np.inf, -0.0], dtype)
    together = [np.empty_like(values) for _ in names]
    run(kernel, [values], together)
    for name, result in zip(names, together, strict=True):
        alone = np.empty_like(values)
        run(one_step(name, [dtype], dtype), [values], [alone])
        np.testing.assert_array_equal(bits(result), bits(alone))
