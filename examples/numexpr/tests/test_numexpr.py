"""Tests of its own: how a function is written in numexpr, what is declined and why, overlap, threads."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse

X, Y = np.linspace(-2, 3, 1001), np.linspace(0.5, 1, 1001)


def text_of(function, *arguments):
    """Return the numexpr of a function, with names of its own."""
    code = fuse(backend="numexpr")(function).code(*arguments)
    return re.findall(r"^a\d+ = (.*)$", code, re.MULTILINE)


def test_a_function_is_one_expression():
    (text,) = text_of(lambda x, y: np.exp(-x * x) + y, X, Y)
    assert text == "(exp(((-a0) * a0)) + a1)"


def test_what_is_read_twice_is_computed_once():
    first, second = text_of(lambda x, y: (np.sin(x) + 1) * (np.sin(x) + y), X, Y)
    assert first.startswith("sin(")
    assert "sin" not in second


def test_a_chain_of_squares_grows_in_proportion():
    """As one text it would have 2 ** 40 leaves."""

    def tower(x):
        for _ in range(40):
            x = x * x + 0.5
        return x

    assert len(text_of(tower, X)) == 40


def test_a_long_expression_is_cut():
    texts = text_of(lambda *xs: sum(xs[1:], xs[0]), *[X + number for number in range(60)])
    assert len(texts) > 1
    assert max(len(set(re.findall(r"a\d+", text))) for text in texts) <= 24


def test_numbers_keep_their_dtype():
    function = fuse(backend="numexpr")(lambda x: x * 0.1 + 2)
    single = X.astype(np.float32)
    assert function(single).dtype == np.float32
    assert np.array_equal(function(single), single * np.float32(0.1) + np.float32(2))


def test_casts_are_written_as_arithmetic():
    i, flag = np.array([2**31 - 1, -5], np.int32), np.array([True, False])
    function = fuse(backend="numexpr")(lambda i, flag: (i.astype(np.int64) * 2, flag * 1.5, i.astype(bool)))
    doubled, chosen, truth = function(i, flag)
    assert doubled.tolist() == [2**32 - 2, -10]
    assert chosen.tolist() == [1.5, 0.0]
    assert truth.tolist() == [True, True]


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (lambda x: x // 3, np.arange(3), "it has no floor_divide that computes what NumPy's does"),
        (lambda x: x + x, np.ones(3, np.uint8), "it has no uint8; it has bool, int32, int64, float32"),
        (lambda x: np.maximum(x, 0), np.ones(3, np.float32), "maximum of float32 does not compute what NumPy's does"),
        (lambda x: x.astype(np.int32), X, "it has no cast of float64 to int32"),
        (lambda x: x.sum(), X, r"its sum of float64 over axes \(0,\) does not compute what NumPy's does"),
        (lambda x: 1 / x, np.ones(3, np.complex128), "its divide of complex128 does not compute"),
    ],
)
def test_the_rest_is_declined_with_a_reason(function, argument, reason):
    with pytest.raises(FusionDeclinedError, match=reason):
        fuse(backend="numexpr")(function)(argument)


def test_integers_are_added_up():
    array = np.arange(24).reshape(2, 3, 4)
    function = fuse(backend="numexpr")(lambda x: ((x * 2).sum(), (x * 2).sum(axis=1)))
    total, columns = function(array)
    assert total == 2 * array.sum()
    assert np.array_equal(columns, 2 * array.sum(axis=1))
    assert function(array[:0])[0] == 0
    assert function(array[:, :0])[1].tolist() == [[0] * 4] * 2


def test_outputs_may_be_the_memory_of_inputs():
    x, y = X.copy(), Y.copy()
    fuse(backend="numexpr")(lambda x, y: (x + y, x - y))(x, y, out=(y, x))
    assert np.array_equal(y, X + Y)
    assert np.array_equal(x, X - Y)


def test_threads_are_those_of_the_call():
    import numexpr

    large = np.ones(300_000)
    for threads in (1, 2, 3):
        fuse(backend="numexpr", threads=threads)(lambda x: x * 2 + 1)(large)
        assert numexpr.get_num_threads() == threads


def test_many_threads_of_the_user_at_once():
    large = np.linspace(0, 1, 200_000)
    functions = [fuse(backend="numexpr", threads=number % 3 + 1)(lambda x: np.sqrt(x) * 2 + x) for number in range(6)]
    expected = functions[0](large)
    wrong = []

    def call(function):
        wrong.extend(number for number in range(20) if not np.array_equal(function(large), expected))

    threads = [threading.Thread(target=call, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_numexpr_of_another_kind_is_declined(monkeypatch):
    import numexpr

    monkeypatch.setattr(numexpr, "use_vml", True)
    with pytest.raises(FusionDeclinedError, match="this numexpr computes with Intel's VML"):
        fuse(backend="numexpr")(lambda x: x + 41)(X.reshape(7, 11, 13))
