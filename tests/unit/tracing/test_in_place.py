"""In-place operations: functionalised with NumPy's results, or refused in words; never dropped."""

import numpy as np
import pytest

from fuser_core import TraceError, fuse

X = np.array([-1.0, 0.0, 2.0])

pytestmark = pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
GRID = np.arange(6.0).reshape(2, 3)


def _augmented(x):
    t = x * 2
    t += 1
    t -= x
    t *= t
    t /= 3
    return t


def _masked(x):
    t = x * 2
    t[t < 0] = 0
    t[t > 3] = np.float64(3.5)
    return t


def _out(x):
    t = x * 2
    result = np.add(x, 1, out=t)
    return t, result


def _alias(x):
    t = x * 2
    u = t
    u += 1
    return t, u


def _copy(x):
    t = x * 2
    u = t.copy()
    u += 1
    return t, u


def _integers(x):
    t = x.astype(np.int64)
    t //= 2
    t **= 2
    t <<= 1
    return t


@pytest.mark.parametrize("function", [_augmented, _masked, _out, _alias, _copy, _integers])
def test_writing_into_own_arrays(agree, function):
    assert agree(function, X).last_run.backend != "python"


def test_writing_by_a_number_into_a_part(agree):
    def plain(x, s):
        t = x * 2
        t[x < 0] = s
        return t

    agree(plain, X, 7)
    agree(plain, X.astype(np.int32), 7.9)
    agree(plain, X.astype(np.float32), 7.9)


@pytest.mark.parametrize("number", [300, -1, 7.9])
def test_assigned_literals_are_converted_as_numpy_does(agree, number):
    def plain(x):
        t = x + x
        t[t > 0] = number
        return t

    agree(plain, np.arange(3, dtype=np.uint8))


def test_as_many_values_as_the_mask_selects():
    def plain(x):
        t = x * 2
        t[t > 0] = np.array([7.0, 8.0, 9.0])
        return t

    with pytest.raises((TraceError, ValueError), match=r"mask|assign"):
        fuse(fallback=False)(plain)(X)


def test_a_mask_has_the_array_s_shape():
    def plain(x, mask):
        t = x * 1
        t[mask] = 0
        return t

    with pytest.raises((IndexError, TraceError, ValueError), match=r"mask|boolean|assign"):
        fuse(plain)(GRID, np.ones((1, 3), bool))


@pytest.mark.parametrize("shape", [(1, 3), (3,), (2, 1)])
def test_an_in_place_result_must_not_grow(shape):
    def plain(x, y):
        t = x * 1
        t += y
        return t

    with pytest.raises((ValueError, TraceError), match=r"shape|dimensions"):
        fuse(plain)(np.ones(shape), GRID)


@pytest.mark.parametrize("shape", [(1, 3), (3,), (2, 1)])
def test_a_smaller_result_is_repeated_into_out_or_refused(shape, same):
    def plain(x, y):
        t = y * 2
        np.add(x, 1, out=t)
        return t

    try:
        result = fuse(plain)(np.ones(shape), GRID)
    except TraceError as error:
        assert "shape" in str(error)  # noqa: PT017  either outcome is right
    else:
        same(result, plain(np.ones(shape), GRID))


def test_casting_of_in_place_results(agree):
    def plain(x):
        t = x + 1
        t += 0.5
        return t

    agree(plain, np.arange(3))
    agree(plain, np.arange(3, dtype=np.float32))
    with pytest.raises(
        TypeError, match=r"(?s)Cannot cast .* from .*float64.* to .*int64.* with casting rule 'same_kind'"
    ):
        fuse(plain)(np.arange(3))


def _sum_and_old(x):
    total = x.sum()
    old = total
    total += 1
    return old, total


def _halved(x):
    total = x.sum()
    total /= 2
    return total


def _scaled(x):
    top = x.max()
    top *= x
    return top


def _element(x):
    t = x * 2
    first = t[0]
    first += 1
    t += 1
    return t, first


def _root(x):
    t = np.sqrt(x.sum())
    u = t
    u -= 1
    return t, u


@pytest.mark.parametrize("function", [_sum_and_old, _halved, _scaled, _element, _root])
def test_numpy_scalars_are_values_not_memory(agree, function):
    agree(function, np.arange(4))
    agree(function, np.arange(4.0))


def _add_to_argument(x):
    x += 1
    return x


def _out_argument(x):
    return np.add(x, 1, out=x)


def _mask_argument(x):
    x[x < 0] = 0
    return x


def _view_of_argument(x):
    v = x[1:]
    v += 1
    return x


def _no_copy_of_argument(x):
    v = x.astype(np.float64, copy=False)
    v += 1
    return v


def _clipped_into_argument(x):
    return np.clip(x, 0, 1, out=x)


@pytest.mark.parametrize(
    "function",
    [_add_to_argument, _out_argument, _mask_argument, _view_of_argument, _no_copy_of_argument, _clipped_into_argument],
)
def test_writing_into_an_argument_is_done_or_refused(function):
    expected = X.copy()
    function(expected)
    actual = X.copy()
    try:
        fuse(function)(actual)
    except TraceError as error:
        assert "test_in_place.py:" in str(error)  # noqa: PT017  either outcome is right
        np.testing.assert_array_equal(actual, X)
    else:
        np.testing.assert_array_equal(actual, expected)


def test_writing_into_an_argument_is_refused_in_words():
    message = r"writing into an argument or a captured array at .*test_in_place\.py:\d+, in \w+ .*return the new"
    with pytest.raises(TraceError, match=message):
        fuse(fallback=False)(_add_to_argument)(X.copy())


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
def test_writing_into_a_captured_array_is_done_by_the_function_itself():
    target = np.zeros(3)

    def plain(x):
        np.add(x, 1, out=target)
        return x

    np.testing.assert_array_equal(fuse(plain)(X), X)
    np.testing.assert_array_equal(target, X + 1)
    with pytest.raises(TraceError, match=r"out= is a ndarray at .*return the result, or pass out= to the fused"):
        fuse(fallback=False)(plain)(X)


def test_writing_into_an_array_made_in_the_body_is_refused():
    def plain(x):
        t = np.zeros(3)
        t += x
        return t

    with pytest.raises(TraceError, match="out= is a ndarray"):
        fuse(fallback=False)(plain)(X)

    def assigning(x):
        t = np.zeros(3)
        t[:] = x
        return t

    with pytest.raises(TraceError, match=r"conversion of a traced array to a numpy.ndarray"):
        fuse(fallback=False)(assigning)(X)
