"""Arrays as odd as NumPy allows, through `fuse` and through `run_fusion`, by every backend."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from fuser_core import FuserWarning, fuse, register_fusion, run_fusion
from fuser_core.testing.runner import build


def _body(graph):
    (product,) = graph.add("np::multiply", [0, 1]).outputs
    (total,) = graph.add("np::subtract", [product, 0]).outputs
    return [total, *graph.add("np::max", [total], axis=-1).outputs]


GRAPH = build(2, _body)


@fuse
def _function(x, y):
    total = x * y - x
    return total, total.max(axis=-1)


def _numbers(shape, dtype):
    size = int(np.prod(shape))
    return (np.arange(1, size + 1) % 11).reshape(shape).astype(dtype)


def _memory(array, start, strides):
    """Return an equal array with these strides, somewhere in bytes of its own."""
    reach = sum(abs(stride) * (size - 1) for stride, size in zip(strides, array.shape, strict=True))
    below = sum(-stride * (size - 1) for stride, size in zip(strides, array.shape, strict=True) if stride < 0)
    room = np.zeros(reach + array.itemsize + start + 16, np.uint8)
    view = np.ndarray(array.shape, array.dtype, room, start + below, strides)
    view[...] = array
    return view


def _field(array, offset=1, padding=0):
    """Return an equal array that is a field of records, so that its strides are odd numbers of bytes."""
    dtype = np.dtype(
        {"names": ["f"], "formats": [array.dtype], "offsets": [offset], "itemsize": offset + array.itemsize + padding}
    )
    records = np.zeros(array.shape, dtype)
    records["f"] = array
    return records["f"]


def _readonly(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def _odd_ones(array):
    """Return an equal array whose axes of size 1 have strides that make no sense."""
    strides = [999_983 if size == 1 else stride for size, stride in zip(array.shape, array.strides, strict=True)]
    return as_strided(array, array.shape, strides)


ARRAYS = {
    "plain": lambda array: array,
    "field of 1 + n bytes": _field,
    "field of 3 + n + 2 bytes": lambda array: _field(array, 3, 2),
    "reversed field": lambda array: _field(array[::-1])[::-1] if array.ndim else _field(array),
    "unaligned": lambda array: _memory(array, 1, array.strides),
    "reversed, unaligned": lambda array: _memory(array, 5, tuple(-stride for stride in array.strides)),
    "far apart": lambda array: _memory(array, 0, tuple(7 * stride for stride in array.strides)),
    "read-only": _readonly,
    "swapped bytes": lambda array: array.astype(array.dtype.newbyteorder()),
    "swapped, unaligned field": lambda array: _field(array.astype(array.dtype.newbyteorder())),
    "Fortran": np.asfortranarray,
    "strides of ones": _odd_ones,
}
SHAPES = [(), (7,), (1,), (0,), (3, 5), (5, 1), (0, 4), (4, 0), (2, 3, 4), (33, 17), (1,) * 5 + (3,)]


def _check(x, y):
    """Compare the fused function and the graph with NumPy, and see that the arguments are as they were."""
    expected_x, expected_y = np.array(x), np.array(y)
    expected = [expected_x * expected_y - expected_x]
    expected.append(expected[0].max(axis=-1))
    stack = [x, y]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FuserWarning)
        run_fusion(register_fusion(GRAPH), stack)
        results = _function(x, y)
    for result, other, wanted in zip(results, stack, expected, strict=True):
        for each in (result, other):
            assert type(each) is type(wanted)
            assert each.dtype == wanted.dtype
            np.testing.assert_array_equal(each, wanted)
    np.testing.assert_array_equal(x, expected_x)
    np.testing.assert_array_equal(y, expected_y)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1", "c8", "f2"])
def test_every_pair_of_oddities(backend, dtype):
    for shape in SHAPES[1:]:
        if shape[-1] == 0:
            continue  # the maximum of nothing
        for left, right in itertools.product(ARRAYS, repeat=2):
            _check(ARRAYS[left](_numbers(shape, dtype)), ARRAYS[right](_numbers(shape, dtype)[::-1]))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_windows_and_repeats(backend, dtype):
    memory = _numbers((64,), dtype)
    windows = [
        sliding_window_view(memory, 8),
        sliding_window_view(memory, 8)[::-1, ::-1],
        np.broadcast_to(memory[:8], (57, 8)),
        np.broadcast_to(memory[:57, None], (57, 8)),
        np.broadcast_to(memory[:1], (57, 8)),
        as_strided(memory[56:], (57, 8), (-memory.itemsize, memory.itemsize)),
        as_strided(memory[63:], (57, 8), (0, -memory.itemsize)),
    ]
    for left, right in itertools.product(windows, repeat=2):
        _check(left, right)


def test_many_dimensions(backend):
    array = _numbers((2,) * 12, "f8")
    _check(array, array.transpose())
    tall = _numbers((2, 3), "f8").reshape((2,) + (1,) * 30 + (3,))
    _check(tall, tall[::-1])


@pytest.mark.parametrize("rank", [33, 64])
def test_as_many_dimensions_as_numpy_has(backend, rank):
    shape = (2, 1, 1, 2, 1, 3, *[1] * (rank - 7), 2)
    array = _numbers(shape, "f8").transpose(np.random.default_rng(rank).permutation(rank))
    _check(array, array[::-1, ..., ::-1])

    def body(x, y):
        return (x * y + 1).sum(axis=tuple(range(0, rank, 2))), (x - y).max(axis=-1), (x * 2)[..., 0]

    for result, expected in zip(fuse(body)(array, array[::-1]), body(array, array[::-1]), strict=True):
        np.testing.assert_array_equal(result, expected)


def test_empty_arrays(backend):
    fused = fuse(lambda x, y: (x * y + 1, x.sum(axis=0), np.where(x > y, x, y)))
    for shapes in [((0,), (0,)), ((0,), (1,)), ((0,), ()), ((3, 0), (3, 1)), ((0, 3), (1, 3)), ((0, 0), (0, 0))]:
        x, y = (np.ones(shape) for shape in shapes)
        wanted = (x * y + 1, x.sum(axis=0), np.where(x > y, x, y))
        for result, expected in zip(fused(x, y), wanted, strict=True):
            assert type(result) is type(expected)
            assert result.shape == expected.shape
            assert result.dtype == expected.dtype
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("make", [np.float64, np.array, float, int, lambda n: np.full((1,), n)])
def test_no_dimensions(backend, make):
    def body(graph):
        (product,) = graph.add("np::multiply", [0, 1]).outputs
        return [product, *graph.add("np::add", [product, 0]).outputs]

    fused = fuse(lambda x, y: (x * y, x * y + x))
    for other in (np.float32(2), np.array(2, "i2"), np.full(3, 2.0)):
        x = make(3)
        wanted = (x * other, x * other + x)
        stack = [x, other]
        run_fusion(register_fusion(build(2, body)), stack)
        for result, other_result, expected in zip(fused(x, other), stack, wanted, strict=True):
            for each in (result, other_result):
                assert type(each) is type(expected)
                assert each.dtype == expected.dtype
                np.testing.assert_array_equal(each, expected)


# Results into arrays of the caller's


@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        "unaligned",
        "reversed, unaligned",
        "far apart",
        "field of 1 + n bytes",
        "Fortran",
        "swapped bytes",
        "swapped, unaligned field",
    ],
)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_out_of_any_strides(backend, kind, dtype):
    fused = fuse(lambda x, y: x * y - x)
    for shape in SHAPES:
        x, y = _numbers(shape, dtype), _numbers(shape, dtype)[::-1] if shape else _numbers(shape, dtype)
        out = ARRAYS[kind](np.zeros(shape, dtype))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FuserWarning)
            assert fused(x, y, out=out) is out
        np.testing.assert_array_equal(out, x * y - x)


@st.composite
def _views(draw, memory, itemsize):
    """Draw an array of 6 by 4 elements anywhere in some bytes: any start, any strides, repeating ones included."""
    strides = [
        draw(st.sampled_from([0, 1, -1, 2, 3, 4, -4, 5])) * draw(st.sampled_from([itemsize, itemsize, 1, 7]))
        for _ in range(2)
    ]
    low = sum(stride * (size - 1) for stride, size in zip(strides, (6, 4), strict=True) if stride < 0)
    high = sum(stride * (size - 1) for stride, size in zip(strides, (6, 4), strict=True) if stride > 0) + itemsize
    start = draw(st.integers(-low, len(memory) - high))
    return np.ndarray((6, 4), f"i{itemsize}", memory, start, strides)


@pytest.mark.parametrize("itemsize", [4, 8])
def test_out_overlaps_anything(backend, itemsize):
    fused = fuse(lambda x, y: x * 3 - y)
    two = fuse(lambda x, y: (x * 3 - y, (x ^ y).max(axis=0)))

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def check(data):
        memory = np.random.default_rng(data.draw(st.integers(0, 50))).integers(0, 99, 2000).astype(np.uint8)
        x, y = (data.draw(_views(memory, itemsize)) for _ in range(2))
        out = data.draw(_views(memory, itemsize))
        wanted = x.copy() * 3 - y.copy()
        wanted_memory = memory.copy()
        np.ndarray((6, 4), out.dtype, wanted_memory, out.ctypes.data - memory.ctypes.data, out.strides)[...] = wanted
        before = memory.copy()
        assert fused(x, y, out=out) is out
        if _distinct(out):
            np.testing.assert_array_equal(out, wanted)
            np.testing.assert_array_equal(memory, wanted_memory)
        memory[:] = before
        largest = (x ^ y).max(axis=0)
        first, _ = two(x, y, out=(out, None))
        assert first is out
        memory[:] = before
        row = out[0]
        two(x, y, out=(None, row))
        if _distinct(row):
            np.testing.assert_array_equal(row, largest)

    check()


def _distinct(array):
    """Say whether no two elements of an array share a byte."""
    offsets = np.zeros((), int)
    for size, stride in zip(array.shape, array.strides, strict=True):
        offsets = np.add.outer(offsets, np.arange(size) * stride)
    offsets = np.sort(offsets.reshape(-1))
    return bool(np.all(np.diff(offsets) >= array.itemsize))
