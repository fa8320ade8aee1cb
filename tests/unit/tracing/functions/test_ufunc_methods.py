"""Methods and options of ufuncs: what has a traced form does as NumPy does, the rest is told."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np
import pytest

from fuser_core import UntraceableError, fuse
from unit.tracing.functions.judging import judge

X = np.arange(12.0).reshape(3, 4)
ROW = np.array([3, -1, 2, 5], np.int8)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: np.multiply.outer(y, x),
        lambda x, y: np.add.outer(x[0], y) + 1,
        lambda x, y: np.subtract.outer(y, 2),
        lambda x, y: np.subtract.outer(2.0, y),
        lambda x, y: np.maximum.outer(y[0], x),
        lambda x, y: np.power.outer(x, y, dtype=np.float64),
        lambda x, y: np.add.accumulate(y),
        lambda x, y: np.multiply.accumulate(x, axis=1) * 2,
        lambda x, y: np.minimum.accumulate(x, -1),
        lambda x, y: np.add.accumulate(y, dtype=np.float32),
        lambda x, y: np.logical_and.reduce(x > 1, axis=0),
        lambda x, y: np.logical_or.reduce(y > 4),
        lambda x, y: np.add.reduce(x, axis=(0, 1), keepdims=True),
        lambda x, y: np.minimum.reduce(x, initial=-3),
        lambda x, y: np.multiply.reduce(x, 1, where=x > 2),
        lambda x, y: np.add(x, y, casting="same_kind", order="K", subok=True, where=True),
        lambda x, y: np.add.reduce(x, out=x[0] * 2),
        lambda x, y: (np.logaddexp.reduce(x), np.subtract.reduce(x, 1) * 2, np.logaddexp.reduce(x, None)),
        lambda x, y: (np.gcd.reduce(y), np.bitwise_or.reduce(y, keepdims=True), np.bitwise_and.reduce(y, initial=6)),
        lambda x, y: np.logaddexp.reduce(x, axis=(0, 1), where=x > 2, initial=0.5, keepdims=True) + x,
        lambda x, y: np.hypot.reduce(x, 0, None, x[0] * 2),
        lambda x, y: (np.add.reduceat(x, [0, 2]), np.maximum.reduceat(x * 2, [0, 3, 1], axis=1) + 1),
        lambda x, y: np.add.reduceat(x, np.argsort(y), 1, out=x * 2),
    ],
)
def test_methods(function):
    assert judge(function, X, ROW)


def _where(x, y):
    result = x * 2
    returned = np.sqrt(x, out=result, where=x > y)
    return result, returned


def _forced(x, y):
    totals = (x * 3).astype(np.int32)
    np.add(x, 0.75, out=totals, casting="unsafe")
    return totals


def _pair(x, y):
    whole, part = x * 0, x * 0
    np.modf(x / 4, out=(part, whole))
    return whole, part


def _pair_by_position(x, y):
    whole, part = x * 0, x * 0
    np.divmod(x, 4, whole, part)
    return whole + part


@pytest.mark.parametrize("function", [_where, _forced, _pair, _pair_by_position])
def test_writing_into_out(function):
    assert judge(function, X, ROW)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda x: np.add.at(x, 0, 1), r"numpy\.add\.at at .* has no traced form; it writes into single elements"),
        (lambda x: np.logaddexp.reduce(x, initial=x[0]), r"the option initial= of numpy\.logaddexp\.reduce as"),
        (lambda x: np.add(x, 1, where=x > 0), r"the option where= of numpy\.add at"),
        (lambda x: np.add(x, 1, casting="unsafe"), r"the option casting= of numpy\.add at"),
        (lambda x: np.add(x, 1, out=x * 1, casting="safe"), r"the option casting='safe' of numpy\.add at"),
        (lambda x: np.add(x, 1, order="F"), r"the option order= of numpy\.add at"),
        (lambda x: np.add(x, 1, signature="dd->d"), r"the option signature= of numpy\.add at"),
        (lambda x: np.add(x, 1, dtype="O"), r"numpy\.add with dtype='O' at"),
        (lambda x: np.isnat(x), r"numpy\.isnat at .* has no traced form; move it out"),
        (lambda x: np.frompyfunc(abs, 1, 1)(x), r"abs.* at .* has no traced form"),
    ],
)
def test_what_has_no_traced_form_is_told(function, what):
    with pytest.raises(UntraceableError, match=f"{what}.*"):
        fuse(fallback=False)(function)(X)
