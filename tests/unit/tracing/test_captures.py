"""What a function takes from its surroundings: a changed closure, global or module attribute is seen at once."""

import sys
import types

import numpy as np
import pytest

from fuser_core import fuse

X = np.arange(3.0)
WEIGHTS = np.ones(3)
SCALE = 2.0


def _times_scale(x):
    return x * SCALE


def _plus_weights(x):
    return x + WEIGHTS


def _offset_by_helper(x):
    return _times_scale(x) + 1


@pytest.fixture
def settings(monkeypatch):
    """A module with an attribute ``scale``."""
    module = types.ModuleType("settings_of_a_test")
    module.scale = 2.0
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_a_captured_array_is_read_anew(traces):
    weights = np.ones(3)
    fused = fuse(lambda x: x + weights)
    np.testing.assert_array_equal(fused(X), X + 1)
    weights[:] = 5
    np.testing.assert_array_equal(fused(X), X + 5)
    assert len(traces) == 1


def test_a_rebound_cell_is_seen(same):
    weights = np.ones(3)

    def plain(x):
        return x + weights

    fused = fuse(plain)
    fused(X)
    weights = np.full((2, 3), 7.0)
    same(fused(X), plain(X))


def test_a_rebound_global_array_is_seen(monkeypatch, same):
    fused = fuse(_plus_weights)
    fused(X)
    monkeypatch.setitem(globals(), "WEIGHTS", np.full(3, 4, np.float32))
    same(fused(X.astype(np.float32)), _plus_weights(X.astype(np.float32)))
    same(fused(X), _plus_weights(X))


def test_a_captured_array_that_was_reshaped_in_place_is_seen(same):
    weights = np.arange(6.0)

    def plain(x):
        return x + weights

    fused = fuse(plain)
    fused(np.ones(6))
    weights.resize((2, 3), refcheck=False)
    same(fused(np.ones(3)), plain(np.ones(3)))
    with pytest.raises(ValueError, match="could not be broadcast together"):
        fused(np.ones(6))


@pytest.mark.parametrize("function", [_times_scale, _offset_by_helper])
def test_a_rebound_global_is_seen(function, monkeypatch, same):
    fused = fuse(function)
    fused(X)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    same(fused(X), function(X))


def test_a_global_that_changes_its_type_is_seen(monkeypatch, same):
    fused = fuse(_times_scale)
    fused(np.arange(3))
    monkeypatch.setitem(globals(), "SCALE", 3)
    same(fused(np.arange(3)), np.arange(3) * 3)


def test_a_changed_module_attribute_is_seen(settings, same):
    fused = fuse(lambda x: x * settings.scale)
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_module_that_the_body_imports_is_seen(settings, same):
    def plain(x):
        import settings_of_a_test

        return x * settings_of_a_test.scale

    fused = fuse(plain)
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_name_that_the_body_imports_is_seen(settings, same):
    def plain(x):
        from settings_of_a_test import scale

        return x * scale

    fused = fuse(plain)
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_module_under_a_local_name_is_seen(settings, same):
    def plain(x):
        local = settings
        return x * local.scale

    fused = fuse(plain)
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_module_given_to_a_helper_is_seen(settings, same):
    def helper(module, x):
        return x * module.scale

    fused = fuse(lambda x: helper(settings, x))
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_getattr_on_a_module_is_seen(settings, same):
    name = "scale"
    fused = fuse(lambda x: x * getattr(settings, name))
    fused(X)
    settings.scale = 3.0
    same(fused(X), X * 3.0)


def test_defaults_are_seen(same):
    def plain(x, scale=2.0, *, shift=1.0):
        return x * scale + shift

    fused = fuse(plain)
    fused(X)
    plain.__defaults__ = (3.0,)
    same(fused(X), plain(X))
    plain.__kwdefaults__ = {"shift": -1.0}
    same(fused(X), plain(X))


def test_a_replaced_helper_is_seen(monkeypatch, same):
    fused = fuse(_offset_by_helper)
    fused(X)
    monkeypatch.setitem(globals(), "_times_scale", lambda x: x - 100)
    same(fused(X), _offset_by_helper(X))


def test_a_shadowed_builtin_is_seen(monkeypatch, same):
    def plain(x):
        return x * max(1.0, 2.0)

    fused = fuse(plain)
    fused(X)
    monkeypatch.setitem(globals(), "max", min)
    same(fused(X), plain(X))


def test_a_name_in_a_nested_function_is_seen(monkeypatch, same):
    def plain(x):
        return (lambda y: y * SCALE)(x)  # noqa: PLC3002  the nested function is the point

    fused = fuse(plain)
    fused(X)
    monkeypatch.setitem(globals(), "SCALE", 9.0)
    same(fused(X), plain(X))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: x * w.sum(),
        lambda x, w: x * w.mean(),
        lambda x, w: x + w * 2,
        lambda x, w: x + np.sqrt(w),
        lambda x, w: x + w[0],
        lambda x, w: x + w[::-1],
        lambda x, w: x + w.T,
        lambda x, w: x + w.astype(np.float32),
        lambda x, w: x * float(w[1]),
        lambda x, w: x if w[0] > 1 else -x,
        lambda x, w: x + np.stack([w, w]),
    ],
)
@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_what_is_computed_from_a_captured_array_is_never_stale(function, same):
    weights = np.ones(3)
    fused = fuse(lambda x: function(x, weights))
    fused(X)
    weights[:] = [4.0, 9.0, 16.0]
    same(fused(X), function(X, weights))


def test_a_captured_array_is_returned_as_it_is():
    weights = np.ones(3)
    fused = fuse(lambda x: (x, weights))
    assert fused(X)[1] is weights


@pytest.mark.filterwarnings("ignore:.* may change unseen")
def test_a_random_number_is_drawn_for_every_call():
    fused = fuse(lambda x: x + np.random.random())  # noqa: NPY002
    draws = {float(fused(X)[0]) for _ in range(3)}
    assert len(draws) == 3
