"""Devices that do not exist: arrays that claim to live on one, and a compiler for them."""

import sys

import numpy as np

from fuser_core import arrays
from fuser_core.backend import Accept, Decline, Device
from fuser_core.hookspecs import hookimpl
from fuser_core.testing.fakes import AcceptingBackend


class DeviceArray:
    """An array of NumPy's that claims to live on a device; all but that is NumPy's."""

    def __init__(self, array, device):
        self.array = np.asarray(array)
        self.device = device

    def __getattr__(self, name):
        return getattr(self.array, name)


class DeviceArrays:
    """The kind of the arrays of one device."""

    def __init__(self, place):
        self._place = place

    def device(self, array):
        return array.device

    def describe(self, array):
        return array  # which has all that a description has

    def allocate(self, shape, dtype, order):
        return DeviceArray(arrays.NumPyArrays().allocate(shape, dtype, order), self._place)


class Accelerator(AcceptingBackend):
    """A compiler for the devices of one kind."""

    def __init__(self, kind="cuda"):
        super().__init__()
        self._kind = kind

    @hookimpl
    def has_fusion_backend(self, device):
        return Accept() if device.kind == self._kind else Decline(f"this fake runs on {self._kind}, not on {device}")

    @property
    def places(self):
        """The devices that it compiled for, in order."""
        return [group.device for group in self.compiled]


def announce(monkeypatch):
    """Make arrays of these devices known to the core."""
    of_numpy = arrays.kind_of

    def kind_of(value):
        return DeviceArrays(value.device) if isinstance(value, DeviceArray) else of_numpy(value)

    for name, module in list(sys.modules.items()):
        if name.startswith("fuser_core") and vars(module).get("kind_of") is of_numpy:
            monkeypatch.setattr(module, "kind_of", kind_of)


FIRST, SECOND = Device("cuda", 0), Device("cuda", 1)
