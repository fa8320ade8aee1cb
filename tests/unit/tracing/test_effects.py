"""Functions that do more than compute: what they do to their surroundings happens as without a trace, or is refused."""

# ruff: noqa: PLW0603  functions that assign globals, and lambdas, are what is fused

import random
from collections import OrderedDict
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from fuser_core import ArgumentError, fuse

X = np.arange(1.0, 4.0)
TOTAL = np.ones(3)

pytestmark = pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")


def _assigns_a_global(x):
    global TOTAL
    y = x * TOTAL
    TOTAL = TOTAL * 2
    return y


def test_an_assigned_global_is_assigned(same):
    global TOTAL
    fused = fuse(_assigns_a_global)
    for factor in (1, 2, 4):
        same(fused(X), X * factor)
    TOTAL = np.ones(3)


def test_a_changed_container_is_changed(same):
    @fuse
    def step(parameters, gradient):
        parameters["w"] = parameters["w"] - 0.5 * gradient
        return parameters["w"]

    parameters = {"w": X}
    for _ in range(2):
        step(parameters, X)
    same(parameters["w"], X * 0)
    log, numbers = [], [1, 2]
    for _ in range(3):
        fuse(lambda x, log: log.append(1) or x * len(log))(X, log)
        fuse(lambda x, log: log.append(1) or x * len(log))(X, numbers)
    assert (len(log), len(numbers)) == (3, 5)


def test_an_object_that_keeps_an_array_keeps_the_array(same):
    state = SimpleNamespace(mean=X * 0)

    @fuse
    def update(state, x):
        state.mean = state.mean * 0.5 + x
        return state.mean

    for _ in range(2):
        result = update(state, X)
    assert type(state.mean) is np.ndarray
    same(result, X * 1.5)


@dataclass
class _Pair:
    low: object
    high: object


@pytest.mark.parametrize(
    "function",
    [lambda x: _Pair(x - 1, x + 1), lambda x: OrderedDict(a=x + 1), lambda x: lambda: x + 1],
    ids=["dataclass", "mapping", "closure"],
)
def test_no_tracer_gets_out(function):
    result = fuse(function)(X)
    if callable(result):
        result = [result()]
    parts = vars(result).values() if isinstance(result, _Pair) else list(getattr(result, "values", lambda: result)())
    assert all(type(part) is np.ndarray for part in parts)


def test_functions_that_run_in_parts_are_refused():
    def generates(x):
        yield x

    async def awaits(x):
        return x

    for function in (generates, awaits):
        with pytest.raises(ArgumentError, match="fuse takes a function that returns its results"):
            fuse(function)


def test_an_array_of_the_body_is_read_when_it_is_used(agree):
    def plain(x):
        buffer = np.empty(3)
        buffer[:] = 1
        first = x * buffer
        buffer[:] = 2
        return first, x * buffer

    agree(plain, X)


def test_equal_results_are_arrays_of_their_own():
    def plain(x):
        a = x + 1
        b = x + 1
        return a[:2], b[:2], a

    left, right, whole = fuse(plain)(X)
    left[:] = -1
    np.testing.assert_array_equal(right, [2, 3])
    np.testing.assert_array_equal(whole, [-1, -1, 4])


def test_the_sign_of_a_zero_that_python_computes(agree):
    agree(lambda x, n: (x * (n * 0.0), x * (n * -0.0)), X, 2.0)


def test_an_array_given_twice_is_one_array():
    fused = fuse(lambda a, b: (a, b) if a is b else (a + 1, b))
    left, right = fused(X, X)
    assert left is X
    assert right is X
    assert fused(X, X.copy())[0] is not X


@pytest.mark.parametrize("number", [2.0, 3, np.float64(2.0), np.int64(3)])
def test_branches_on_types(agree, number):
    agree(lambda x, n: x * 2 if type(n) in (int, np.int64) else x, X, number)
    agree(lambda x, n: x * 2 if isinstance(n, int | np.integer) else x, X, number)
    agree(lambda x, n: x * 2 if isinstance(n, float) else x, X, number)
    agree(lambda x, n: x * 2 if hasattr(n, "is_integer") else x, X, number)


def test_numpy_scalars_serve_as_numbers(agree):
    agree(lambda x, n: x[int(n) :] * float(n) if n else x, X, np.int64(2))
    agree(lambda x, n: (x[n], f"{n:d} {n}", list(range(n))), X, np.int64(2))


def test_random_numbers_are_drawn_anew():
    fused = fuse(lambda x: x * random.random())  # noqa: S311
    assert fused(X)[0] != fused(X)[0]
    other = fuse(lambda x: x + np.random.default_rng().random(3))
    assert (other(X) != other(X)).any()


def test_a_function_without_a_module():
    scope = {}
    exec("def doubled(x): return x * 2", scope)  # noqa: S102
    scope["doubled"].__module__ = None
    np.testing.assert_array_equal(fuse(scope["doubled"])(X), X * 2)


def test_reductions_at_the_edge(agree):
    agree(lambda x: (x.sum(axis=0), x.max(axis=-1)), np.array(1.5))
    agree(lambda x: x.sum(), np.ones((1,) * 40))
    turned = np.arange(60.0).reshape(3, 4, 5).transpose(1, 2, 0)
    assert fuse(lambda x: x.sum(axis=0))(turned).strides == turned.sum(axis=0).strides


def test_cubes_are_products():
    fused = fuse(lambda x: x**3 + x**4)
    np.testing.assert_allclose(fused(X), X**3 + X**4, rtol=1e-15)
    assert "power" not in fused.explain(X)


def test_out_as_ufuncs_take_it():
    out = np.empty(3)
    assert fuse(lambda x: x * 2)(X, out=(out,)) is out
    np.testing.assert_array_equal(out, X * 2)
    with pytest.raises(
        ArgumentError, match="out= holds a dict of 1 arrays and the function returns a dict of 1 arrays"
    ):
        fuse(lambda x: {"a": x * 2})(X, out={"b": out})
