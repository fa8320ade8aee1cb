"""Objects and classes in a function's surroundings: what identity cannot tell is never stale."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse

X = np.arange(3.0)
FACTOR = 2.0

pytestmark = pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")


class Settings:
    scale = 2.0


class Operations:
    @staticmethod
    def scaled(x):
        return x * FACTOR


class Scaler:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor

    def scaled(self, x):
        return x * self.factor


def _scaled(settings, x):
    return x * settings["scale"]


def _doubling(function):
    @functools.wraps(function)
    def wrapper(x):
        return function(x) * FACTOR

    return wrapper


@pytest.mark.parametrize(
    ("captured", "read", "change"),
    [
        ([2.0], lambda x, it: x * it[0], lambda it: it.__setitem__(0, 3.0)),
        ({"scale": 2.0}, lambda x, it: x * it["scale"], lambda it: it.update(scale=3.0)),
        (SimpleNamespace(scale=2.0), lambda x, it: x * it.scale, lambda it: setattr(it, "scale", 3.0)),
        (([2.0],), lambda x, it: x * it[0][0], lambda it: it[0].__setitem__(0, 3.0)),
        (Scaler(2.0), lambda x, it: it(x), lambda it: setattr(it, "factor", 3.0)),
        (Scaler(2.0), lambda x, it: it.scaled(x), lambda it: setattr(it, "factor", 3.0)),
        (functools.partial(_scaled, {"scale": 2.0}), lambda x, it: it(x), lambda it: it.args[0].update(scale=3.0)),
        ([], lambda x, it: x * len(it), lambda it: it.append(1)),
    ],
    ids=["list", "dict", "namespace", "tuple", "callable", "method", "partial", "empty"],
)
def test_captured_objects_are_never_stale(captured, read, change, same):
    fused = fuse(lambda x: read(x, captured))
    fused(X)
    change(captured)
    same(fused(X), read(X, captured))


def test_a_volatile_function_says_so_once():
    scales = [2.0]
    fused = fuse(lambda x: x * scales[0])
    with pytest.warns(FuserWarning, match="'scales' may change unseen, so the function is traced again for every call"):
        fused(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fused(X)
    assert "'scales' may change unseen" in fused.explain(X)


def test_a_volatile_argument_says_so():
    fused = fuse(lambda x, settings: x * settings.scale)
    with pytest.warns(FuserWarning, match="'SimpleNamespace' may change unseen"):
        fused(X, SimpleNamespace(scale=2.0))


def test_a_changed_argument_object_is_seen(same):
    settings = SimpleNamespace(scale=2.0)
    fused = fuse(lambda x, settings: x * settings.scale)
    fused(X, settings)
    settings.scale = 3.0
    same(fused(X, settings), X * 3.0)


def test_a_changed_class_attribute_is_seen(monkeypatch, same):
    fused = fuse(lambda x: x * Settings.scale)
    fused(X)
    monkeypatch.setattr(Settings, "scale", 3.0)
    same(fused(X), X * 3.0)


def test_globals_of_a_class_s_methods_are_seen(monkeypatch, same):
    fused = fuse(lambda x: Operations.scaled(x))
    fused(X)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    same(fused(X), X * 3.0)


def test_the_attributes_of_a_fused_bound_method_are_seen(same):
    scaler = Scaler(2.0)
    fused = fuse(scaler.scaled)
    fused(X)
    scaler.factor = 3.0
    same(fused(X), X * 3.0)


def test_the_attributes_of_a_fused_callable_are_seen(same):
    scaler = Scaler(2.0)
    fused = fuse(scaler)
    fused(X)
    scaler.factor = 3.0
    same(fused(X), X * 3.0)


def test_the_arguments_of_a_fused_partial_are_seen(same):
    settings = {"scale": 2.0}
    fused = fuse(functools.partial(_scaled, settings))
    fused(X)
    settings["scale"] = 3.0
    same(fused(X), X * 3.0)


def test_globals_behind_a_fused_partial_are_seen(monkeypatch, same):
    fused = fuse(functools.partial(lambda y, x: x * FACTOR + y, 1.0))
    fused(X)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    same(fused(X), X * 3.0 + 1.0)


def test_globals_of_a_wrapping_decorator_are_seen(monkeypatch, same):
    fused = fuse(_doubling(lambda x: x))
    fused(X)
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    same(fused(X), X * 3.0)


def test_a_builtin_method_of_a_captured_object_is_no_constant(same):
    settings = {"scale": 2.0}
    get = settings.get
    fused = fuse(lambda x: x * get("scale"))
    fused(X)
    settings["scale"] = 3.0
    same(fused(X), X * 3.0)


def test_an_array_as_default_is_captured_and_not_volatile(traces):
    weights = np.ones(3)

    def plain(x, weights=weights):
        return x + weights

    fused = fuse(plain)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fused(X)
        weights[:] = 5
        np.testing.assert_array_equal(fused(X), X + 5)
    assert len(traces) == 1
