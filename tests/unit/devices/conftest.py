"""What tests of devices share: a library of arrays on a device that does not exist, and a compiler for it."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.testing.devices import DeviceArray, DeviceArrays, DeviceBackend, device_array, host_array, known_devices
from fuser_core.testing.fakes import installed


@pytest.fixture
def kind():
    """The kind of the device's arrays, known to the core."""
    with known_devices(DeviceArrays()) as known:
        yield known


@pytest.fixture
def backend(kind):
    """The compiler, named ``on_device``."""
    compiler = DeviceBackend()
    with installed("on_device", compiler):
        yield compiler


def to_host(result):
    """Return a tree of results with NumPy's arrays in the place of the device's."""
    if isinstance(result, DeviceArray):
        return host_array(result)
    if isinstance(result, dict):
        return {key: to_host(value) for key, value in result.items()}
    return type(result)(map(to_host, result)) if isinstance(result, tuple | list) else result


def to_device(argument):
    """Return an argument with arrays on the device; numbers and scalars stay as they are."""
    return device_array(argument) if isinstance(argument, np.ndarray) and argument.ndim else argument


def _is_device(result):
    values = result.values() if isinstance(result, dict) else result if isinstance(result, tuple | list) else [result]
    return all(isinstance(value, DeviceArray) for value in values)


@pytest.fixture
def agree(backend):
    """``agree(function, *args)`` asserts that arrays on the device give what NumPy's give, three times over."""

    def check(function, *args):
        fused = fuse(function)
        expected = function(*args)
        for _ in range(3):
            given = [to_device(argument) for argument in args]
            found = fused(*given)
            assert _is_device(found)
            _same(to_host(found), expected)
            for old, new in zip(args, given, strict=True):
                np.testing.assert_array_equal(to_host(new), old)
        assert fused.last_run.cache == "hit"
        return fused

    return check


def _same(found, expected):
    assert type(found) is type(expected) or np.ndim(expected) == 0
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = tuple(found.values()), tuple(expected.values())
    if isinstance(expected, tuple | list):
        assert len(found) == len(expected)
        for left, right in zip(found, expected, strict=True):
            _same(left, right)
        return
    expected = np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
