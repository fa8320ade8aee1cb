"""Sizes: symbolic integers, so that a new size compiles nothing, unless the function forces one to be a Python int."""

import numpy as np
import pytest

from fuser_core import fuse


def _ramp(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


def test_a_new_size_recompiles_nothing(compiler, traces, same):
    def plain(x):
        return x / x.shape[0] + x.size - 2 * x.shape[-1] ** 2

    fused = fuse(plain)
    for shape in [(3, 4), (5, 2), (7, 7), (0, 3)]:
        same(fused(_ramp(*shape)), plain(_ramp(*shape)))
    assert len(traces) == 1
    assert len(compiler.compiled) == 1


def test_the_mean_needs_no_new_kernel_for_a_new_size(compiler, same):
    fused = fuse(lambda x: x - x.mean(axis=0))
    fused(_ramp(3, 2))
    kernels = len(compiler.compiled)
    for rows in (3, 4, 9):
        same(fused(_ramp(rows, 2)), _ramp(rows, 2) - _ramp(rows, 2).mean(axis=0))
    assert len(compiler.compiled) == kernels


def test_equal_sizes_are_guarded(same):
    fused = fuse(lambda x, y: x + y)
    same(fused(_ramp(3), _ramp(3)), 2 * _ramp(3))
    same(fused(_ramp(5), _ramp(5)), 2 * _ramp(5))
    with pytest.raises(ValueError, match=r"operands could not be broadcast together with shapes \(3,\) \(4,\)"):
        fused(_ramp(3), _ramp(4))
    same(fused(_ramp(4), _ramp(4)), 2 * _ramp(4))


def test_a_size_that_becomes_one_broadcasts(same):
    fused = fuse(lambda x, y: x + y)
    for left, right in [((3, 4), (3, 4)), ((3, 4), (1, 4)), ((3, 4), (3, 1)), ((1, 1), (3, 4)), ((3, 4), (4,))]:
        same(fused(_ramp(*left), _ramp(*right)), _ramp(*left) + _ramp(*right))


def test_a_slice_of_length_one_broadcasts(same):
    def plain(x, y):
        return x[1:] + y

    fused = fuse(plain)
    for rows in (4, 2, 4):
        same(fused(_ramp(rows), _ramp(3)), plain(_ramp(rows), _ramp(3)))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: sum(x[:, column] for column in range(x.shape[1])),
        lambda x: x * len(x),
        lambda x: x * int(x.shape[0]),
        lambda x: x * float(x.size),
        lambda x: x + np.arange(x.shape[1]),
        lambda x: x + [0.0, 1.0, 2.0, 3.0, 4.0, 5.0][x.shape[1]],
    ],
)
def test_a_forced_size_guards(function, traces, same):
    fused = fuse(function)
    for shape in [(3, 4), (3, 4), (2, 5), (3, 4)]:
        same(fused(_ramp(*shape)), function(_ramp(*shape)))
    assert len(traces) == 2


def test_explain_tells_of_a_forced_size():
    fused = fuse(lambda x: x * len(x))
    assert "is 3, which the function asked for at" in fused.explain(_ramp(3))
    assert "test_sizes.py:" in fused.explain(_ramp(3))


def test_a_branch_on_a_size_guards_the_outcome(traces, same):
    def plain(x):
        return x * 2 if x.shape[0] > 3 else -x

    fused = fuse(plain)
    for rows in (4, 5, 6, 2, 3, 7):
        same(fused(_ramp(rows)), plain(_ramp(rows)))
    assert len(traces) == 2


def test_rank_and_dtype_are_concrete(agree):
    def plain(x):
        return (x * x.ndim + np.finfo(x.dtype).eps, x.dtype == np.float32, np.ndim(x), np.shape(x), np.size(x))

    agree(plain, _ramp(2, 3))
    agree(plain, _ramp(3).astype(np.float32))


def test_sizes_can_be_returned(agree):
    agree(lambda x: (x.shape, x.size, len(x), np.size(x, 1), x.shape[0] * 2 > 5), _ramp(2, 3))
    agree(lambda x: (x.shape, x.size), np.array(3.0))


def test_the_size_of_a_derived_array(agree):
    agree(lambda x, y: ((x + y).shape, x[1:].shape, x.T.shape, x.sum(axis=0).shape), _ramp(3, 4), _ramp(4))


def test_len_of_a_0_d_array_raises_as_numpy_does(agree):
    agree(lambda x: x * len(x), np.array(3.0))
    with pytest.raises(TypeError, match=r"len\(\) of unsized object"):
        fuse(lambda x: x * len(x))(np.array(3.0))


def test_empty_arrays(agree):
    agree(lambda x: (x + 1, x.sum(), x.sum(axis=0), x.prod(axis=1), x.any(), x.all()), np.empty((0, 3)))
    agree(lambda x: x.min(), np.empty((0, 3)))
    agree(lambda x: x.max(axis=1), np.empty((0, 3)))
    with pytest.raises(ValueError, match="zero-size array to reduction operation minimum which has no identity"):
        fuse(lambda x: x.min())(np.empty(0))
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum which has no identity"):
        fuse(lambda x: x.max(axis=0))(np.empty((0, 3)))
