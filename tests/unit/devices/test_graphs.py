"""Random programs: on the device, to the bit, what the same evaluator computes on the host."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import FuserError, FusionDeclinedError, debug_launch_graph
from fuser_core.layout import reshaped_strides
from fuser_core.testing.devices import DeviceArray, DeviceBackend, device_array, host_array, known_devices
from fuser_core.testing.fakes import AcceptingBackend, installed
from fuser_core.testing.strategies import arrays, graphs


def _outcome(graph, arguments):
    try:
        return debug_launch_graph(graph, arguments)
    except (FuserError, ValueError, ZeroDivisionError, OverflowError) as error:
        return type(error), str(error)


@given(graphs())
def test_graphs_agree(case):
    arguments = [
        np.asarray(each, each.dtype.newbyteorder("=")) if isinstance(each, np.ndarray) else each
        for each in case.arguments
    ]
    with installed("on_host", AcceptingBackend()):
        expected = _outcome(case.graph, arguments)
    if not any(isinstance(each, np.ndarray) and each.ndim for each in arguments):
        return
    given_arrays = [device_array(each) if isinstance(each, np.ndarray) and each.ndim else each for each in arguments]
    with known_devices(), installed("on_device", DeviceBackend()):
        found = _outcome(case.graph, given_arrays)
    if isinstance(expected, tuple) or isinstance(found, tuple):
        is_opaque = found[0] is FusionDeclinedError and "is no part of a kernel" in found[1]
        assert found == expected or is_opaque
        return
    for left, right in zip(found, map(np.asarray, expected), strict=True):
        own = host_array(left) if isinstance(left, DeviceArray) else np.asarray(left)
        assert (own.dtype, own.shape) == (right.dtype, right.shape)
        assert own.tobytes() == right.tobytes()


@given(arrays(), st.data())
def test_strides_of_another_shape_are_numpy_s(array, data):
    """Where NumPy reshapes without a copy, and only there, the same memory has the other shape."""
    size, shape = array.size, []
    while size > 1 and len(shape) < 5:
        part = data.draw(st.sampled_from([each for each in range(1, size + 1) if size % each == 0][:12]))
        shape.append(part)
        size //= part
    shape = (*shape, *([size] if size != 1 or not array.size else []))
    expected = array.reshape(shape)
    found = reshaped_strides(array.shape, array.strides, shape, array.dtype.itemsize)
    if array.size > 1:
        assert (found is not None) == np.may_share_memory(expected, array)
    if found is not None and array.size:
        seen = np.lib.stride_tricks.as_strided(array, shape, found)
        assert seen.tobytes() == expected.tobytes()
