"""Prepared calls: served by addresses alone from the third call on, and never when anything else has changed."""

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse
from fuser_core.arrays import register_array_kind
from fuser_core.backend import hookimpl
from fuser_core.config import use_backends
from fuser_core.testing.devices import DeviceArray, DeviceArrays, DeviceBackend, device_array, host_array
from fuser_core.testing.fakes import installed
from unit.devices.repeated import check, served

X = np.arange(12.0).reshape(3, 4)
FACTOR = 2.0


def test_a_launch_is_prepared_once(backend):
    fused = fuse(lambda x, y: x * y + 1)
    for turn in range(6):
        x, y = X + turn, X * turn
        found = fused(device_array(x), device_array(y))
        np.testing.assert_array_equal(host_array(found), x * y + 1)
        assert served(fused) == (turn > 1)
    assert backend.prepared == 1
    assert backend.streams == [7] * 4


def test_other_layouts_are_prepared_apart(backend):
    fused = fuse(lambda x: x * 2)
    for prepared, array in enumerate((X, X.T, X[:, ::2], X[::-1], X[1:], X[0], X.astype("f4")), start=1):
        assert check(fused, array * 2, device_array(array))
        assert backend.prepared == prepared
    for array in (X, X.T, X[0]):
        assert check(fused, array * 2, device_array(array), calls=1)
    assert backend.prepared == 7


def test_memory_off_the_boundaries_is_prepared_apart(backend):
    fused = fuse(lambda x, y: x + y)
    x = device_array(np.arange(40.0))
    for prepared, start in ((1, 0), (1, 4), (2, 1), (2, 3)):
        assert check(fused, np.arange(40.0)[start : start + 8] * 2, x[start : start + 8], x[start : start + 8])
        assert backend.prepared == prepared


def test_new_memory_off_the_boundaries_goes_another_way(backend, kind):
    fused = fuse(lambda x: x + 1)
    x = device_array(X)
    assert check(fused, X + 1, x)
    before = len(backend.streams)
    kind.misplaced = 8
    check(fused, X + 1, x)
    assert len(backend.streams) == before
    kind.misplaced = 0
    assert check(fused, X + 1, x, calls=1)
    assert len(backend.streams) == before + 1


def test_constants_and_names_are_told_apart(backend):
    fused = fuse(lambda x, y, flag=True: x - y if flag else y - x)
    x, y = device_array(X), device_array(X * 3)
    assert check(fused, X - X * 3, x, y)
    assert check(fused, X * 3 - X, x, y, False)
    assert check(fused, X * 3 - X, x, flag=False, y=y)
    assert check(fused, X * 3 - X, y=x, x=y)
    assert check(fused, X - X * 3, x=x, y=y, calls=4)
    target = device_array(np.zeros_like(X))
    assert fused(x, y, out=target) is target
    assert not served(fused)
    np.testing.assert_array_equal(host_array(target), X - X * 3)


def test_an_array_that_is_given_twice_is_one(backend):
    fused = fuse(lambda x, y: x * y if x is y else x + y)
    x, y = device_array(X), device_array(X)
    for _ in range(2):
        assert check(fused, X + X, x, y)
        assert not check(fused, X * X, x, x)
    assert check(fused, X + X, x, x[:])  # the same memory, another array
    assert check(fuse(lambda x, s, t: x * s * t), X * 4, x, 2.0, 2.0)


def test_changed_surroundings_are_seen(backend, monkeypatch):
    fused = fuse(lambda x: x * FACTOR)
    assert check(fused, X * 2, device_array(X))
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    assert check(fused, X * 3, device_array(X))


def test_arrays_of_the_surroundings_are_read_anew(backend):
    weights = device_array(np.arange(4.0))
    fused = fuse(lambda x: x * weights)
    assert check(fused, X * np.arange(4.0), device_array(X))
    host_array(weights)[...] = 5
    assert check(fused, X * 5, device_array(X), calls=1)
    moved = device_array(np.full(4, 2.0))
    weights.memory, weights.offset = moved.memory, moved.offset
    assert check(fused, X * 2, device_array(X), calls=1)
    weights.shape, weights.strides = (1,), (8,)
    assert check(fused, X * 2, device_array(X))
    weights = device_array(np.arange(1.0, 5.0))
    assert check(fused, X * np.arange(1.0, 5.0), device_array(X))


def test_several_arrays_of_the_surroundings(backend):
    scale, shift = device_array(np.full(4, 2.0)), device_array(np.arange(4.0))
    fused = fuse(lambda x, n: x * scale + shift if n else x * shift + scale)
    for n in (1, 0, 1, 0):  # two calls of one key
        assert check(fused, X * 2 + np.arange(4.0) if n else X * np.arange(4.0) + 2, device_array(X), n)
    for each in (shift, scale):
        each.shape, each.strides = (1,), (8,)
        for n in (1, 0):
            kept, moved = host_array(scale), host_array(shift)
            assert check(fused, X * kept + moved if n else X * moved + kept, device_array(X), n)


def test_settings_are_asked(kind, backend):
    other = DeviceBackend()
    fused = fuse(lambda x: x - 1)
    assert check(fused, X - 1, device_array(X))
    with installed("other", other):
        with use_backends("other"):
            assert check(fused, X - 1, device_array(X))
            assert fused.last_run.backend == "other"
        check(fused, X - 1, device_array(X))
    assert check(fused, X - 1, device_array(X))
    assert fused.last_run.backend == "on_device"


def test_results_are_new_arrays(backend):
    fused = fuse(lambda x: (x + 1, x * 2))
    x = device_array(X)
    results = [fused(x) for _ in range(5)]
    memories = {id(each.memory) for pair in results for each in pair}
    assert len(memories) == 10
    assert id(x.memory) not in memories


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: {"sum": x + y, "products": x * y},
        lambda x, y: [x * 2] * 2,
        lambda x, y: (x * 2,),
        lambda x, y: (x * y, x + y, x * y),
        lambda x, y: x[1:] - y[:-1],
        lambda x, y: (x * y).T,
        lambda x, y: x.sum(axis=1, keepdims=True),
        lambda x, y: np.exp(x - x.max(axis=1, keepdims=True)) / np.exp(y).sum(),
        lambda x, y: (x - x.mean(axis=0)) / (y.std() + 1),
        lambda x, y: x.reshape(-1) * y.reshape(-1) * x.shape[0],
    ],
)
def test_programs_of_several_kernels_and_results(agree, function):
    assert served(agree(function, X, X + 1))


def test_results_in_containers_and_constants_among_them(backend):
    fused = fuse(lambda x: (x + 1, [x * 2, None, {"three": 3}]))
    for _ in range(4):
        first, (second, nothing, constant) = fused(device_array(X))
        np.testing.assert_array_equal(host_array(first), X + 1)
        np.testing.assert_array_equal(host_array(second), X * 2)
        assert (nothing, constant) == (None, {"three": 3})
    assert served(fused)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: (x, x * 2),  # an argument is returned
        lambda x, y: (x * 2)[::2],  # part of what is computed
        lambda x, y: x.T.reshape(-1) * 2 + y.reshape(-1),  # may be copied
        lambda x, y: np.concatenate([x, y]),
        lambda x, y: x ** y.astype("i8") * 2,
    ],
)
def test_all_else_goes_as_before(agree, function):
    agree(function, X, X + 1)


def test_streams(backend):
    fused = fuse(lambda x, y: x + y)
    x, y = device_array(X), device_array(X)
    assert check(fused, X + X, x, y)
    x.stream = y.stream = 9
    assert check(fused, X + X, x, y)
    assert backend.streams[-1] == 9
    y.stream = 7
    assert not check(fused, X + X, x, y)


def test_arrays_of_two_kinds_are_described(backend):
    class Other(DeviceArray):
        """Of another library."""

    class OtherArrays(DeviceArrays):
        def takes(self, type_):
            return type_ is Other

    register_array_kind(OtherArrays())
    x = device_array(X)
    other = Other(x.memory, x.offset, x.device, x.dtype, x.shape, x.strides)
    fused = fuse(lambda x, y: x + y)
    assert not check(fused, X + X, x, other)
    assert check(fused, X + X, x, device_array(X))


def test_refused_arrays_stay_refused(backend, kind):
    fused = fuse(fallback=False)(lambda x: x * 2)
    assert check(fused, X * 2, device_array(X))
    swapped = device_array(X.astype(">f8"))
    with pytest.raises(FusionDeclinedError, match="big-endian"):
        fused(swapped)


def test_a_backend_need_not_prepare(kind):
    class Plain(DeviceBackend):
        prepare = None

    for backend in (DeviceBackend(prepares=False), Plain()):
        with installed("plain", backend):
            fused = fuse(lambda x, s: x * s)
            assert not check(fused, X * 2, device_array(X), 2.0, calls=6)
            assert backend.prepared == 0


def test_a_hook_that_breaks_off_is_told(kind):
    class Broken(DeviceBackend):
        @hookimpl
        def prepare(self, kernel, inputs, outputs):
            return "soon"

    with installed("broken", Broken()):
        fused = fuse(lambda x: x * 2)
        fused(device_array(X))
        with pytest.warns(UserWarning, match="its hook prepare returned 'soon' instead of a prepared launch"):
            fused(device_array(X))
        assert not check(fused, X * 2, device_array(X))


def test_large_arrays_are_not_made_twice(backend, monkeypatch):
    monkeypatch.setattr("fuser_core.preparing._LARGE", X.nbytes)
    assert not check(fuse(lambda x: x * 2), X * 2, device_array(X))
    assert check(fuse(lambda x: x.sum(axis=0)), X.sum(axis=0), device_array(X))
