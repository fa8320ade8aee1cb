"""Calls: nesting, methods, keywords, defaults, and what a fused function looks like from outside."""

import functools
import inspect
import pickle
import warnings

import numpy as np
import pytest

from fuser_core import ArgumentError, FuserWarning, UntraceableError, fuse

X = np.arange(6.0).reshape(2, 3)


@fuse
def documented(x: np.ndarray, s: float = 2.0, *, shift: int = 1) -> np.ndarray:
    """Scale and shift."""
    return x * s + shift


@fuse
def _inner(x, s):
    return np.sqrt(x) * s


class Model:
    scale = 2.0

    def __init__(self, weight):
        self.weight = weight

    @fuse
    def apply(self, x):
        return x * self.weight

    @staticmethod
    @fuse
    def static(x):
        return x + 1

    @classmethod
    def made(cls, x):
        return cls.static(x)


def test_it_looks_like_the_function():
    assert documented.__name__ == "documented"
    assert documented.__doc__ == "Scale and shift."
    assert documented.__module__ == __name__
    assert str(inspect.signature(documented)).startswith("(x: numpy.ndarray, s: float = 2.0, *, shift: int = 1)")
    assert documented.__wrapped__(X) is not None
    assert "documented" in repr(documented)
    assert callable(documented)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((X,), {}),
        ((X, 3.0), {}),
        ((X,), {"s": 3.0}),
        ((), {"x": X, "s": 3}),
        ((X,), {"shift": 5}),
        ((X, 1), {"shift": 2}),
    ],
)
def test_keywords_and_defaults(args, kwargs, same):
    same(documented(*args, **kwargs), documented.__wrapped__(*args, **kwargs))


def test_star_arguments(agree):
    agree(lambda *args, **kwargs: sum(args) + kwargs["y"], X, X, X, y=2)


def test_positional_only(agree):
    def plain(x, /, y):
        return x - y

    agree(plain, X, 1)


def test_keyword_order_does_not_matter(same):
    fused = fuse(lambda x, y: x - y)
    same(fused(x=X, y=1), X - 1)
    same(fused(y=1, x=X), X - 1)


def test_nested_fused_functions_become_one_kernel(compiler, same):
    fused = fuse(lambda x: _inner(x, 2.0) + _inner(x, 3.0))
    same(fused(X), _inner.__wrapped__(X, 2.0) + _inner.__wrapped__(X, 3.0))
    assert len(compiler.compiled) == 1


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_nested_fused_function_with_own_arrays_is_never_stale(same):
    weights = np.ones(3)
    fused = fuse(lambda x: x + _inner(weights, 2.0))
    fused(X)
    weights[:] = 4.0
    same(fused(X), X + 4.0)


def test_a_rebound_nested_function_is_seen(monkeypatch, same):
    fused = fuse(lambda x: _inner(x, 2.0))
    fused(X)
    monkeypatch.setitem(globals(), "_inner", fuse(lambda x, s: x - s))
    same(fused(X), X - 2.0)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_methods(same):
    model = Model(2.0)
    same(model.apply(X), X * 2.0)
    model.weight = 3.0
    same(model.apply(X), X * 3.0)
    same(Model(5.0).apply(X), X * 5.0)
    same(Model.apply(model, X), X * 3.0)
    same(Model.static(X), X + 1)
    same(model.static(X), X + 1)
    same(Model.made(X), X + 1)
    assert model.apply.__self__ is model
    assert model.apply.last_run.backend == Model.apply.last_run.backend
    assert "kernel" in model.apply.explain(X)
    assert "Model.apply" in repr(Model.apply)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_partials_and_callables(same):
    same(fuse(functools.partial(np.add, 1.0))(X), X + 1)
    same(fuse(np.sqrt)(X), np.sqrt(X))

    class Adder:
        def __call__(self, x):
            return x + 1

    fused = fuse(Adder())
    same(fused(X), X + 1)
    assert "1 kernel" in fused.explain(X)
    assert "Adder" in repr(fused)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_callables_without_a_name_meet_masked_arrays():
    class Adder:
        def __call__(self, x):
            return x + 1

    assert isinstance(fuse(Adder())(np.ma.ones(3)), np.ma.MaskedArray)


def test_module_level_functions_can_be_pickled():
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(documented))(X), documented(X))  # noqa: S301


def test_static_arguments_select_a_trace(traces, same):
    def plain(x, mode, dtype=None):
        return (x.sum(axis=0) if mode == "rows" else x.sum(axis=1)).astype(dtype or x.dtype)

    fused = fuse(plain)
    for mode, dtype in [
        ("rows", None),
        ("columns", None),
        ("rows", np.float32),
        ("rows", None),
        ("rows", np.dtype("f4")),
    ]:
        same(fused(X, mode, dtype), plain(X, mode, dtype))
    assert len(traces) == 4


def test_a_slice_is_a_static_argument(same):
    fused = fuse(lambda x, part: x[part] + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(fused(X, slice(0, 1)), X[:1] + 1)
        same(fused(X, slice(1, 2)), X[1:] + 1)


def test_recursion(agree):
    def plain(x, depth=3):
        return x if depth == 0 else plain(x * 2, depth - 1)

    agree(plain, X)


@pytest.mark.parametrize("thing", [3, "text", (1,)])
def test_what_cannot_be_called_is_refused(thing):
    with pytest.raises(TypeError, match=r"callable|function"):
        fuse(thing)


@pytest.mark.parametrize("threads", [0, -1])
def test_a_nonsense_number_of_threads_is_told(threads):
    with pytest.raises(ArgumentError, match=f"threads={threads} is not a positive number of threads"):
        fuse(threads=threads)(lambda x: x)


def test_a_function_that_cannot_be_traced_names_the_line_of_its_call(same):
    def plain(x):
        return np.i0(x)

    with pytest.raises(UntraceableError, match=r"numpy\.i0 at .*test_calls\.py:\d+, in plain"):
        fuse(fallback=False)(plain)(X)
    fused = fuse(plain)
    with pytest.warns(FuserWarning, match=r"plain: numpy\.i0 at .*; the function itself was called"):
        same(fused(X), plain(X))
    assert fused.last_run.backend == "python"


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_what_cannot_be_traced_is_tried_once():
    runs = []

    def plain(x):
        runs.append(1)
        return np.i0(x)

    fused = fuse(plain)
    for _ in range(3):
        np.testing.assert_array_equal(fused(X), np.i0(X))
    assert len(runs) == 4  # the attempt, and three calls
