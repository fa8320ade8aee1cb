"""What a traced array offers beside functions: attributes, assignment to all of it, rounding, copies; and what not."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import copy
import itertools
import pickle

import numpy as np
import pytest

from fuser_core import TraceError, UntraceableError, fuse

X = np.arange(6.0).reshape(2, 3)
SCALAR = np.float64(2.567)


def _whole(x):
    result = np.empty_like(x)
    result[:] = x + 1
    result[...] = result * 2
    result[:, ...] = 3 - result
    return result


def _number(x):
    result = np.zeros_like(x, dtype=np.int16)
    result[:] = 7.9
    return result


def _row(x):
    result = np.zeros_like(x)
    result[...] = x[:1]
    result[:, :] += x[0]
    return result


def _leading_ones(x):
    result = np.zeros_like(x)
    result[...] = x[None]
    return result


def _filled(x):
    result = x * 0
    result.fill(2)
    return result


def _zero_d(x):
    result = np.zeros_like(x[0, 0])
    result += x[1, 1]
    result[...] = result * 2
    return result, result + 1


@pytest.mark.parametrize("function", [_whole, _number, _row, _leading_ones, _filled, _zero_d])
def test_assignment_to_the_whole(agree, function):
    fused = agree(function, X)
    assert fused.last_run.backend != "python"


def test_what_does_not_fit_raises_as_numpy_does(agree):
    def too_large(x):
        result = x[0] * 1
        result[:] = x
        return result

    def beyond(x, n):
        result = np.zeros_like(x, dtype=np.uint8)
        result[...] = n
        return result

    agree(too_large, X)
    agree(beyond, X, 300)
    with pytest.raises(OverflowError, match="Python integer 300 out of bounds for uint8"):
        fuse(beyond)(X, 300)
    with pytest.raises(ValueError, match=r"could not broadcast input array from shape \(2, 3\) into shape \(3,\)"):
        fuse(too_large)(X)
    with pytest.raises(TypeError, match="'float64' object does not support item assignment"):
        fuse(lambda x: x.__setitem__(..., 1))(SCALAR)


def test_attributes(agree):
    def read(x):
        return x.shape, x.size, x.nbytes, x.itemsize, x.ndim, x.dtype, x.T, x.mT, x.real, x.imag

    assert agree(read, X).last_run.backend != "python"


@pytest.mark.parametrize("name", ["real", "imag", "shape", "dtype", "strides", "flat"])
def test_assigning_to_an_attribute_is_refused(name, same):
    def assign(x):
        result = x * 2
        setattr(result, name, getattr(X, name) if name != "flat" else 3)
        return result

    with pytest.raises(
        UntraceableError, match=rf"assigning to the attribute '{name}' at .*test_arrays\.py:\d+.*make a new"
    ):
        fuse(fallback=False)(assign)(X)


def test_an_array_takes_no_new_attributes():
    with pytest.raises(AttributeError, match="a traced array has no attribute 'unit', and takes no new one"):
        fuse(lambda x: setattr(x * 2, "unit", "m"))(X)


def test_the_builtin_round(agree):
    agree(lambda x: round(x), X)
    agree(lambda x: (round(x, 1), round(x, -1), round(x)), SCALAR)
    with pytest.raises(TypeError, match=r"type numpy\.ndarray doesn't define __round__ method; use numpy\.round"):
        fuse(lambda x: round(x))(X)
    with pytest.raises(TraceError, match=r"round\(\) of a traced array at .*test_arrays\.py"):
        fuse(lambda x: round(x.sum()))(X)


def test_copies(agree):
    def copied(x):
        shallow, deep = copy.copy(x), copy.deepcopy(x)
        shallow += 1
        deep -= 1
        return x, shallow, deep

    agree(copied, X)


def test_pickling_is_refused():
    with pytest.raises(TraceError, match=r"pickling of a traced array at .*test_arrays\.py.*return it, and pickle"):
        fuse(lambda x: pickle.dumps(x))(X)


@pytest.mark.parametrize("index", [[0, 1], [-1], np.array([[0, 1], [1, 0]]), np.array([1], np.uint8)])
def test_arrays_of_integers_look_elements_up(agree, index):
    for function in (lambda x: x[index], lambda x: x[..., index], lambda x: x[:, index] * 2):
        assert agree(function, X).last_run.backend != "python"


def test_an_index_out_of_bounds_raises_at_each_call():
    fused = fuse(lambda x, i: x[i])
    np.testing.assert_array_equal(fused(X, np.array([1])), X[[1]])
    with pytest.raises(IndexError, match="index 2 is out of bounds for axis 0 with size 2"):
        fused(X, np.array([2]))


def test_views_of_arrays_that_were_computed_twice_share_no_memory():
    results = fuse(lambda x: (np.ravel(x + 1), np.ravel(x + 1), np.broadcast_to(x + 1, (2, 3)), (x + 1)[1:]))(
        np.ones(3)
    )
    assert not any(np.may_share_memory(a, b) for a, b in itertools.combinations(results, 2))
