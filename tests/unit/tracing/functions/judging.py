"""How a traced function of NumPy's is judged: by what NumPy itself returns, to the bit or within a stated bound."""

import warnings

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse
from fuser_core.testing.compare import assert_agrees
from fuser_core.tree import flatten

_KINDS = (OverflowError, ZeroDivisionError, IndexError, ValueError, TypeError)


def judge(function, *args, ulps=0):
    """Assert that a function is traced and does what NumPy does; return whether it has results.

    Results agree to the bit, or where ``ulps`` is given within so many units in the last place of the largest
    result's. An error must be of a kind that catches NumPy's.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = function(*args)
        except _KINDS as error:
            expected = error
        fused = fuse(function)
        if isinstance(expected, Exception):
            kind = next(kind for kind in _KINDS if isinstance(expected, kind))
            with pytest.raises(kind):
                fused(*args)
            return False
        warnings.simplefilter("error", FuserWarning)
        for _ in range(2):
            _assert_same_tree(fused(*args), expected, ulps)
        assert fused.last_run.backend != "python", "the function was called as it is"
    return True


def is_near(found, wanted, ulps):
    """Say whether two results agree within units in the last place of the largest element."""
    try:
        _assert_near(np.asarray(found), np.asarray(wanted), ulps)
    except AssertionError:
        return False
    return True


def _assert_same_tree(actual, expected, ulps):
    left, right = [], []
    assert flatten(actual, left) == flatten(expected, right)
    for position, (found, wanted) in enumerate(zip(left, right, strict=True)):
        if ulps and isinstance(wanted, np.ndarray | np.generic):
            _assert_near(found, wanted, ulps)
        elif isinstance(wanted, np.ndarray | np.generic):
            assert_agrees(found, wanted, what=f"result {position}")
        else:
            assert type(found) is type(wanted)
            assert found == wanted


def _assert_near(found, wanted, ulps):
    assert type(found) is type(wanted)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if wanted.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, wanted)
        return
    magnitudes = np.abs(np.ravel(wanted))
    largest = float(np.max(magnitudes, initial=0.0, where=np.isfinite(magnitudes)))
    bound = ulps * float(np.finfo(wanted.dtype).eps)
    np.testing.assert_allclose(found, wanted, rtol=bound, atol=bound * largest)
