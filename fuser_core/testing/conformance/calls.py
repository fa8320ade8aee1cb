"""Standard tests of calls: functions that are called again and again, which backends may serve in quicker ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuser_core.config import use_backends
from fuser_core.errors import FusionDeclinedError
from fuser_core.fused import fuse
from fuser_core.testing.conformance.base import Array, ConformanceBase
from fuser_core.testing.runner import Runner

__all__ = ["CallTests"]

_FUNCTIONS: dict[str, Any] = {
    "elementwise": lambda x, y: x * y + x,
    "numbers": lambda x, y, s, t: x * s - y * (t + 1),
    "sums": lambda x, y, s: (x * y).sum(axis=0) + s,
    "rows": lambda x, y: (x - x.max(axis=-1, keepdims=True)) * (y - y.min(axis=-1, keepdims=True)),
    "parts": lambda x, y, s: (x[1:] - y[:-1], x[:, 1:] + s, {"whole": (x + y).sum()}),
}
_ROUNDS = 5


class CallTests(ConformanceBase):
    """Calls of one layout with other values and numbers each time: nothing of an earlier call may be left."""

    @pytest.mark.parametrize("name", list(_FUNCTIONS))
    @pytest.mark.parametrize("layout", ["dense", "transposed", "stepped"])
    def test_calls_again(self, runner: Runner, basic_dtype: np.dtype[Any], name: str, layout: str) -> None:
        """Results are exact: all values are small integers."""
        function = _FUNCTIONS[name]
        fused, results = fuse(fallback=False)(function), []
        with use_backends(runner.name):
            for turn in range(_ROUNDS):
                rng = np.random.default_rng(turn)
                x, y = (_arranged(rng.integers(-4, 5, (6, 10)).astype(basic_dtype), layout) for _ in range(2))
                numbers = [int(number) for number in rng.integers(2, 6, function.__code__.co_argcount - 2)]
                try:
                    found = fused(runner.placement.put(x), runner.placement.put(y), *numbers)
                except FusionDeclinedError as error:
                    pytest.skip(str(error))
                results.append((found, function(x, y, *numbers)))
        for found, expected in results:  # which are all still what they were
            _compare(runner, found, expected)


def _arranged(array: Array, layout: str) -> Array:
    if layout == "transposed":
        return array.T.copy().T
    return np.repeat(array, 2, axis=1)[:, ::2] if layout == "stepped" else array


def _compare(runner: Runner, found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        found, expected = tuple(found.values()), tuple(expected.values())
    if isinstance(expected, tuple):
        for left, right in zip(found, expected, strict=True):
            _compare(runner, left, right)
        return
    own = np.asarray(runner.placement.get(found))
    assert (own.dtype, own.shape) == (np.asarray(expected).dtype, np.shape(expected))
    np.testing.assert_array_equal(own, expected)
