"""Comparison of a backend's results with the oracle's: to the bit where both must agree, else within a bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.graph import Graph
from fuser_core.testing.disturbance import ULPS, Disturbance
from fuser_core.testing.oracle import evaluate

__all__ = ["Expectation", "assert_agrees", "expect"]

_RUNS = 8
_MARGIN = 4
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

    def check(self, actual: Any, what: str) -> None:
        """Raise unless a result is what it must be.

        Elements on which all evaluations agree must be equal to the bit (NaN equals NaN, 0.0 and -0.0 differ).
        Where they spread, the result may lie 4 times as far from the oracle's as any of them, since few signs of
        many errors were tried. Where they differ in kind (a NaN, an infinity, a truth value), any result will do.

        Raises:
            AssertionError: Kind, dtype, shape or a value differs; the message shows where.
        """
        _check_kind(actual, self.value, what)
        if not isinstance(self.value, np.ndarray | np.generic):
            assert repr(actual) == repr(self.value), f"{what} is {actual!r}, should be {self.value!r}"
            return
        found, wanted = np.asarray(actual), np.asarray(self.value)
        wrong = ~_same(found, wanted)
        if self.others and wrong.any():
            wrong &= ~self._tolerates(found, wanted)
        assert not wrong.any(), _describe(what, found, wanted, wrong)

    def _tolerates(self, found: Array, wanted: Array) -> Array:
        others = [np.asarray(other) for other in self.others]
        spread = ~np.logical_and.reduce([_same(other, wanted) for other in others])
        if wanted.dtype.kind not in "fc":
            return np.asarray(spread)
        with np.errstate(all="ignore"):
            finite = np.logical_and.reduce([np.isfinite(other) for other in (*others, wanted)])
            distance = np.maximum.reduce([_distance(other, wanted) for other in others])
            near = _distance(found, wanted) <= _MARGIN * distance
        return np.asarray(spread & (~finite | near))


def expect(graph: Graph, arguments: Sequence[Any]) -> list[Expectation]:
    """Return what each output of a graph must be for these arguments."""
    values = evaluate(graph, arguments)
    runs: list[list[Any]] = []
    for run in range(_RUNS):
        disturbance = Disturbance(run)
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
            error = ULPS / _MARGIN * np.spacing(np.abs(expected))
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


def _same(left: Array, right: Array) -> Array:
    """Say, per element, whether two arrays are equal to the bit; all NaNs are equal."""
    if left.dtype.kind == "c":
        return _same(left.real, right.real) & _same(left.imag, right.imag)
    if left.dtype.kind != "f":
        return np.asarray(left == right)
    signs = np.signbit(left) == np.signbit(right)
    return np.asarray(((left == right) & signs) | (np.isnan(left) & np.isnan(right)))


def _distance(left: Array, right: Array) -> Any:
    wide = np.clongdouble if left.dtype.kind == "c" else np.longdouble
    return np.abs(left.astype(wide) - right.astype(wide))


def _describe(what: str, found: Array, wanted: Array, wrong: Array) -> str:
    places = np.argwhere(wrong)
    lines = [f"{what}: {len(places)} of {found.size} elements are wrong ({found.dtype}, shape {found.shape})"]
    for place in (tuple(map(int, place)) for place in places[:5]):
        lines += [f"  at {place}: {found[place]!r}, should be {wanted[place]!r}"]
    return "\n".join(lines)
