"""What a fused function looks like from outside: to introspection, to other decorators, to pickle and copy."""

import copy
import functools
import inspect
import math
import pickle
import typing
import weakref

import numpy as np
import pytest

from fuser_core import ArgumentError, TraceError, fuse

X = np.arange(6.0).reshape(2, 3)


def scaled(x: "np.ndarray", by: float = 2.0, *, shift: "int | None" = None) -> "np.ndarray":
    """Scale, and shift if told to."""
    return x * by + (shift or 0)


scaled.tag = "kept"
bare = fuse(scaled)
empty = fuse()(scaled)
with_options = fuse(threads=1, fast_math=False)(scaled)


class Model:
    def __init__(self, weight):
        self.weight = weight

    @fuse
    def apply(self, x):
        """Weigh."""
        return x * self.weight

    doubled = functools.partialmethod(apply, np.full(3, 2.0))

    @property
    @fuse
    def squared(self):
        return self.weight**2

    @classmethod
    @fuse
    def made(cls, x):
        return x + cls.offset

    offset = 5.0


@pytest.mark.parametrize("fused", [bare, empty, with_options])
def test_with_and_without_options(fused, same):
    same(fused(X, 3.0, shift=1), scaled(X, 3.0, shift=1))


@pytest.mark.parametrize("name", ["__name__", "__qualname__", "__module__", "__doc__", "__annotations__", "tag"])
def test_attributes_are_the_function_s(name):
    assert getattr(bare, name) == getattr(scaled, name)


@pytest.mark.parametrize(
    "look",
    [inspect.signature, typing.get_type_hints, inspect.getdoc, inspect.getsource, inspect.unwrap],
)
def test_introspection_sees_the_function(look):
    assert look(bare) == look(scaled)


def test_a_bound_method_looks_like_one():
    model = Model(np.float64(2))
    assert model.apply.__doc__ == "Weigh."
    assert model.apply.__name__ == "apply"
    assert list(inspect.signature(Model.apply).parameters) == ["self", "x"]


def test_other_decorators_wrap_it(same):
    @functools.wraps(bare)
    def wrapper(*args, **kwargs):
        return bare(*args, **kwargs)

    same(wrapper(X), scaled(X))
    assert wrapper.__wrapped__ is bare
    assert inspect.signature(wrapper) == inspect.signature(scaled)
    same(functools.partial(bare, by=3.0)(X), scaled(X, 3.0))
    same(functools.reduce(fuse(lambda x, y: x + y), [X, X, X]), X + X + X)


def test_it_wraps_what_other_decorators_made(same):
    @fuse
    @functools.wraps(scaled)
    def wrapper(*args, **kwargs):
        return scaled(*args, **kwargs) + 1

    same(wrapper(X, by=4.0), scaled(X, 4.0) + 1)
    assert inspect.signature(wrapper) == inspect.signature(scaled)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_methods_of_every_kind(same):
    model = Model(np.float64(3.0))
    same(model.apply(X), X * 3.0)
    same(Model.apply(model, X), X * 3.0)
    same(model.doubled(), np.full(3, 2.0) * 3.0)
    same(model.squared, np.float64(9.0))
    same(Model.made(X), X + 5.0)
    same(model.made(X), X + 5.0)
    Model.offset = 6.0
    same(Model.made(X), X + 6.0)
    Model.offset = 5.0


def test_fused_functions_of_fused_functions(same):
    twice = fuse(bare)
    same(twice(X, 3.0), scaled(X, 3.0))
    assert inspect.unwrap(twice) is scaled


@pytest.mark.parametrize("function", [np.sqrt, np.hypot.reduce, np.square, abs, np.sum])
@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_functions_that_are_not_written_in_python(function, same):
    same(fuse(function)(X), function(X))


def test_functions_of_single_numbers_name_the_way_out():
    with pytest.raises(TraceError, match=r"float\(\) of a traced array at .*test_decorator\.py.*; keep it as an array"):
        fuse(math.sqrt)(X)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_a_class_is_called_as_it_is():
    made = fuse(Model)(X)
    assert type(made) is Model
    assert made.weight is X


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_pickled_by_name(protocol):
    assert pickle.loads(pickle.dumps(bare_by_name, protocol)) is bare_by_name  # noqa: S301
    model = pickle.loads(pickle.dumps(Model(2.0), protocol))  # noqa: S301
    assert model.weight == 2.0
    method = pickle.loads(pickle.dumps(model.apply, protocol))  # noqa: S301
    np.testing.assert_array_equal(method(X), X * 2.0)


@fuse
def bare_by_name(x):
    return x + 1


def test_a_local_one_is_no_more_pickled_than_a_local_function():
    local = fuse(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)


def test_copies_are_the_function_itself():
    assert copy.copy(bare_by_name) is bare_by_name
    assert copy.deepcopy(bare_by_name) is bare_by_name


def test_it_can_be_a_key_and_be_referred_to_weakly():
    assert {bare: 1}[bare] == 1
    assert weakref.ref(bare)() is bare


def _generator(x):
    yield x


async def _coroutine(x):
    return x


async def _asynchronous_generator(x):
    yield x


@pytest.mark.parametrize("function", [_generator, _coroutine, _asynchronous_generator])
def test_what_runs_in_parts_is_refused(function):
    with pytest.raises(
        ArgumentError, match=rf"fuse takes a function that returns its results, and <function {function.__name__}"
    ):
        fuse(function)


@pytest.mark.parametrize("thing", [3, "text", None, (lambda: 1,), property(scaled), classmethod(scaled)])
def test_what_cannot_be_called_is_refused(thing):
    with pytest.raises((ArgumentError, TypeError), match=r"fuse takes a function, not|missing|callable"):
        fuse(thing)(X)
