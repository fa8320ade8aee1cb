"""How results are compared with PyTorch's: dtype, shape, and values within a few units in the last place."""

import numpy as np

from fuser_core import register_fusion, run_fusion


def run(graph, stack):
    """Run a graph on arguments and return its outputs."""
    stack = list(stack)
    with np.errstate(all="ignore"):
        run_fusion(register_fusion(graph), stack)
    return stack


def assert_equal(actual, expected, units=32):
    """Assert that a result is what PyTorch computes."""
    if not isinstance(expected, np.ndarray):
        assert type(actual) is type(expected)
        assert actual == expected
        return
    assert isinstance(actual, np.ndarray), type(actual)
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    if expected.dtype.kind in "fc":
        step = units * float(np.finfo(expected.dtype).eps)
        np.testing.assert_allclose(actual, expected, rtol=step, atol=step / 4)
    else:
        np.testing.assert_array_equal(actual, expected)
