"""Arrays that no kernel takes: the function itself serves the call, with one warning and the reason kept."""

# ruff: noqa: PLW0108  a lambda is the function that is fused
# ruff: noqa: PT031  the warning and the result are checked together

import warnings

import numpy as np
import pytest

from fuser_core import FuserWarning, FusionDeclinedError, fuse
from fuser_core.testing.values import arrange

X = np.arange(4.0).reshape(2, 2)

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

OTHERS = {
    "matrix": (X.view(np.matrix), "numpy.matrix is a subclass of ndarray with semantics of its own"),
    "masked": (np.ma.masked_greater(X, 2), "MaskedArray is a subclass of ndarray with semantics of its own"),
    "object": (np.array([1, 2.5], object), "arrays of dtype object hold no numbers that a kernel can compute with"),
    "datetime": (np.array(["2020-01-01"], "M8[D]"), r"arrays of dtype datetime64\[D\] hold no numbers"),
    "timedelta": (np.timedelta64(3, "s"), r"scalars of dtype timedelta64\[s\] are no numbers"),
    "longdouble": (np.ones(2, np.longdouble), "arrays of dtype float128 hold no numbers"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_the_function_itself_serves(case):
    array, reason = OTHERS[case]
    fused = fuse(_largest)
    with pytest.warns(FuserWarning, match=rf"_largest: .*{reason}.*; the function itself was called"):
        result = fused(array)
    expected = _largest(array)
    assert type(result) is type(expected)
    assert repr(result) == repr(expected)
    assert fused.last_run.backend == "python"
    assert reason.split("\\")[0] in fused.last_run.reason


def _largest(x):
    return np.maximum(x, x)


def _doubled(x):
    return x + x


def test_the_matrix_product_of_matrices():
    fused = fuse(lambda x, y: x * y)
    with pytest.warns(FuserWarning):
        np.testing.assert_array_equal(fused(X.view(np.matrix), X.view(np.matrix)), X @ X)


def test_masks_survive():
    with pytest.warns(FuserWarning):
        result = fuse(lambda x: np.sqrt(x) + 1)(np.ma.masked_greater(X, 2))
    assert result.mask.tolist() == [[False, False], [False, True]]


def test_strings():
    with pytest.warns(FuserWarning):
        assert fuse(lambda x: np.char.upper(x))(np.array(["a", "b"])).tolist() == ["A", "B"]


def test_structured_arrays():
    pairs = np.array([(1.0, 2), (3.0, 4)], [("a", "f8"), ("b", "i8")])
    with pytest.warns(FuserWarning, match="hold no numbers"):
        np.testing.assert_array_equal(fuse(lambda p: p["a"] * p["b"])(pairs), [2.0, 12.0])


def test_the_warning_comes_once_per_reason():
    fused = fuse(_doubled)
    with pytest.warns(FuserWarning) as caught:
        for _ in range(3):
            fused(np.ma.ones(3))
        fused(X.view(np.matrix))
    assert len(caught) == 2


def test_a_call_that_fuses_comes_after_one_that_does_not():
    fused = fuse(_doubled)
    with pytest.warns(FuserWarning):
        fused(np.ma.ones(3))
    np.testing.assert_array_equal(fused(X), X + X)
    assert fused.last_run.backend == "fallback_numpy"


def test_without_the_fallback_it_raises():
    with pytest.raises(FusionDeclinedError, match=r"_doubled cannot be fused: .*MaskedArray is a subclass"):
        fuse(fallback=False)(_doubled)(np.ma.ones(3))
    with pytest.raises(FusionDeclinedError, match=r"_doubled cannot be fused: .*MaskedArray"):
        fuse(_doubled).explain(np.ma.ones(3))
    with pytest.raises(FusionDeclinedError, match="_doubled cannot be fused"):
        fuse(_doubled).code(np.ma.ones(3))


def test_arrays_of_another_library():
    class Foreign:
        def __init__(self, data):
            self.data = data

        def __array__(self, dtype=None, copy=None):
            return np.asarray(self.data, dtype)

    fused = fuse(lambda x: np.add(x, 1))
    with pytest.warns(FuserWarning, match="Foreign is an array of a library that fuser_core does not know"):
        np.testing.assert_array_equal(fused(Foreign([1, 2])), [2, 3])


def test_a_captured_subclass_keeps_its_semantics():
    masked = np.ma.masked_greater(X, 2)
    fused = fuse(lambda x: x + masked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FuserWarning)
        try:
            result = fused(X)
        except TypeError as error:
            assert "MaskedArray" in str(error)  # noqa: PT017  refused or right, never a plain array
        else:
            assert isinstance(result, np.ma.MaskedArray)


@pytest.mark.parametrize("layout", ["readonly", "unaligned", "byteswapped", "strided", "reversed", "F"])
def test_any_layout_of_plain_arrays(agree, layout):
    agree(lambda x: (x * 2 + 1, x.sum(axis=0), x.copy()), arrange(X, layout))
