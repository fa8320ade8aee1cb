"""Standard tests of values: every operation in every dtype, on the values at which functions go wrong."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from fuser_core.graph import Graph
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.testing.compare import assert_agrees
from fuser_core.testing.conformance.base import Array, ConformanceBase, Refusals
from fuser_core.testing.oracle import evaluate
from fuser_core.testing.runner import Runner, build, single
from fuser_core.testing.values import DTYPES, mixture, specials

__all__ = ["ValueTests"]

_UFUNCS = sorted(name for name, op in ELEMENTWISE.items() if op.ufunc is not None)


class ValueTests(ConformanceBase):
    """Results of single operations."""

    @pytest.mark.parametrize("op", _UFUNCS)
    def test_elementwise(self, runner: Runner, checks: Refusals, op: str) -> None:
        """Exact operations agree with NumPy to the bit, the others within 4 ULP and in the signs of zeros."""
        wrong: dict[str, str] = {}
        for dtype in DTYPES:
            try:
                _check_elementwise(runner, checks, op, dtype)
            except AssertionError as error:
                wrong[str(dtype)] = str(error)
        if wrong:
            pytest.fail("\n".join([f"{op} is wrong in {', '.join(wrong)}", *wrong.values()]))
        checks.conclude()

    @pytest.mark.parametrize("target", DTYPES, ids=str)
    def test_cast(self, checks: Refusals, target: np.dtype[Any]) -> None:
        """Casts agree with the documented table, NaN and what is out of range included."""
        graph = single("astype", dtype=target)
        for dtype in DTYPES:
            checks.check(graph, [specials(dtype)])
        checks.conclude()

    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_where(self, checks: Refusals, dtype: np.dtype[Any]) -> None:
        """A selection copies the bits, and takes any dtype as a condition."""
        graph = single("where", 3)
        chosen, other = _pairs(specials(dtype), specials(dtype))
        for condition in DTYPES:
            checks.check(graph, [mixture(condition, chosen.shape, seed=1), chosen, other])
        checks.conclude()

    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_clip(self, checks: Refusals, dtype: np.dtype[Any]) -> None:
        """Bounds may be NaN, absent, or the wrong way round."""
        array, low = _pairs(specials(dtype), specials(dtype)[::3])
        high = np.roll(low, len(low) // 2)
        for bounds in (("low", "high"), ("low",), ("high",)):
            operands = [array, *[{"low": low, "high": high}[bound] for bound in bounds]]
            checks.check(single("clip", len(operands), bounds=bounds), operands)
        checks.conclude()

    @pytest.mark.parametrize("number", [2, -3, 0.5, True, 2 - 1j], ids=repr)
    def test_python_numbers(self, checks: Refusals, number: complex) -> None:
        """A Python number promotes weakly, as an argument and as a constant."""
        for name, dtype in itertools.product(("add", "multiply", "less", "maximum"), DTYPES):
            array = specials(dtype)
            argument = single(name, 2)
            for value in (number, number * 2):  # another number is another kernel where it is a constant
                try:
                    evaluate(argument, [array, value])
                except OverflowError:
                    continue  # NumPy refuses a number that the dtype cannot hold
                checks.check(argument, [array, value])
                checks.check(_with_constant(name, value), [array])
        checks.conclude()

    @pytest.mark.parametrize("name", [*sorted(name for name, op in REDUCTIONS.items() if op.ufunc), "mean", "var"])
    @pytest.mark.parametrize("dtype", DTYPES, ids=str)
    def test_reduction(self, checks: Refusals, name: str, dtype: np.dtype[Any]) -> None:
        """Over every set of axes, with ordinary values, with special values, and with nothing to reduce."""
        subsets = [axes for count in range(4) for axes in itertools.combinations(range(3), count)]
        for axes, keepdims, special in itertools.product([None, *subsets], (False, True), (0.0, 0.2)):
            array = mixture(dtype, (3, 4, 17), seed=len(axes or ()), special=special)
            checks.check(single(name, axis=axes, keepdims=keepdims), [array])
        if name not in ("min", "max"):
            checks.check(single(name, axis=(1,)), [np.zeros((3, 0, 2), dtype)])
        checks.conclude()


def _check_elementwise(runner: Runner, checks: Refusals, op: str, dtype: np.dtype[Any]) -> None:
    """Compare an operation in one dtype.

    Raises:
        AssertionError: It is wrong there.
    """
    operands = _operands(op, dtype)
    graph = single(op, len(operands), outputs=ELEMENTWISE[op].outputs)
    try:
        (expected, *_) = evaluate(graph, operands)
    except (TypeError, ValueError):
        return  # NumPy has no loop for this dtype, or refuses some of its values
    if not checks.check(graph, operands) or ELEMENTWISE[op].exact:
        return
    (result,) = runner.program(graph, operands).run(operands, 1)
    finite = np.isfinite(expected)
    exact = expected.dtype.kind not in "fc"
    if not op.startswith("logaddexp"):  # whose unit may be that of an operand
        assert_agrees(result[finite], expected[finite], exact=exact, what=f"{op} of {dtype}")
    if expected.dtype.kind != "c":
        zero = (expected == 0) & (result == 0)
        assert_agrees(np.signbit(result[zero]), np.signbit(expected[zero]), what=f"signs of zero of {op}")


def _operands(op: str, dtype: np.dtype[Any]) -> list[Array]:
    """Return special values for each operand, in all combinations."""
    values = specials(dtype)
    if ELEMENTWISE[op].arity == 1:
        return [values]
    # The exponents of ldexp are 32-bit integers whatever the dtype.
    second = np.array([-2000, -150, -3, 0, 1, 5, 130, 2000], np.int32) if op == "ldexp" else values
    return list(_pairs(values, second))


def _pairs(left: Array, right: Array) -> tuple[Array, Array]:
    return np.repeat(left, len(right)), np.tile(right, len(left))


def _with_constant(name: str, number: complex) -> Graph:
    return build(1, lambda graph: graph.add(f"np::{name}", [0, graph.constant(number)]).outputs)
