"""What does not run on a device is refused in words that say what is where, and what to do."""

import warnings

import numpy as np
import pytest

from fuser_core import (
    ArgumentError,
    FuserWarning,
    FusionDeclinedError,
    UntraceableError,
    fuse,
    opaque,
    override_can_fuse_on_gpu,
    parse_ir,
    register_fusion,
    run_fusion,
    use_backends,
)
from fuser_core.arrays import NUMPY
from fuser_core.backend import Accept, CompileOptions, Decline, Device, hookimpl
from fuser_core.copies import CopyKernels
from fuser_core.testing.devices import DeviceBackend, device_array, host_array, known_devices
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(6.0).reshape(2, 3)
ARRAY = r"\(fuser_core\.testing\.devices\.DeviceArray\)"


def test_arrays_of_the_host_among_them(backend):
    fused = fuse(lambda x, pair, y: x * pair[0] + y)
    with pytest.raises(
        ArgumentError,
        match=rf"have to be on one device, and x {ARRAY} is on fake:0, pair\[0\] \(numpy\.ndarray\) is on the host; "
        "copy all of them to one device before the call",
    ):
        fused(device_array(X), [X, 2], y=np.float64(2))


def test_arrays_of_two_devices(backend):
    x, y = device_array(X), device_array(X, Device("fake", 1))
    with pytest.raises(ArgumentError, match=rf"x {ARRAY} is on fake:0, y {ARRAY} is on fake:1; copy all"):
        fuse(lambda x, y: x + y)(x, y=y)
    stack = [x, y]
    with pytest.raises(ArgumentError, match=rf"argument 0 {ARRAY} is on fake:0, argument 1 {ARRAY} is on fake:1"):
        run_fusion(register_fusion(parse_ir("graph(%x, %y):\n  %r = aten::mul(%x, %y)\n  return (%r)")), stack)
    assert stack == [x, y]


def test_many_arrays_are_not_all_named(backend):
    with pytest.raises(ArgumentError, match=r"iterable\[7\].* is on the host, and 12 more arrays are elsewhere"):
        fuse(sum)([device_array(X), *[X] * 19])


def test_captured_arrays_of_the_host(backend):
    weights = np.arange(3.0)
    with pytest.raises(ArgumentError, match=r"captured array \(numpy\.ndarray\) is on the host"):
        fuse(lambda x: x * weights)(device_array(X))


def test_no_backend_for_the_device(kind):
    fused = fuse(lambda x: x * 2)
    with installed("on_another", DeviceBackend("other")), pytest.raises(FusionDeclinedError) as raised:
        fused(device_array(X))
    words = str(raised.value)
    assert "no backend in use accepts `%1: float64(n0.0, n0.1) = multiply(%0, np.float64(2.0))` on fake:0:" in words
    assert "\n  on_another: this fake runs on other, not on fake:0" in words
    assert "fallback_numpy" not in words
    assert "Install a backend for fake (fuser-core's extra of that name" in words


def test_what_the_backend_declines(kind):
    class Adder(DeviceBackend):
        @hookimpl
        def supports(self, step, device):
            return Accept() if step.op == "add" else Decline(f"this fake has no {step.op}")

    with installed("on_device", Adder()), pytest.raises(FusionDeclinedError, match="on_device: this fake has no exp"):
        fuse(np.exp)(device_array(X))


def test_a_function_of_views_needs_no_backend(kind):
    np.testing.assert_array_equal(host_array(fuse(lambda x: x.T[1:])(device_array(X))), X.T[1:])


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: np.sort(x * 2), r"numpy\.sort"),
        (lambda x: x.argmax(axis=1) + 1, r"numpy\.argmax"),
        (lambda x: opaque(np.tanh, shape=lambda x: x, dtype=float)(x) + 1, "tanh"),
    ],
)
def test_calls_of_other_libraries(backend, function, name):
    with pytest.raises(FusionDeclinedError, match=rf"{name} is no part of a kernel.* not those on fake:0; call the"):
        fuse(function)(device_array(X))
    assert backend.launches == 0


def test_arrays_that_appear_in_the_function(backend):
    box = {"array": device_array(X)}
    with pytest.raises(
        UntraceableError, match=r"an array on fake:0 that is no argument meets a traced array at .*test"
    ):
        fuse(lambda x: x * box["array"], fallback=False)(device_array(X))


@pytest.mark.parametrize("question", [lambda x: x if x.sum() > 0 else -x, lambda x: float(x.sum()) * x, np.asarray])
def test_elements_are_not_asked_for(backend, kind, question):
    with pytest.raises(Exception, match=r"value|array"):
        fuse(question, fallback=False)(device_array(X))
    assert kind.downloads == 0


def test_the_flag_of_gpus():
    with known_devices(), installed("gpu", DeviceBackend("cuda")):
        fused, x = fuse(lambda x: x + 1), device_array(X, Device("cuda"))
        fused(x)
        fused(x)
        override_can_fuse_on_gpu(False)
        try:
            with pytest.raises(FusionDeclinedError, match=r"gpu: fusion on cuda is switched off"):
                fused(x)
        finally:
            override_can_fuse_on_gpu(True)
        fused(x)


def test_arrays_that_the_kind_refuses(backend):
    fused = fuse(lambda x: x + 1, fallback=False)
    with pytest.raises(FusionDeclinedError, match="the device has no big-endian numbers; swap their bytes"):
        fused(device_array(X.astype(">f8")))
    with pytest.raises(FusionDeclinedError, match=r"arrays of dtype datetime64\[s\] hold no numbers"):
        fused(device_array(np.zeros(3, "M8[s]")))


def test_verification_says_that_it_does_not_reach_the_device(backend, monkeypatch):
    from fuser_core import compilation

    monkeypatch.setenv("FUSER_VERIFY", "1")
    compilation._tell_unverified.cache_clear()
    with pytest.warns(FuserWarning, match=r"FUSER_VERIFY verifies nothing on fake:0: .* call the function with NumPy"):
        fuse(lambda x: x + 1)(device_array(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(host_array(fuse(lambda x: x + 2)(device_array(X))), X + 2)


def test_no_backend_copies():
    copies = CopyKernels([], CompileOptions(), Device("fake"))
    with pytest.raises(FusionDeclinedError, match=r"on fake:0 has to be copied from float64 to float32.* none works"):
        copies.copy(NUMPY.describe(X.astype("f4")), NUMPY.describe(X), 1)


def test_backends_for_other_devices_are_not_mentioned():
    other = AcceptingBackend()
    other.DEVICES = ("elsewhere",)
    with installed("other", other):
        fused = fuse(lambda x: x + 1)
        fused(np.arange(3.0))
        assert "other" not in fused.last_run.reason
        with use_backends("other"):  # named, it is asked after all
            fused(np.arange(3.0))
            assert fused.last_run.backend == "other"


@pytest.mark.parametrize("devices", ["cpu", ("cpu", 1), 3])
def test_devices_are_a_tuple_of_kinds(devices):
    wrong = AcceptingBackend()
    wrong.DEVICES = devices
    with (
        pytest.warns(FuserWarning, match="its DEVICES are .*; write a tuple of kinds of devices"),
        installed("w", wrong),
    ):
        fuse(lambda x: x + 3)(np.arange(3.0))
