"""Numbers of prepared calls: they go to the launch as they are, and mean what NumPy makes of them."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.testing.devices import device_array, host_array
from unit.devices.repeated import check, served

X = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u1", "c16", "f2"])
def test_numbers_are_what_numpy_makes_of_them(backend, dtype):
    fused = fuse(lambda x, s: x * s)
    x = X.astype(dtype)
    kinds = [int, np.dtype(dtype).type, lambda value: np.asarray(value, dtype)]
    kinds += [float] if dtype[0] in "fc" else []
    for make in kinds:
        for value in (3, 2, 5, 4):
            np.testing.assert_array_equal(host_array(fused(device_array(x), make(value))), x * make(value))
        assert served(fused)
    assert backend.prepared == len(kinds)


def test_numbers_out_of_range_are_as_ever(backend):
    x = np.ones(3, "f4")
    fused = fuse(lambda x, s: x * s)
    with np.errstate(over="ignore"):
        assert check(fused, x * np.float32(np.inf), device_array(x), 1e300, calls=4)
    small = fuse(lambda x, s: x + s)
    assert check(small, np.full(3, 5, "u1"), device_array(np.full(3, 3, "u1")), 2)
    with pytest.raises(OverflowError, match="Python integer 300 out of bounds for uint8"):
        small(device_array(np.full(3, 3, "u1")), 300)


def test_numbers_computed_of_numbers_are_computed_anew(backend):
    fused = fuse(lambda x, s, t: x * (s * t - 1) + (t - s) / 2)
    for s, t in ((1.5, 2.0), (3.0, 0.5), (2, 7), (2, 9), (5, 3)):
        for _ in range(3):
            assert host_array(fused(device_array(X), s, t)).tolist() == (X * (s * t - 1) + (t - s) / 2).tolist()
        assert served(fused)
    with pytest.raises(ZeroDivisionError):
        check(fuse(lambda x, s: x * (1 / s)), X, device_array(X), 0.0)
    divided = fuse(lambda x, s: x * (1 / s))
    assert check(divided, X / 4, device_array(X), 4.0)
    with pytest.raises(ZeroDivisionError):
        divided(device_array(X), 0.0)


def test_a_number_that_the_function_looked_at_keeps_its_value(backend):
    fused = fuse(lambda x, n: x * 2 if n > 3 else x + n)
    for n in (5, 1, 5, 1, 2, 7, 5, 1):
        for _ in range(3):
            np.testing.assert_array_equal(host_array(fused(device_array(X), n)), X * 2 if n > 3 else X + n)
        assert served(fused)
