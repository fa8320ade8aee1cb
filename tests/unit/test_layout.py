"""Memory layout: the order of axes of a result is NumPy's own ``order='K'``."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.layout import keep_order, same_memory


@st.composite
def _operands(draw):
    rank = draw(st.integers(1, 4))
    shape = draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank))
    arrays = []
    for _ in range(draw(st.integers(1, 3))):
        own = [draw(st.sampled_from([size, 1])) for size in shape]
        order = draw(st.permutations(range(rank)))
        steps = [draw(st.sampled_from([1, 1, 2, -1, -2])) for _ in range(rank)]
        base = np.ones([own[axis] * abs(steps[axis]) for axis in order])
        array = base.transpose(np.argsort(order))
        array = array[tuple(slice(None, None, step) for step in steps)]
        if draw(st.booleans()):
            array = np.broadcast_to(array, shape)
        elif draw(st.booleans()):
            array = array[(0,) * draw(st.integers(0, rank - 1))]
        arrays.append(array)
    return arrays


def _ufunc(count):
    return {1: np.negative, 2: np.add, 3: lambda a, b, c, out=None: np.add(np.add(a, b), c)}[count]


def _memory_order(array):
    """Axes of more than one element, slowest first."""
    axes = [axis for axis in range(array.ndim) if array.shape[axis] > 1]
    return sorted(axes, key=lambda axis: -abs(array.strides[axis]))


@settings(max_examples=300)
@given(_operands())
def test_the_order_is_numpy_s(arrays):
    shape = np.broadcast_shapes(*[array.shape for array in arrays])
    flags = [*[["readonly"]] * len(arrays), ["writeonly", "allocate"]]
    expected = np.nditer([*arrays, None], op_flags=flags).operands[-1]
    order = keep_order(arrays, shape)
    order = tuple(range(len(shape))) if order is None else order
    assert [axis for axis in order if shape[axis] > 1] == _memory_order(expected)


@given(_operands().filter(lambda arrays: len(arrays) < 3))
def test_fused_results_lie_as_a_ufunc_s(arrays):
    ufunc = _ufunc(len(arrays))
    fused = _FUSED[len(arrays)](*arrays)
    assert _memory_order(fused) == _memory_order(ufunc(*arrays))


_FUSED = {1: fuse(lambda a: -a), 2: fuse(lambda a, b: a + b)}


def test_the_same_memory():
    array = np.arange(6.0)
    assert same_memory(array, array[:])
    assert not same_memory(array, array.copy())
    assert not same_memory(array, array[::-1])
    assert not same_memory(array, array.view(np.int64))
    assert not same_memory(array[:3], array[3:])
    assert not same_memory(array, array.reshape(2, 3))
