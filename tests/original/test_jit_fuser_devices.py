"""The original's test_jit_fuser.py: several devices, which are fake ones here."""

import numpy as np
import pytest

from fuser_core import (
    ArgumentError,
    FusionDeclinedError,
    can_fuse_on_gpu,
    debug_launch_graph,
    override_can_fuse_on_gpu,
    parse_ir,
    register_fusion,
    run_fusion,
)
from fuser_core.backend import Device
from fuser_core.testing.devices import DeviceBackend, device_array, host_array, known_devices
from fuser_core.testing.fakes import AcceptingBackend, installed
from original.comparison import agree, close, program_of, run, samples

FIRST, SECOND = Device("cuda", 0), Device("cuda", 1)


@pytest.fixture
def accelerator():
    """A compiler for two devices beside the CPU; ``devices`` lists what it was asked to compile for."""
    backend = DeviceBackend("cuda", priority=10_000)  # these arrays are no memory of a real device
    with known_devices(), installed("accelerator", backend):
        yield backend


def on(device, *arrays):
    """Return arrays as arrays of a device."""
    return [device_array(array, device) for array in arrays]


REUSED = """graph(%x : Tensor, %y : Tensor):
  %2 : Tensor = aten::mul(%x, %y)
  %3 : Tensor = aten::mul(%2, %x)
  %4 : Tensor = aten::mul(%3, %y)
  return (%4)"""


def test_fusion_reuse_multi_gpu(accelerator):
    """One key for all devices, a kernel for each."""
    x, y = samples(4, 4, count=2)
    expected = x * y * x * y
    with installed("cpu", AcceptingBackend(priority=10_000)):
        close(expected, run(REUSED, x, y)[0])
        for device in (FIRST, SECOND, FIRST):
            (result,) = run(REUSED, *on(device, x, y))
            assert result.device == device
            close(expected, host_array(result))
    assert accelerator.devices == [FIRST, SECOND]


FIFTH = """graph(%x : Tensor):
  %x1 : Tensor = aten::mul(%x, %x)
  %x2 : Tensor = aten::mul(%x1, %x)
  %x3 : Tensor = aten::mul(%x2, %x)
  %x4 : Tensor = aten::mul(%x3, %x)
  return (%x4)"""


def test_kernel_cache_multi_gpu(accelerator):
    """One graph on three devices is one entry of the cache of graphs."""
    before = register_fusion(parse_ir("graph(%x):\n  %r = aten::square(%x)\n  return (%r)"))
    x = samples(4, 4)
    for arguments in ([x], on(FIRST, x), on(SECOND, x)):
        run(FIFTH, *arguments)
    after = register_fusion(parse_ir("graph(%x):\n  %q = aten::square(%x)\n  %r = aten::frac(%q)\n  return (%r)"))
    assert after - before == 2  # this one and the graph between
    assert accelerator.devices == [FIRST, SECOND]


def test_three_equal_groups_in_one_graph_share_a_kernel(backend):
    """Arrays of one call live on one device, so here the three groups differ in their sizes."""
    body = "\n".join(FIFTH.splitlines()[1:-1])
    bodies = "\n".join(body.replace("%x", name) for name in ("%x", "%y", "%z"))
    text = f"graph(%x : Tensor, %y : Tensor, %z : Tensor):\n{bodies}\n  return (%x4, %y4, %z4)"
    arguments = [samples(size, 4) for size in (2, 3, 4)]
    agree(text, lambda x, y, z: tuple(a * a * a * a * a for a in (x, y, z)), *arguments, kernels=3)
    assert len({id(group.compiled) for group in program_of(text, *arguments).groups}) == 1


CELL = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::add(%x, %y, %2)
  %4 : Tensor = aten::mul(%x, %3)
  %5 : Tensor = aten::add(%4, %x, %2)
  %6 : Tensor = aten::tanh(%5)
  %7 : Tensor = aten::sigmoid(%6)
  return (%7)"""


def test_nonzero_device(accelerator):
    x, y = np.array([0.4], np.float32), np.array([0.7], np.float32)
    (result,) = run(CELL, *on(SECOND, x, y))
    assert result.device == SECOND
    close(1 / (1 + np.exp(-np.tanh(x * (x + y) + x))), host_array(result), units=4)
    assert accelerator.devices == [SECOND]


def test_arrays_of_two_devices_are_told_and_the_stack_is_left(accelerator):
    """The original fell back, and its fallback raised."""
    stack = [*on(FIRST, samples(3)), *on(SECOND, samples(3))]
    kept = list(stack)
    with pytest.raises(
        ArgumentError, match=r"argument 0 \(.*DeviceArray\) is on cuda:0, argument 1 .* is on cuda:1; copy all"
    ):
        run_fusion(register_fusion(parse_ir(REUSED)), stack)
    assert stack == kept
    assert accelerator.compiled == []


def test_the_flag_of_the_device_decides(accelerator):
    assert can_fuse_on_gpu()
    override_can_fuse_on_gpu(False)
    assert not can_fuse_on_gpu()
    with pytest.raises(FusionDeclinedError, match=r"accelerator: fusion on cuda is switched off"):
        run(REUSED, *on(FIRST, samples(3), samples(3)))
    assert accelerator.compiled == []
    run(REUSED, samples(3), samples(3))


def test_unknown_device_types_reach_no_kernel(accelerator):
    """The original ran its CPU kernel on them, which ended the process."""
    arguments = on(Device("meta"), samples(3), samples(3))
    for call in (lambda: run(REUSED, *arguments), lambda: debug_launch_graph(parse_ir(REUSED), arguments)):
        with pytest.raises(
            FusionDeclinedError, match=r"(?s)no backend in use accepts `.*multiply.*` on meta:0:.*accel"
        ):
            call()
