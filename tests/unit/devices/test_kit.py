"""The standard tests, run on a device: they know no array but NumPy's, and put these where the backend is."""

import pytest

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
