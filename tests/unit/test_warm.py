"""Warm calls: a layout that was seen before is served without another look, and never wrongly."""

import numpy as np
import pytest

from fuser_core import flags, fuse, use_backends
from fuser_core.backend import hookimpl
from fuser_core.discovery import registry
from fuser_core.testing.chaining import ChainingBackend
from fuser_core.testing.fakes import AcceptingBackend, installed

SCALE = 2.0


@pytest.fixture
def looks(monkeypatch):
    """How often arguments were read the long way."""
    from fuser_core import dispatch

    seen = []

    def read(args, *more):
        seen.append(args)
        return original(args, *more)

    original = dispatch.read_call
    monkeypatch.setattr(dispatch, "read_call", read)
    return seen


@pytest.fixture
def backend():
    plugin = AcceptingBackend()
    with installed("fake", plugin), use_backends("fake"):
        yield plugin


def test_the_second_call_is_warm(backend, looks):
    fused = fuse(lambda x, y: x * y + x)
    x, y = np.arange(5.0), np.ones(5)
    for _ in range(4):
        np.testing.assert_array_equal(fused(x, y), x * y + x)
    np.testing.assert_array_equal(fused(x + 1, y), (x + 1) * y + x + 1)
    assert len(looks) == 1
    assert backend.launches == 5
    assert fused.last_run.cache == "hit"


@pytest.mark.parametrize(
    "other",
    [
        (np.arange(5.0, dtype="f4"), np.ones(5)),
        (np.arange(6.0), np.ones(6)),
        (np.arange(10.0)[::2], np.ones(5)),
        (np.arange(5.0), np.ones(1)),
        (np.arange(5.0), 3.0),
        (np.float64(2.0), np.ones(5)),
        (np.ma.masked_array(np.arange(5.0), [0, 1, 0, 0, 1]), np.ones(5)),
        (np.arange(5.0, dtype=">f8"), np.ones(5)),
        (np.arange(5.0).astype(object), np.ones(5)),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_another_layout_is_looked_at(other, backend):
    def f(x, y):
        return x * y + x

    fused = fuse(f)
    fused(np.arange(5.0), np.ones(5))
    for _ in range(3):
        expected, found = f(*other), fused(*other)
        assert type(found) is type(expected)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_one_array_given_twice(backend, looks):
    fused = fuse(lambda x, y: x - y)
    x = np.arange(5.0)
    assert fused(x, x + 1).tolist() == [-1.0] * 5
    for _ in range(2):
        assert fused(x, x).tolist() == [0.0] * 5
    assert len(looks) == 3


def test_a_changed_global_is_seen(backend, monkeypatch):
    fused = fuse(lambda x: x * SCALE)
    x = np.ones(3)
    assert fused(x).tolist() == fused(x).tolist() == [2.0] * 3
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert fused(x).tolist() == fused(x).tolist() == [5.0] * 3


def test_a_captured_array_is_read_anew(backend):
    table = np.arange(3.0)
    fused = fuse(lambda x: x + table)
    assert fused(np.zeros(3)).tolist() == [0, 1, 2]
    table += 1
    assert fused(np.zeros(3)).tolist() == [1, 2, 3]


def test_another_choice_of_backends_is_seen(backend):
    fused = fuse(lambda x: x + 1)
    x = np.zeros(3)
    fused(x), fused(x)
    assert fused.last_run.backend == "fake"
    with use_backends("fallback_numpy"):
        fused(x)
        assert fused.last_run.backend == "fallback_numpy"
    fused(x)
    assert fused.last_run.backend == "fake"
    flags.override("cpu", value=False)
    try:
        fused(x)
        assert fused.last_run.backend == "fallback_numpy"
    finally:
        flags.override("cpu", value=True)
    with installed("other", AcceptingBackend(priority=9)):
        fused(x)
    fused(x)
    assert fused.last_run.backend == "fake"


def test_a_backend_that_comes_while_a_call_is_compiled_is_seen():
    other = AcceptingBackend(priority=9)

    class Announcing(AcceptingBackend):
        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            registry.add("other", other)
            return super().compile_group(group, options)

    fused, x = fuse(lambda x: x + 1), np.zeros(3)
    with installed("fake", Announcing(priority=5)):
        try:
            fused(x)
            fused(x)
        finally:
            registry.remove("other")
    assert other.launches == 1


def test_a_value_that_was_looked_at(backend):
    fused = fuse(lambda x: x / x.shape[0] if x.shape[0] > 3 else x)
    for size in (2, 4, 2, 4):
        np.testing.assert_array_equal(fused(np.ones(size)), np.ones(size) / size if size > 3 else np.ones(size))


def test_results_are_new_arrays(backend):
    def f(x):
        return x.mean(), np.full_like(x, 3.0), x.T, np.asarray(x.size)

    fused = fuse(f)
    x = np.ones((2, 3))
    first = fused(x)
    first[1][...] = 9.0
    if isinstance(first[3], np.ndarray):
        first[3][...] = 7
    second = fused(x)
    for own, true in zip(second, f(x), strict=True):
        np.testing.assert_array_equal(own, true)


def test_errors_come_each_time(backend):
    fused = fuse(lambda x: x.max())
    for _ in range(3):
        with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
            fused(np.empty(0))
    power = fuse(lambda x, y: x**y)
    x, y = np.array([2, 3]), np.array([1, 2])
    for _ in range(2):
        assert power(x, y).tolist() == [2, 9]
        with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed"):
            power(x, -y)


def test_chains_are_kept_too(looks):
    def softmax(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    plugin = ChainingBackend()
    fused = fuse(softmax)
    with installed("fake", plugin), use_backends("fake"):
        for shape in ((100, 7), (3, 7), (100, 7), (3, 7)):
            x = np.random.default_rng(0).normal(size=shape)
            np.testing.assert_allclose(fused(x), softmax(x), rtol=1e-12)
    assert plugin.launches == 1 + 3 + 1 + 3
    assert len(looks) == 2


def test_out_goes_the_long_way(backend):
    fused = fuse(lambda x: x + 1)
    x, out = np.zeros(3), np.empty(3)
    fused(x)
    assert fused(x, out=out) is out
    assert out.tolist() == [1.0] * 3
