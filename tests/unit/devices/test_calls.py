"""Fused functions of arrays on a device: what they compute is what NumPy computes, and it stays there."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.backend import Device
from fuser_core.testing.devices import DeviceArray, device_array, host_array
from unit.devices.conftest import to_host

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6))
Y = RNG.normal(size=6)
Z = RNG.integers(1, 9, size=(4, 6))


def softmax(x):
    weights = np.exp(x - x.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


FUNCTIONS = {
    "elementwise": (lambda x, y: np.exp(x) * y + 1, X, X + 1),
    "broadcast": (lambda x, y: x * y - np.sin(y), X, Y),
    "outer": (lambda x, y: np.cos(x)[:, None] * np.sin(y), X[:, 0].copy(), Y),
    "promotion": (lambda x, y: x.astype(np.float32) * y / 3, Z, Z[0]),
    "booleans": (lambda x, y: np.where(x > y, x, y) * (x > 0), X, Y),
    "full reduction": (lambda x: (x * x).sum(), X),
    "rows": (lambda x: np.exp(x).max(axis=1), X),
    "mean and variance": (lambda x: ((x - x.mean(axis=0)) / x.std(axis=0), x.var()), X),
    "softmax": (softmax, X),
    "views": (lambda x: (x.T[::2, ::-1], x[1], x[:, 2, None] + 1), X),
    "views of results": (lambda x: (np.exp(x)[1:, ::2], np.exp(x).T), X),
    "differences": (lambda x: x[1:] - x[:-1], X),
    "reshape": (lambda x: (x.reshape(8, 3) * 2, (x + 1).reshape(-1)), X),
    "reshape that copies": (lambda x: x.T.reshape(3, 8), X),
    "ravel": (lambda x: (x.ravel() + 1, x.T.ravel()), X),
    "ravel of a reversed array": (lambda x: x[::-1].ravel(), X),
    "concatenate": (lambda x, y: np.concatenate([x, np.exp(x), y[None] + 1, x * 2]), X, Y),
    "concatenate arguments": (lambda x, y: np.concatenate([x, y], axis=1), X, X + 1),
    "stack": (lambda x, y: np.stack([x, y, x + y]), X, X + 1),
    "roll": (lambda x: np.roll(x, 2, axis=1), X),
    "number": (lambda x, s: x * s + np.sin(s), X, 2.5),
    "several numbers": (lambda x, s, t: np.where(x > t, x * s, x + t), X, 3, 0.5),
    "scalar of NumPy's": (lambda x, s: x.astype(np.float32) * s, X, np.float64(2)),
    "array without dimensions": (lambda x, s: x * s, X, np.array(2.0)),
    "number in an array": (lambda x, s: np.concatenate([x.ravel(), np.full(3, s)]), X, 2.0),
    "sizes": (lambda x: x / len(x) + x.shape[1], X),
    "containers": (lambda x, y: {"sum": x + y, "parts": x * y}, X, Y),
    "powers of integers": (lambda x, y: x**y, Z, Z[0]),
    "weighted average": (lambda x, w: np.average(x, axis=0, weights=w), X, np.abs(X) + 1),
    "literal list": (lambda x: x * [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], X),
    "constant array": (lambda x: x * np.arange(6) + np.arange(6), X),
    "zeros": (lambda x: (np.zeros_like(x), np.full_like(x, 2) + np.ones(x.shape)), X),
    "complex": (lambda x: (np.abs(x + 1j * x), (x * 1j).real), X),
    "nothing": (lambda x: (x * 2, x.sum(axis=0)), X[:0]),
    "nothing concatenated": (lambda x: np.concatenate([x, x * 2]), X[:0]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_agree_with_numpy(agree, name):
    agree(*FUNCTIONS[name])


def test_fused_twice_is_warm(agree, backend, traces):
    fused = agree(lambda x, y: np.exp(x) * y, X, Y)
    assert (len(backend.compiled), len(traces)) == (1, 1)
    assert fused.last_run.backend == "on_device"
    assert not fused.last_run.direct


@pytest.mark.parametrize(
    "index",
    [np.s_[::-1], np.s_[:, ::-2], np.s_[1:3, 2:], np.s_[:, None, 3], np.s_[2], np.s_[..., 1:1]],
    ids=str,
)
def test_layouts_of_arguments(backend, index):
    x = device_array(X)[index]
    fused = fuse(lambda x: (np.exp(x), x.sum(), x.T + 1))
    for _ in range(2):
        for found, expected in zip(fused(x), (np.exp(X[index]), X[index].sum(), X[index].T + 1), strict=True):
            np.testing.assert_allclose(host_array(found), expected, rtol=1e-12)
    assert backend.compiled


def test_results_lie_as_numpy_s_do(backend):
    x = np.ones((2, 3, 4)).transpose(2, 0, 1)
    assert fuse(lambda x: x * 2)(device_array(x)).strides == (x * 2).strides


def test_views_are_memory_of_the_argument(backend):
    x = device_array(X)
    same, part, flat = fuse(lambda x: (x, x[1:, ::2], x.reshape(-1)))(x)
    assert same is x
    assert part.memory is flat.memory is x.memory
    assert backend.launches == 0


def test_views_that_the_library_has_not_are_copied(kind, backend):
    kind.views = False
    x = device_array(X)
    reverse, part = fuse(lambda x: (x[::-1], x[1:]))(x)
    np.testing.assert_array_equal(host_array(reverse), X[::-1])
    assert reverse.memory is not x.memory
    assert part.memory is x.memory
    assert backend.launches == 1


def test_numbers_go_with_a_launch(backend, kind):
    fused = fuse(lambda x, s, t: x * s + t)
    for s in (1.0, 2.0, 3.0):
        np.testing.assert_array_equal(host_array(fused(device_array(X), s, np.float64(s))), X * s + s)
    assert (backend.numbers, kind.uploads, kind.downloads) == (8, 0, 0)  # the second call is written down as well


def test_constants_are_put_on_the_device_once(backend, kind):
    fused = fuse(lambda x: x * np.arange(6))
    for _ in range(4):
        fused(device_array(X))
    fused(device_array(X[::2]))
    assert kind.uploads == 1


def test_nothing_is_read_from_the_device(backend, kind):
    fused = fuse(lambda x, y: (np.exp(x) * y, (x * y).sum(axis=0), np.concatenate([x, x])))
    for _ in range(3):
        fused(device_array(X), device_array(Y))
    assert kind.downloads == 0


def test_checks_look_at_the_device(backend, kind):
    power = fuse(lambda x, y: x**y)
    power(device_array(Z), device_array(Z))
    assert kind.downloads == 1
    with pytest.raises(ValueError, match="Integers to negative integer powers"):
        power(device_array(Z), device_array(-Z))
    average = fuse(lambda x, w: np.average(x, axis=0, weights=w))
    with pytest.raises(ZeroDivisionError, match="Weights sum to zero"):
        average(device_array(X), device_array(X - X))


def test_an_array_given_twice_is_one(backend):
    x = device_array(X)
    fused = fuse(lambda x, y: x * y)
    for _ in range(2):
        np.testing.assert_array_equal(host_array(fused(x, x)), X * X)
    assert len(backend.compiled[0].inputs) == 1


def test_captured_arrays_are_read_anew(backend):
    weights = device_array(Y)
    fused = fuse(lambda x: x * weights)
    for factor in (1, 2, 3):
        host_array(weights)[...] = Y * factor
        np.testing.assert_array_equal(host_array(fused(device_array(X))), X * (Y * factor))
    assert fused.last_run.cache == "hit"


def test_captured_arrays_alone(backend):
    weights = device_array(Y)
    fused = fuse(lambda s: weights * s)
    for s in (1.0, 2.0, 3.0):
        np.testing.assert_array_equal(host_array(fused(s)), Y * s)


def test_each_device_has_its_kernel(backend):
    fused = fuse(lambda x: x + 1)
    for index in (0, 1, 0, 1):
        result = fused(device_array(X, Device("fake", index)))
        assert result.device == Device("fake", index)
        np.testing.assert_array_equal(host_array(result), X + 1)
    assert backend.devices == [Device("fake", 0), Device("fake", 1)]


def test_new_arrays_are_on_the_stream_of_the_argument(backend):
    x = device_array(X)
    for x.stream in (1, 2, 3):
        assert fuse(lambda x: x + 1)(x).stream == x.stream


def test_numpy_arrays_and_the_device_s_take_turns(backend):
    fused = fuse(lambda x, y: np.exp(x) + y)
    for _ in range(3):
        assert isinstance(fused(X, Y), np.ndarray)
        assert isinstance(fused(device_array(X), device_array(Y)), DeviceArray)
        np.testing.assert_array_equal(fused(X, Y), host_array(fused(device_array(X), device_array(Y))))


def test_fused_functions_inside_another(backend):
    inner = fuse(lambda x: np.exp(x) * 2)
    fused = fuse(lambda x: inner(x) + inner(x * 2))
    np.testing.assert_array_equal(host_array(fused(device_array(X))), inner(X) + inner(X * 2))


def test_explain_code_and_picture(backend):
    fused = fuse(lambda x, y: (x * y).sum())
    x, y = device_array(X), device_array(Y)
    assert "1 kernel by on_device" in fused.explain(x, y)
    assert "kernel by on_device" in fused.explain(x, y)
    assert "kernel 0, on_device, fake" in fused.code(x, y)
    assert "on_device over" in str(fused.picture(x, y))


def test_values_that_the_function_looks_at(backend, traces):
    fused = fuse(lambda x, s: x + 1 if s > 2 else x - 1)
    for s in (1, 3, 1, 3):
        np.testing.assert_array_equal(host_array(fused(device_array(X), s)), X + 1 if s > 2 else X - 1)
    assert len(traces) == 2


def test_results_of_several_kinds(backend):
    found = fuse(lambda x, s: (x * s, s, 3, s + 1))(device_array(X), 2)
    assert found[1:] == (2, 3, 3)
    np.testing.assert_array_equal(to_host(found[0]), X * 2)
