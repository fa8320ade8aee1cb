"""Comparison of a backend's results with the oracle's: to the bit where both must agree, else within a bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.agreement import MARGIN, differences
from fuser_core.disturbance import ULPS
from fuser_core.graph import Graph
from fuser_core.testing.disturbance import RandomDisturbance
from fuser_core.testing.oracle import evaluate

__all__ = ["Expectation", "assert_agrees", "expect"]

_RUNS = 8
Array = np.ndarray[Any, np.dtype[Any]]


class Expectation:
    """What an output must be.

    Attributes:
        value: What the oracle computed.
        others: What it computed in disturbed evaluations; empty when every operation is exact.
    """

    def __init__(self, value: Any, others: Sequence[Any] = ()) -> None:
        self.value = value
        self.others = tuple(others)

    def check(self, actual: Any, what: str, operands: Sequence[Any] = ()) -> None:
        """Raise unless a result is what it must be; `fuser_core.agreement` says what that is.

        Args:
            actual: The result.
            what: How the message calls it.
            operands: What it was computed from, element by element; the message shows them beside each element.

        Raises:
            AssertionError: Kind, dtype, shape or a value differs; the message shows where.
        """
        _check_kind(actual, self.value, what)
        if not isinstance(self.value, np.ndarray | np.generic):
            assert repr(actual) == repr(self.value), f"{what} is {actual!r}, should be {self.value!r}"
            return
        found, wanted = np.asarray(actual), np.asarray(self.value)
        wrong = differences(found, wanted, [np.asarray(other) for other in self.others])
        assert not wrong.any(), _describe(what, found, wanted, wrong, operands)


def expect(graph: Graph, arguments: Sequence[Any]) -> list[Expectation]:
    """Return what each output of a graph must be for these arguments."""
    values = evaluate(graph, arguments)
    runs: list[list[Any]] = []
    for run in range(_RUNS):
        disturbance = RandomDisturbance(run)
        runs.append(evaluate(graph, arguments, disturbance))
        if not disturbance.moved:
            return [Expectation(value) for value in values]
    return [Expectation(value, others) for value, others in zip(values, zip(*runs, strict=True), strict=True)]


def assert_agrees(actual: Any, expected: Any, *, exact: bool = True, what: str = "the result") -> None:
    """Raise unless a result agrees with one value that the oracle computed.

    Args:
        actual: A backend's result.
        expected: The oracle's: an array, a NumPy scalar or a Python number.
        exact: Values must be equal to the bit (NaN equals NaN, 0.0 and -0.0 differ); otherwise within 4 ULP, those
            of complex numbers norm-wise: the absolute value of the difference is at most 4 ULP of the absolute value
            of the number. That is for results of one rounded operation; `expect` finds the bounds of whole graphs.
        what: How the message calls the result.

    Raises:
        AssertionError: Kind, dtype, shape or a value differs; the message shows where.
    """
    others: tuple[Any, ...] = ()
    if not exact and np.result_type(expected).kind in "fc":
        with np.errstate(all="ignore"):
            error = ULPS / MARGIN * np.spacing(np.abs(expected))
            error = np.where(np.isfinite(error), error, 0)  # an infinity is not a little larger or smaller
            others = (expected + error, expected - error)
    Expectation(expected, others).check(actual, what)


def _check_kind(actual: Any, expected: Any, what: str) -> None:
    if not isinstance(expected, np.ndarray):
        # One dtype may have two types of scalars, as int64 has numpy.int64 and numpy.longlong: either will do.
        scalars = isinstance(actual, np.generic) and isinstance(expected, np.generic)
        assert actual.dtype == expected.dtype if scalars else type(actual) is type(expected), (
            f"{what} is of type {type(actual).__name__}, should be {type(expected).__name__}"
        )
        return
    assert isinstance(actual, np.ndarray), f"{what} is of type {type(actual).__name__}, should be an array"
    assert actual.dtype == expected.dtype, f"{what} has dtype {actual.dtype}, should be {expected.dtype}"
    assert actual.shape == expected.shape, f"{what} has shape {actual.shape}, should be {expected.shape}"


def _describe(what: str, found: Array, wanted: Array, wrong: Array, operands: Sequence[Any]) -> str:
    places = np.argwhere(wrong)
    lines = [f"{what}: {len(places)} of {found.size} elements are wrong ({found.dtype}, shape {found.shape})"]
    for place in (tuple(map(int, place)) for place in places[:5]):
        lines += [f"  at {place}: {found[place]!r}, should be {wanted[place]!r}{_given(place, found, operands)}"]
    return "\n".join(lines)


def _given(place: tuple[int, ...], found: Array, operands: Sequence[Any]) -> str:
    shown = [f"%{number} = {np.broadcast_to(each, found.shape)[place]!r}" for number, each in enumerate(operands)]
    return f" (where {', '.join(shown)})" if shown else ""
