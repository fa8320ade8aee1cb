"""The standard tests, run on a device: they know no array but NumPy's, and put these where the backend is."""

import numpy as np
import pytest

from fuser_core import parse_ir
from fuser_core.backend import Device
from fuser_core.testing.devices import DeviceBackend, device_array, host_array, known_devices
from fuser_core.testing.fakes import installed
from fuser_core.testing.placement import Placement
from fuser_core.testing.runner import Runner

pytest_plugins = ["pytester"]

MODULE = """
    import pytest
    from fuser_core.arrays import register_array_kind
    from fuser_core.backend import Device
    from fuser_core.discovery import registry
    from fuser_core.testing import BackendConformance, Placement
    from fuser_core.testing.devices import DeviceArrays, DeviceBackend, device_array, host_array

    register_array_kind(DeviceArrays())
    {backend}
    registry.add("on_device", Backend())

    class TestOnDevice(BackendConformance):
        backend = "on_device"
        placement = Placement(Device("fake"), device_array, host_array)
"""
RIGHT = "Backend = DeviceBackend"
WRONG = """
    from fuser_core.backend import hookimpl

    class Backend(DeviceBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            super().launch(kernel, inputs, outputs, threads)
            for desc in outputs:
                if desc.pointer and 0 not in desc.shape:
                    host_array(desc.owner)[...] = 1
"""


def _run(pytester, backend, *options):
    pytester.makepyfile(test_device=MODULE.format(backend=backend))
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *options)


@pytest.mark.parametrize(
    "choice",
    [
        "test_in_place or test_output or test_several",
        "cast or add or where or sum",
        "chains or outlives",
        "calls_again",
        "random",
    ],
)
def test_a_right_backend_passes(pytester, monkeypatch, choice):
    monkeypatch.setenv("FUSER_TEST_EXAMPLES", "40")
    outcomes = _run(pytester, RIGHT, f"-k={choice}").parseoutcomes()
    assert outcomes.keys() & {"failed", "errors"} == set()
    assert outcomes["passed"] > 1


def test_a_wrong_backend_fails(pytester):
    assert _run(pytester, WRONG, "-k=test_in_place or test_output").parseoutcomes()["failed"] > 10


def test_numbers_in_another_byte_order_are_judged_as_the_device_has_them():
    with known_devices(), installed("on_device", DeviceBackend()):
        runner = Runner("on_device", Placement(Device("fake"), device_array, host_array))
        x = np.arange(3.0)
        runner.check(parse_ir("graph(%x, %y):\n  %r = np::add(%x, %x)\n  return (%r, %y)"), [x, x.astype(">f8")])
