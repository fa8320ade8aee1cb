"""Programs of one kernel: a warm call allocates and launches, and gives what any other call gives."""

import numpy as np

from fuser_core import fuse
from fuser_core.testing.devices import device_array, host_array
from fuser_core.warm import WarmDeviceKernel


def _program(fused):
    ((entry,),) = fused._dispatcher._warm._entries.values()
    return entry.program


def test_one_kernel_is_told_from_others(backend):
    x = device_array(np.arange(6.0))
    for function, is_one in ((lambda x: x * 2, True), (lambda x: (x * 2)[::2], False), (lambda x: x[1:] + 1, False)):
        fused = fuse(function)
        for _ in range(3):
            np.testing.assert_array_equal(host_array(fused(x)), function(np.arange(6.0)))
        assert isinstance(_program(fused), WarmDeviceKernel) == is_one


def test_results_that_are_one_another_or_swapped(agree):
    agree(lambda x, y: (x + y, x - y), np.arange(6.0), np.ones(6))
    agree(lambda x: [x * 2] * 2, np.arange(6.0))
    agree(lambda x: (x, x * 2), np.arange(6.0))


def test_numbers_of_the_host_go_along(agree):
    agree(lambda x, s: x * s + 1, np.arange(6.0), np.float64(3))
    agree(lambda s, x: x * s + 1, np.asarray(2.5), np.arange(6.0).reshape(2, 3).T)
