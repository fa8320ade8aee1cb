"""Backends whose kernels take contiguous arrays only: the core copies what lies otherwise, there and back."""

import numpy as np
import pytest
from hypothesis import given

from fuser_core import fuse
from fuser_core.backend import Decline, Device, Layout, hookimpl
from fuser_core.discovery import registry
from fuser_core.plan import Elementwise, Value
from fuser_core.testing import argument_lists
from fuser_core.testing.conformance.base import PROGRAMS
from fuser_core.testing.fakes import AcceptingBackend, installed
from fuser_core.testing.values import DTYPES, LAYOUTS, arrange, mixture


class Contiguous(AcceptingBackend):
    LAYOUT = Layout.CONTIGUOUS

    def __init__(self, **options):
        super().__init__(**options)
        self.arrays = []

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        self.arrays = [desc.array for desc in (*inputs, *outputs)]
        for array in self.arrays:
            assert array.flags.c_contiguous
            assert array.flags.aligned
        assert all(desc.array.flags.writeable for desc in outputs)
        super().launch(kernel, inputs, outputs, threads)


@pytest.fixture
def backend():
    plugin = Contiguous(priority=10**6)
    with installed("contiguous", plugin):
        yield plugin


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_layout_is_served(backend, layout, dtype):
    fused = fuse(lambda x, y: np.where(x == y, x, y))
    for shape in ((), (7,), (3, 0), (4, 5, 6)):
        x, y = (arrange(mixture(dtype, shape, seed), layout) for seed in (1, 2))
        np.testing.assert_array_equal(fused(x, y), np.where(x == y, x, y))
        assert fused.last_run.backend == "contiguous"


def test_results_lie_as_numpy_s_do(backend):
    x = np.arange(12.0).reshape(3, 4).T
    assert fuse(lambda x: x + 1)(x).strides == (x + 1).strides


def test_what_is_contiguous_is_not_copied(backend):
    x, out = np.arange(6.0), np.empty(6)
    fuse(lambda x: x + 1)(x, out=out)
    assert backend.arrays[0] is x
    assert backend.arrays[1].ctypes.data == out.ctypes.data


def test_a_strided_array_may_be_written_in_place(backend):
    memory = np.arange(10.0)
    x = memory[::2]
    fuse(lambda x: x * 2)(x, out=x)
    np.testing.assert_array_equal(memory, [0, 1, 4, 3, 8, 5, 12, 7, 16, 9])


def test_a_read_only_argument_stays_what_it_was(backend):
    x = np.broadcast_to(np.float64(3), (4, 2))
    np.testing.assert_array_equal(fuse(lambda x: x * x)(x), np.full((4, 2), 9.0))


def test_arguments_of_any_kind(backend):
    fused = fuse(lambda *arrays: sum(arrays))

    @PROGRAMS
    @given(argument_lists())
    def check(arguments):
        try:
            expected = sum(arguments)
        except (OverflowError, TypeError):
            return
        np.testing.assert_array_equal(fused(*arguments), expected)

    with np.errstate(all="ignore"):
        check()


def test_a_device_is_declined(backend):
    (plugin,) = [record.plugin for record in registry.records() if record.name == "contiguous"]
    value = Value(0, np.dtype("f8"), (3,))
    step = Elementwise("negative", (value,), (Value(1, np.dtype("f8"), (3,)),))
    assert isinstance(plugin.supports(step, Device("fake")), Decline)
    assert "contiguous arrays only" in plugin.supports(step, Device("fake")).reason
    assert not isinstance(plugin.supports(step, Device("cpu")), Decline)
