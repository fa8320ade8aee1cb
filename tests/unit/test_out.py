"""``out=``: written directly where that is safe, right where arrays overlap, and refused in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import ArgumentError, fuse
from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(6.0).reshape(2, 3)


@fuse
def _fused(x, y):
    return x * 2 + y


@fuse
def _several(x, y):
    return x + y, {"total": (x - y).sum(axis=0)}


def test_the_given_array_is_returned(compiler):
    out = np.empty((2, 3))
    assert _fused(X, X, out=out) is out
    np.testing.assert_array_equal(out, 3 * X)


def test_kernels_write_directly():
    class Spy(AcceptingBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            super().launch(kernel, inputs, outputs, threads)
            written.extend(desc.array for desc in outputs)

    out, written = np.empty((2, 3), order="F"), []
    with installed("spy", Spy()):
        _fused(X, X, out=out)
    assert written[0].base is out  # a view, so that a backend cannot change the array object


@given(st.data())
def test_overlap_is_safe(data):
    memory = np.arange(24.0)

    def part():
        start = data.draw(st.integers(0, 8))
        step = data.draw(st.sampled_from([1, 2, -1, -2]))
        taken = memory[start : start + 16][::step][:6]
        return taken if data.draw(st.booleans()) or taken.size != 6 else taken.reshape(2, 3).T.reshape(6)

    x, y, out = part(), part(), part()
    expected = x * 2 + y
    assert _fused(x, y, out=out) is out
    np.testing.assert_array_equal(out, expected)


@given(st.permutations([0, 1, 2]))
def test_overlap_through_several_kernels_is_safe(order):
    memory = np.arange(27.0).reshape(3, 3, 3)
    x = memory[0].T
    y, out = (memory[position].transpose(1, 0) for position in order[:2])
    out = memory[0] if order[2] else out
    expected = (x - x.max(axis=0)) + y.sum()
    fused = fuse(lambda x, y: (x - x.max(axis=0)) + y.sum())
    np.testing.assert_array_equal(fused(x, y, out=out), expected)


def test_several_results():
    first, total = np.empty((2, 3)), np.empty(3)
    result = _several(X, 1.0, out=(first, {"total": total}))
    assert result[0] is first
    assert result[1]["total"] is total
    np.testing.assert_array_equal(first, X + 1)
    np.testing.assert_array_equal(total, (X - 1).sum(axis=0))


def test_some_of_several_results():
    total = np.empty(3)
    result = _several(X, 1.0, out=(None, {"total": total}))
    assert result[1]["total"] is total
    np.testing.assert_array_equal(result[0], X + 1)


def test_one_array_for_equal_results():
    first, second = np.empty((2, 3)), np.empty((2, 3))
    fuse(lambda x: (x + 1, x + 1))(X, out=(first, second))
    np.testing.assert_array_equal(first, X + 1)
    np.testing.assert_array_equal(second, X + 1)


def test_outs_that_overlap_each_other():
    memory = np.zeros(4)
    expected = np.zeros(4)
    expected[:3], expected[1:] = X[0] + 1, X[0] * 2
    fuse(lambda x: (x + 1, x * 2))(X[0], out=(memory[:3], memory[1:]))
    np.testing.assert_array_equal(memory, expected)


@pytest.mark.parametrize("dtype", ["f4", "c16", ">f8"])
def test_results_are_cast_as_a_ufunc_casts(dtype):
    out = np.empty((2, 3), dtype)
    assert _fused(X, X, out=out) is out
    np.testing.assert_array_equal(out, (3 * X).astype(dtype))


def test_unsafe_casts_raise_as_numpy_s():
    out = np.zeros((2, 3), np.int64)
    with pytest.raises(TypeError, match=r"Cannot cast .*float64.*int64.* according to the rule 'same_kind'"):
        _fused(X, X, out=out)
    np.testing.assert_array_equal(out, 0)


def test_a_wrong_shape_raises_as_numpy_s():
    with pytest.raises(ValueError, match="shape"):
        _fused(X, X, out=np.empty((3, 2)))
    with pytest.raises(ValueError, match="shape"):
        _fused(X, X, out=np.empty(3))


def test_a_larger_out_is_filled_as_by_a_ufunc():
    out = np.empty((2, 2, 3))
    assert _fused(X, X, out=out) is out
    np.testing.assert_array_equal(out, np.broadcast_to(3 * X, (2, 2, 3)))


def test_scalars_into_out():
    out = np.empty(())
    assert fuse(lambda x: x.sum())(X, out=out) is out
    assert out == X.sum()


def test_views_and_arguments_into_out():
    out = np.empty((3, 2))
    assert fuse(lambda x: x.T)(X, out=out) is out
    np.testing.assert_array_equal(out, X.T)


def test_what_is_captured_or_constant_is_written_too():
    weights, out = np.full(3, 7.0), np.zeros(3)
    result = fuse(lambda x: weights)(X, out=out)
    assert result is out
    np.testing.assert_array_equal(out, weights)


def test_a_number_of_arrays_that_does_not_fit_is_told():
    with pytest.raises(ArgumentError, match="out= holds one array and the function returns a tuple of 2 arrays"):
        _several(X, 1.0, out=np.empty(3))
    with pytest.raises(ArgumentError, match=r"out= holds a tuple of 3 arrays and .* returns a tuple of 2 arrays"):
        _several(X, 1.0, out=(None, None, None))


@pytest.mark.parametrize("out", [object(), "text", 3.0])
def test_something_else_than_an_array_is_told(out):
    with pytest.raises(ArgumentError, match=r"out= must be a numpy.ndarray, not a "):
        _fused(X, X, out=out)


def test_a_read_only_array_is_told_as_read_only():
    out = np.empty((2, 3))
    out.flags.writeable = False
    with pytest.raises((ArgumentError, ValueError), match="read-only"):
        _fused(X, X, out=out)


def test_a_function_with_its_own_out_keeps_it(agree):
    def plain(x, out=2.0):
        return x * out

    agree(plain, X)
    agree(plain, X, out=3.0)


def test_out_for_arguments_that_are_not_fused():
    masked, out = np.ma.masked_greater(X, 3), np.zeros((2, 3))
    with pytest.warns(UserWarning, match="MaskedArray is a subclass of ndarray"):
        assert _fused(masked, X, out=out) is out
    first, total = np.zeros((2, 3)), np.zeros(3)
    with pytest.warns(UserWarning, match="MaskedArray"):
        _several(masked, 1.0, out=(first, {"total": total}))


def test_nested_out_is_never_dropped():
    inner = fuse(lambda x: x * 2)

    def plain(x):
        t = x + 0
        np.multiply(x, 2, out=t)
        return t

    def nested(x):
        t = x + 0
        inner(x, out=t)
        return t

    np.testing.assert_array_equal(fuse(nested)(X), plain(X))
