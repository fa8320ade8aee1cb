"""``out=`` with arrays on a device: kernels write there, or what they wrote is copied, as NumPy does."""

import numpy as np
import pytest

from fuser_core import ArgumentError, fuse
from fuser_core.backend import Device
from fuser_core.testing.devices import device_array, host_array

X = np.arange(12.0).reshape(3, 4)


def test_kernels_write_there(backend):
    fused = fuse(lambda x: x * 2 + 1)
    for target in (device_array(X * 0), device_array(np.zeros((4, 3)).T)):
        assert fused(device_array(X), out=target) is target
        np.testing.assert_array_equal(host_array(target), X * 2 + 1)
    assert backend.launches == 2


def test_the_argument_itself(backend):
    x = device_array(X)
    assert fuse(lambda x: np.exp(x) + 0)(x, out=x) is x
    np.testing.assert_array_equal(host_array(x), np.exp(X) + 0)
    assert backend.launches == 1


def test_a_view_of_the_argument(backend):
    """The kernel may not write what it still reads: its result is copied."""
    x = device_array(X)
    fuse(lambda x: x + x[::-1])(x, out=x)
    np.testing.assert_array_equal(host_array(x), X + X[::-1])
    rows = device_array(X)
    fuse(lambda x: x[1:] * 2)(rows, out=rows[:2])
    np.testing.assert_array_equal(host_array(rows)[:2], X[1:] * 2)


def test_a_view_onto_itself_turned_round(backend):
    x = device_array(X)
    fuse(lambda x: x[::-1])(x, out=x)
    np.testing.assert_array_equal(host_array(x), X[::-1])


@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_casts(backend, dtype):
    target = device_array(np.zeros((3, 4), dtype))
    fuse(lambda x: x / 3)(device_array(X), out=target)
    np.testing.assert_array_equal(host_array(target), (X / 3).astype(dtype))


def test_broadcasts(backend):
    target = device_array(np.zeros((2, 3, 4)))
    fuse(lambda x: x.sum(axis=0))(device_array(X), out=target)
    np.testing.assert_array_equal(host_array(target), np.broadcast_to(X.sum(axis=0), (2, 3, 4)))
    fuse(lambda x: x.sum())(device_array(X), out=target)
    np.testing.assert_array_equal(host_array(target), np.full((2, 3, 4), X.sum()))


def test_several_results_that_change_places(backend):
    x, y = device_array(X), device_array(X + 100)
    fuse(lambda x, y: (y, x))(x, y, out=(x, y))
    np.testing.assert_array_equal(host_array(x), X + 100)
    np.testing.assert_array_equal(host_array(y), X)


def test_some_results_have_no_place(backend):
    target = device_array(X * 0)
    first, second = fuse(lambda x: (x + 1, x * 2))(device_array(X), out=(None, target))
    assert second is target
    np.testing.assert_array_equal(host_array(first), X + 1)
    np.testing.assert_array_equal(host_array(target), X * 2)


def test_constants_and_numbers_are_stored_too(backend):
    targets = device_array(X * 0), device_array(X * 0), device_array(X * 0)
    fuse(lambda x, s: (x, s, np.arange(4.0)))(device_array(X), 5, out=targets)
    for target, expected in zip(targets, (X, 5, np.arange(4)), strict=True):
        np.testing.assert_array_equal(host_array(target), np.broadcast_to(expected, (3, 4)))


def test_nothing_is_stored_where_one_does_not_fit(backend):
    kept, narrow = device_array(X), device_array(np.zeros((3, 4), int))
    with pytest.raises(TypeError, match=r"Cannot cast scalar from .*float64"):
        fuse(lambda x: (x[::-1], x / 2))(device_array(X), out=(kept, narrow))
    with pytest.raises(ValueError, match="could not be broadcast"):
        fuse(lambda x: (x[::-1], x / 2))(device_array(X), out=(kept, device_array(np.zeros((3, 5)))))
    np.testing.assert_array_equal(host_array(kept), X)


@pytest.mark.parametrize("name", ["out", "target"])
def test_a_function_with_an_out_of_its_own(backend, name):
    """A ufunc inside the function writes to what it is given: that is a value of the trace."""
    fused = fuse(lambda x: np.add(x, 1, out=x * 0))
    np.testing.assert_array_equal(host_array(fused(device_array(X))), X + 1)


def test_where_it_has_to_be(backend):
    x, fused = device_array(X), fuse(lambda x: x + 1)
    with pytest.raises(ArgumentError, match="out= is on cpu, and what is computed on fake:0; pass an array"):
        fused(x, out=np.zeros((3, 4)))
    with pytest.raises(ArgumentError, match="out= is on fake:1, and what is computed on fake:0; pass an array"):
        fused(x, out=device_array(X, Device("fake", 1)))
    with pytest.raises(ArgumentError, match="out= is on fake:0, and what is computed on cpu; pass an array"):
        fused(X, out=x)
    with pytest.raises(ArgumentError, match="out= is a read-only array; pass one that can be written to"):
        fused(x, out=device_array(X, read_only=True))
    with pytest.raises(ArgumentError, match=r"out= must be a numpy\.ndarray.*, not a list|out= holds"):
        fused(x, out=[1.0])
