"""Several arrays as ``out=``: filled as if every result had been computed before the first is stored."""

import numpy as np
import pytest

from fuser_core import ArgumentError, FuserWarning, fuse
from fuser_core.outputs import deliver

X, Y = np.arange(3.0), np.arange(3.0) + 10


@pytest.mark.parametrize(
    "function",
    [lambda x, y: (y, x), lambda x, y: (y[::-1], x[::-1]), lambda x, y: (y + 0, x + 0), lambda x, y: (y + x, x + 0)],
    ids=["arguments", "views", "new", "sums"],
)
def test_results_may_be_what_others_are_stored_into(function):
    x, y = X.copy(), Y.copy()
    first, second = fuse(function)(x, y, out=(x, y))
    assert first is x
    assert second is y
    for result, expected in zip((x, y), function(X, Y), strict=True):
        np.testing.assert_array_equal(result, expected)


def test_parts_of_one_array_change_places():
    memory = np.arange(8.0)
    fuse(lambda x, y: (y, x))(memory[:4], memory[4:], out=(memory[:4], memory[4:]))
    np.testing.assert_array_equal(memory, [4, 5, 6, 7, 0, 1, 2, 3])


def test_what_the_function_itself_returns_is_stored_alike():
    x, y = np.ma.array(X.copy()), np.ma.array(Y.copy())
    with pytest.warns(FuserWarning, match="MaskedArray"):
        fuse(lambda x, y: (y, x))(x, y, out=(x, y))
    np.testing.assert_array_equal(x, Y)
    np.testing.assert_array_equal(y, X)


@pytest.mark.parametrize(
    ("second", "error", "message"),
    [
        (np.zeros(3, int), TypeError, "Cannot cast .*float64.*int64.* according to the rule 'same_kind'"),
        (np.zeros(4), ValueError, "could not be broadcast"),
        (np.zeros(()), ValueError, "cannot broadcast|could not be broadcast"),
        (np.zeros(3, "M8[s]"), TypeError, "Cannot cast"),
    ],
    ids=["dtype", "shape", "rank", "datetime"],
)
def test_one_that_does_not_fit_leaves_the_others_alone(second, error, message):
    first = np.zeros(3)
    before = second.copy()
    with pytest.raises(error, match=message):
        deliver((X + 1, X * 2), (first, second))
    np.testing.assert_array_equal(first, 0)
    np.testing.assert_array_equal(second, before)


@pytest.mark.parametrize("out", [[np.zeros(3)], (), {}, (np.zeros(3),) * 2, {"a": np.zeros(3)}], ids=repr)
def test_a_container_of_another_shape_is_told(out):
    with pytest.raises(ArgumentError, match=r"out= holds a .* arrays and the function returns one array"):
        fuse(lambda x: x + 1)(X, out=out)


def test_one_of_a_read_only_pair_is_told_before_anything_is_written():
    first, second = np.zeros(3), np.zeros(3)
    second.flags.writeable = False
    with pytest.raises(ArgumentError, match="read-only"):
        fuse(lambda x: (x + 1, x * 2))(X, out=(first, second))
    np.testing.assert_array_equal(first, 0)


def test_nothing_is_wanted_of_a_tuple_of_none():
    np.testing.assert_array_equal(fuse(lambda x: x + 1)(X, out=(None,)), X + 1)


@pytest.mark.parametrize("dtype", ["O", "U32", "S32", "c16", "f4"])
def test_results_go_wherever_numpy_casts_them(dtype):
    wanted = np.empty(3, dtype)
    np.copyto(wanted, X + 1, casting="same_kind")
    out = np.empty(3, dtype)
    assert fuse(lambda x: x + 1)(X, out=out) is out
    np.testing.assert_array_equal(out, wanted)
