"""What tests of the core share: no installed compiler, a fake one on request, and a comparison with plain NumPy."""

import copy
import sys
import warnings
from importlib.metadata import entry_points

import numpy as np
import pytest
from hypothesis import settings

from fuser_core import fuse, refresh_backends
from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.errors import FuserWarning
from fuser_core.testing.fakes import AcceptingBackend, installed

settings.register_profile("fuser_core unit", max_examples=25, deadline=None, derandomize=True)
settings.load_profile("fuser_core unit")


@pytest.fixture(scope="module", autouse=True)
def _no_compilers():
    """Make these tests independent of the backends that happen to be installed."""
    others = sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - {"fallback_numpy"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUSER_DISABLE", ",".join(others))
        refresh_backends()
        yield
    refresh_backends()


@pytest.fixture
def compiler():
    """A compiler named ``fake`` that accepts everything; ``compiler.compiled`` lists what it was asked to compile."""
    backend = AcceptingBackend()
    with installed("fake", backend):
        yield backend


@pytest.fixture
def traces(monkeypatch):
    """A list that grows by one item with every trace of a fused function."""
    from fuser_core import dispatch, tracing

    assert dispatch.trace_function is tracing.trace_function  # loaded by now, or it would keep the counting one
    original = tracing.trace_function
    seen = []

    def counting(*args, **kwargs):
        seen.append(1)
        return original(*args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.startswith("fuser_core") and vars(module).get("trace_function") is original:
            monkeypatch.setattr(module, "trace_function", counting)
    return seen


@pytest.fixture
def same():
    """``same(actual, expected)`` asserts equal trees: containers, types, dtypes, shapes and values."""
    return _assert_same


@pytest.fixture
def agree():
    """``agree(function, *args)`` asserts that the fused function does what the function does, twice over.

    Results, the errors raised and what is written into the arguments are compared. Returns the fused function.
    """
    return _assert_agreement


def _assert_same(actual, expected):
    if isinstance(expected, tuple | list):
        assert type(actual) is type(expected)
        assert len(actual) == len(expected)
        for left, right in zip(actual, expected, strict=True):
            _assert_same(left, right)
    elif isinstance(expected, dict):
        assert list(actual) == list(expected)
        _assert_same(list(actual.values()), list(expected.values()))
    elif isinstance(expected, np.ndarray | np.generic):
        assert type(actual) is type(expected)
        assert actual.dtype == expected.dtype
        assert actual.shape == expected.shape
        if expected.dtype.kind in "fc":
            np.testing.assert_allclose(actual, expected, rtol=_tolerance(expected.dtype))
        else:
            np.testing.assert_array_equal(actual, expected)
    else:
        assert type(actual) is type(expected)
        assert actual == expected or (actual != actual and expected != expected)  # noqa: PLR0124  NaN


def _tolerance(dtype):
    return 8 * float(np.finfo(dtype).eps)


def _assert_agreement(function, *args, **kwargs):
    fused = fuse(function)
    with np.errstate(all="ignore"):
        expected_args, expected_kwargs = copy.deepcopy((args, kwargs))
        expected = _outcome(function, expected_args, expected_kwargs)
        for _ in range(2):
            own_args, own_kwargs = copy.deepcopy((args, kwargs))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FuserWarning)
                actual = _outcome(fused, own_args, own_kwargs)
            if isinstance(expected, Exception):
                assert isinstance(actual, Exception), (
                    f"NumPy raises {expected!r}; the fused function returned {actual!r}"
                )
                assert isinstance(actual, _numpy_kind(expected)), f"NumPy raises {expected!r}, the fused one {actual!r}"
            else:
                assert not isinstance(actual, Exception), f"the fused function raised {actual!r}"
                _assert_same(actual, expected)
            _assert_same(own_args, expected_args)
            _assert_same(own_kwargs, expected_kwargs)
    return fused


def _outcome(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:  # noqa: BLE001  the exception is the outcome
        return error


def _numpy_kind(error):
    """Return the class that code around a NumPy function would catch."""
    for kind in (ZeroDivisionError, OverflowError, IndexError, KeyError, ValueError, TypeError):
        if isinstance(error, kind):
            return kind
    return type(error)
