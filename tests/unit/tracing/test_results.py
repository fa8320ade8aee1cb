"""Results: types, dtypes, containers, identity and freshness as NumPy's own."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

from typing import NamedTuple

import numpy as np
import pytest

from fuser_core import fuse

X = np.arange(6.0).reshape(2, 3)
ZERO_D = np.array(2.5)
SCALAR = np.float64(2.5)


class Pair(NamedTuple):
    low: object
    high: object


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x + 1, -x),
        lambda x: [x + 1, -x],
        lambda x: {"a": x + 1, "b": [x, (x * 2,)]},
        lambda x: Pair(x - 1, x + 1),
        lambda x: (x + 1,),
        lambda x: (),
        lambda x: None,
        lambda x: (x + 1, None, "text", 3, 2.5, np.float32(1)),
        lambda x: 7,
        lambda x: np.float32(7),
    ],
)
def test_containers_and_constants_come_back(agree, function):
    agree(function, X)


@pytest.mark.parametrize(
    "args",
    [
        (lambda pair: pair[0] * pair[1], (X, 2.0)),
        (lambda pair: pair[0] * pair[1], [X, X]),
        (lambda it: it["x"] * it["s"], {"x": X, "s": 3}),
        (lambda pair: Pair(pair.high, pair.low + 1), Pair(X, X * 2)),
        (lambda tree: tree["a"][0]["b"] + tree["c"], {"a": [{"b": X}], "c": (1)}),
        (lambda none, x=None: 5 if x is None else x, None),
    ],
)
def test_containers_go_in(agree, args):
    agree(*args)


def test_lists_of_numbers_mean_what_they_mean_to_numpy(agree):
    agree(lambda a, b: np.add(a, b), [1, 2], [3, 4])
    agree(lambda a, x: x + np.asarray(a), [1.0, 2.0, 3.0], X)
    agree(lambda a, x: x * a, [1.0, 2.0, 3.0], X)
    agree(lambda a: a * 2, [1, 2])


def test_an_argument_comes_back_as_itself():
    fused = fuse(lambda x, y: (x, y))
    left, right = fused(X, ZERO_D)
    assert left is X
    assert right is ZERO_D


def test_a_view_is_a_view_as_numpy_s():
    own = X.copy()
    for function in (lambda x: x.T, lambda x: x[1:], lambda x: x[..., None], lambda x: x[::-1]):
        assert np.shares_memory(fuse(function)(own), own)
    assert not np.shares_memory(fuse(lambda x: x.copy())(own), own)
    assert not np.shares_memory(fuse(lambda x: +x)(own), own)


def test_clipping_by_nothing_is_a_copy():
    assert not np.shares_memory(fuse(lambda x: np.clip(x, None, None))(X), X)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x + 1, x + 1),
        lambda x: (x.copy(), x.copy()),
        lambda x: (x.sum(axis=0), x.sum(axis=0)),
        lambda x: [x * 2, {"again": x * 2}["again"]],
    ],
)
def test_equal_results_are_separate_arrays(function):
    first, second = fuse(function)(X)
    first += 1
    np.testing.assert_array_equal(second, first - 1)


def test_a_constant_array_of_the_body_is_fresh_in_every_call():
    fused = fuse(lambda x: (x + 1, np.zeros(2)))
    fused(X)[1][:] = 9
    np.testing.assert_array_equal(fused(X)[1], [0.0, 0.0])


def test_results_are_fresh_in_every_call():
    fused = fuse(lambda x: x + 1)
    first = fused(X)
    first[:] = 9
    np.testing.assert_array_equal(fused(X), X + 1)


@pytest.mark.parametrize("value", [ZERO_D, SCALAR, np.float32(2), np.int8(3), np.True_, np.array(3)])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x,
        lambda x: x + x,
        lambda x: (np.positive if x.dtype != bool else np.logical_not)(x),
        lambda x: x[...],
        lambda x: x[()],
        lambda x: x.copy(),
        lambda x: x.astype(np.float32),
        lambda x: x.sum(),
        lambda x: np.where(x, 1, 2),
        lambda x: np.clip(x, 0, 1),
        lambda x: x.T,
        lambda x: x[None],
        lambda x: x[None][0],
        lambda x: x.max(keepdims=True),
    ],
)
def test_scalars_and_0_d_arrays_are_told_apart(agree, function, value):
    agree(function, value)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[0],
        lambda x: x[0, 1],
        lambda x: x[0, 1, ...],
        lambda x: x.sum(),
        lambda x: x.sum(axis=0).sum(axis=0),
        lambda x: x.mean(),
        lambda x: x.any(),
        lambda x: x.sum(keepdims=True),
        lambda x: x[0, 0] + 1,
        lambda x: x[0] @ x[0],
        lambda x: np.divmod(x.sum(), 2),
    ],
)
def test_numpy_returns_scalars_where_it_does(agree, function):
    agree(function, X)


def test_layouts_follow_order_k():
    for operand in (np.asfortranarray(X), X.T, np.ones((4, 3, 2)).transpose(1, 0, 2), X[::-1, ::2]):
        expected = operand + 1
        assert fuse(lambda x: x + 1)(operand).strides == expected.strides


def test_several_results_of_one_operation(agree):
    agree(lambda x: divmod(x, 2), X)
    agree(lambda x: np.modf(x / 2), X)
    agree(lambda x: np.frexp(x)[1], X)
    agree(lambda x: np.divmod(x, 2)[0], X)
