"""The elementary functions against mpmath: the bounds that docs/accuracy.md states, and NumPy's special values."""

from __future__ import annotations

import itertools
import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from fuser_core.ops import ELEMENTWISE
from fuser_cpu_llvm import mathematics
from fuser_cpu_llvm.mathematics import coefficients, single_coefficients
from llvm_accuracy import DOMAINS, largest_error, numbers_in_single, points, stated, ulps, value
from llvm_groups import Builder, bits, run

DTYPES = ("float64", "float32")
SPECIAL = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 1e-3, 1e-20, 1e-310, 5e-324, 3e-39, 1e-45, 27.3, 88.0, 104.0, 171.5, 709.0]
SPECIAL += [710.0, 746.0, 1e16 + 2, 2.0**53 - 1, 1e22, 1e305, 1e308, np.inf, np.nan]


def test_every_function_is_stated_and_measured() -> None:
    assert list(stated()) == list(DOMAINS)
    assert {*DOMAINS, "float_power"} == set(mathematics.FUNCTIONS)


@pytest.mark.parametrize("name", DOMAINS)
def test_what_was_seen_is_within_the_bounds(name: str) -> None:
    double, seen, single, last = stated()[name]
    assert 0.49 < seen <= double <= 2.0
    assert 0.49 < last <= single <= 2.0


@pytest.mark.parametrize("name", DOMAINS)
def test_doubles_are_within_the_bound(name: str) -> None:
    operands = points(name, "float64", 1000)
    error, place = largest_error(name, operands, value(name, operands))
    assert error <= stated()[name][0], place


@pytest.mark.parametrize("name", DOMAINS)
def test_single_precision_is_within_the_bound(name: str) -> None:
    operands = [numbers_in_single(4093)] if ELEMENTWISE[name].arity == 1 else points(name, "float32", 100_000)
    errors = ulps(name, operands, value(name, operands))
    assert errors.max() <= stated()[name][2], [each[errors.argmax()] for each in operands]


@pytest.mark.parametrize("name", ["log1p", "erfc", "gammaln", "power", "logaddexp"])
def test_both_measures_of_single_precision_agree(name: str) -> None:
    operands = points(name, "float32", 200)
    result = value(name, operands)
    assert abs(largest_error(name, operands, result)[0] - ulps(name, operands, result).max()) < 1e-3


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DOMAINS)
def test_special_values_are_those_of_the_definition(name: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        values = np.array([*SPECIAL, *(-value for value in SPECIAL)]).astype(dtype)
        operands = [axis.ravel() for axis in np.meshgrid(*[values] * ELEMENTWISE[name].arity)]
        result, wanted = value(name, operands), np.empty_like(operands[0])
        ELEMENTWISE[name].function(*operands, out=(wanted,))
        # Python's lgamma, the definition where SciPy is missing, is 8 units off at 1.5.
        close = np.isclose(result, wanted, rtol=16 * np.finfo(dtype).eps, atol=2 * np.finfo(dtype).smallest_subnormal)
    same = (result == wanted) | (np.isnan(result) & np.isnan(wanted))
    ordinary = np.isfinite(wanted) & (wanted != 0)
    right = np.where(ordinary, close, same) & (np.isnan(wanted) | (np.signbit(result) == np.signbit(wanted)))
    assert right.all(), [
        (*(each[at] for each in operands), result[at], wanted[at]) for at in np.flatnonzero(~right)[:5]
    ]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_great_arguments_leave_their_neighbours_alone(name: str, dtype: str) -> None:
    x = np.linspace(-3.0, 3.0, 100).astype(dtype)
    alone = value(name, [x])
    x[::7] = 1e20
    beside = value(name, [x])
    kept = np.arange(100) % 7 != 0
    np.testing.assert_array_equal(alone[kept], beside[kept])
    np.testing.assert_allclose(beside[~kept], getattr(np, name)(x[~kept]), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sines_are_at_most_1(name: str) -> None:
    near = np.arange(1, 60000)[:, None] * (np.pi / 2) + np.linspace(-3e-8, 3e-8, 13)
    assert np.abs(value(name, [near.ravel()])).max() == 1.0


def test_exact_results_are_exact() -> None:
    exponents = np.arange(-1074.0, 1024.0)
    powers = np.ldexp(1.0, exponents.astype(int))
    np.testing.assert_array_equal(value("exp2", [exponents]), powers)
    np.testing.assert_array_equal(value("log2", [powers]), exponents)
    np.testing.assert_array_equal(value("power", [np.full_like(exponents, 2.0), exponents]), powers)
    np.testing.assert_array_equal(value("log10", [10.0 ** np.arange(23)]), np.arange(23.0))
    whole = np.arange(-200_000.0, 200_000.0)
    np.testing.assert_array_equal(value("cbrt", [whole**3]), whole)
    np.testing.assert_array_equal(value("gammaln", [np.array([1.0, 2.0])]), [0.0, 0.0])
    for base, exponent in itertools.product(range(-12, 13), range(14)):
        result = value("power", [np.array([float(base)]), np.array([float(exponent)])])
        assert result[0] == float(base**exponent)


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_that_are_called_give_what_those_written_out_give(dtype: str) -> None:
    builder = Builder()
    x = builder.input(dtype)
    names = ["sin", "cos", "tan", "exp", "tanh", "erf", "gammaln", "sin"]
    kernel = builder.kernel(*(builder.apply(name, x, dtype=dtype) for name in names))
    values = np.array([*np.linspace(-3.0, 3.0, 50), 1e7, np.inf, -0.0], dtype)
    together = [np.empty_like(values) for _ in names]
    run(kernel, [values], together)
    for name, result in zip(names, together, strict=True):
        np.testing.assert_array_equal(bits(result), bits(value(name, [values])))


def test_gammaln_reaches_as_far_as_its_result_is_finite() -> None:
    x = np.array([5e-324, 1e-310, 2.5599833278516383e305, np.nextafter(2.5599833278516383e305, np.inf)])
    np.testing.assert_allclose(value("gammaln", [x]), [*map(math.lgamma, x[:3]), np.inf], rtol=2e-16)
    assert np.isinf(value("gammaln", [np.array([0.0, -0.0, -1.0, -1e17])])).all()


def test_single_coefficients_are_what_the_tool_prints() -> None:
    tool = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "fit_single_polynomials.py"))
    assert tool["render"]() == Path(single_coefficients.__file__).read_text()


@pytest.mark.slow
def test_coefficients_are_what_the_tool_prints() -> None:
    tool = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "fit_polynomials.py"))
    assert tool["render"]() == Path(coefficients.__file__).read_text()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arctan2_of_subnormal_numbers(dtype: str) -> None:
    least = np.finfo(dtype).smallest_subnormal
    y, x = (np.array(each, dtype) * least for each in ([1, 2, 3, 7, 1e3, 1e6], [2, 3, 1, 9, 1e4, 1e3]))
    for operands in ([y, x], [-y, -x], [y, -x]):
        np.testing.assert_allclose(value("arctan2", operands), np.arctan2(*operands), rtol=4 * np.finfo(dtype).eps)
