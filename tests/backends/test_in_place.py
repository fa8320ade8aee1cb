"""Results into the very memory of arguments: every result is what it would be elsewhere, by every backend."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fuser_core import fuse

ONE = {
    "where": lambda x, y: np.where(x > y, x, y),
    "where other": lambda x, y: np.where(x > y, y, x),
    "where of sums": lambda x, y: np.where(x > y, x + y, x),
    "clip": lambda x, y: np.clip(x, 1, y),
    "clip other": lambda x, y: np.clip(y, 1, x),
    "read again": lambda x, y: (x * 2 - y) * x + y,
    "cast": lambda x, y: (x * y).astype(np.float32).astype(np.float64) - x,
    "argument": lambda x, y: y,
    "view": lambda x, y: y[::-1],
}
TWO = {
    "read later": lambda x, y: (x * 2, x * 3 + y),
    "swap": lambda x, y: (y * 1.5, x * 1.5),
    "sum and copy": lambda x, y: (y + x, x + 0),
    "where": lambda x, y: (np.where(x > y, x, y), np.where(x > y, y, x)),
    "divmod": lambda x, y: np.divmod(x, y + 1),
    "arguments": lambda x, y: (y, x),
    "views": lambda x, y: (y[::-1], x[::-1]),
}


def _arguments(size):
    return np.arange(float(size)), np.arange(float(size))[::-1].copy()


@pytest.mark.parametrize("size", [3, 200_001])
@pytest.mark.parametrize("name", ONE)
def test_one_result(backend, name, size):
    fused = fuse(ONE[name])
    wanted = ONE[name](*_arguments(size))
    for place in (0, 1):
        arguments = _arguments(size)
        kept = arguments[1 - place].copy()
        assert fused(*arguments, out=arguments[place]) is arguments[place]
        np.testing.assert_array_equal(arguments[place], wanted)
        np.testing.assert_array_equal(arguments[1 - place], kept)


@pytest.mark.parametrize("size", [3, 200_001])
@pytest.mark.parametrize("name", TWO)
def test_two_results(backend, name, size):
    fused = fuse(TWO[name])
    wanted = TWO[name](*_arguments(size))
    for first, second in itertools.permutations((0, 1)):
        arguments = _arguments(size)
        fused(*arguments, out=(arguments[first], arguments[second]))
        np.testing.assert_array_equal(arguments[first], wanted[0])
        np.testing.assert_array_equal(arguments[second], wanted[1])
    for place, number in itertools.product((0, 1), repeat=2):
        if name in ("arguments", "views"):
            continue  # the result that is not stored is the argument itself, which has changed
        arguments = _arguments(size)
        out = [None, None]
        out[number] = arguments[place]
        results = fused(*arguments, out=tuple(out))
        for result, expected in zip(results, wanted, strict=True):
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("size", [3, 200_001])
def test_beside_a_reduction(backend, size):
    def function(x, y):
        return x * 2, x.sum(), (x - y).max()

    x, y = _arguments(size)
    wanted = function(x.copy(), y)
    results = fuse(function)(x, y, out=(x, None, None))
    assert results[0] is x
    for result, expected in zip(results, wanted, strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-12)
