"""Where kernels of a test run: in the emulation on the CPU, or on a CUDA device."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pytest

import emulation
import fuser_cuda_nvrtc
from cuda_groups import CUDA, Array, Described
from fuser_core.backend import Accept, CompileOptions, Decline, Device, Group

HOST = Device("cpu")
_MARGIN = 64


class Station(Protocol):
    """Runs groups on NumPy arrays."""

    def run(
        self,
        group: Group,
        inputs: Sequence[Array],
        outputs: Sequence[Array],
        *,
        fast_math: bool = False,
        hosted: Sequence[int] = (),
    ) -> None:
        """Fill outputs; one may be the very array of an input. ``hosted`` are inputs that stay in this process."""

    def names(self) -> list[str]:
        """Return the kernels launched by the last run, where the station knows them."""


class Emulation:
    """The CPU, with a C++ compiler."""

    def run(
        self,
        group: Group,
        inputs: Sequence[Array],
        outputs: Sequence[Array],
        *,
        fast_math: bool = False,
        hosted: Sequence[int] = (),
    ) -> None:
        kernel = _emulated(group, CompileOptions(fast_math))
        emulation.EMULATOR.launched.clear()
        described = [Described(each, device=HOST if at in hosted else CUDA) for at, each in enumerate(inputs)]
        kernel.launch(described, [Described(each) for each in outputs])

    def names(self) -> list[str]:
        return list(emulation.EMULATOR.launched)


@functools.lru_cache(256)
def _emulated(group: Group, options: CompileOptions) -> Any:
    return emulation.emulated(group, options)


class Accelerator:
    """Device 0."""

    def __init__(self) -> None:
        from cuda.bindings import driver

        self._api = driver
        self._call(driver.cuInit(0))
        device = self._call(driver.cuDeviceGet(0))
        self._context = self._call(driver.cuDevicePrimaryCtxRetain(device))
        self._call(driver.cuCtxSetCurrent(self._context))

    def run(
        self,
        group: Group,
        inputs: Sequence[Array],
        outputs: Sequence[Array],
        *,
        fast_math: bool = False,
        hosted: Sequence[int] = (),
    ) -> None:
        kernel = _compiled(group, CompileOptions(fast_math))
        memory: dict[int, tuple[int, Array]] = {}
        described = [self._described(each, memory) for each in (*inputs, *outputs)]
        for at in hosted:
            described[at] = Described(inputs[at], device=HOST)
        fuser_cuda_nvrtc.launch(kernel, described[: len(inputs)], described[len(inputs) :], 1)
        self._call(self._api.cuCtxSynchronize())
        for each in outputs:
            address, whole = memory[id(_whole(each))]
            self._call(self._api.cuMemcpyDtoH(whole.ctypes.data, address, whole.nbytes))
        for address, _ in memory.values():
            self._call(self._api.cuMemFree(address))

    def names(self) -> list[str]:
        return []

    def _described(self, array: Array, memory: dict[int, tuple[int, Array]]) -> Described:
        """Copy the memory that an array is a view of, as it lies there, and describe the view."""
        whole = _whole(array)
        if id(whole) not in memory:
            address = int(self._call(self._api.cuMemAlloc(whole.nbytes + _MARGIN)))
            self._call(self._api.cuMemcpyHtoD(address, whole.ctypes.data, whole.nbytes))
            memory[id(whole)] = address, whole
        place = array.ctypes.data - whole.ctypes.data
        return Described(array, memory[id(whole)][0] + place)

    def _call(self, answer: tuple[Any, ...]) -> Any:
        assert int(answer[0]) == 0, answer[0]
        return answer[1] if len(answer) > 1 else None


@functools.lru_cache(256)
def _compiled(group: Group, options: CompileOptions) -> Any:
    kernel = fuser_cuda_nvrtc.compile_group(group, options)
    assert not isinstance(kernel, Decline), kernel.reason
    return kernel


def _whole(array: Array) -> Array:
    """Return the array that owns the memory of a view; one of bytes where that is not a NumPy array of numbers."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@functools.cache
def station(name: str) -> Station:
    """Return a station, or skip the test where it cannot be had."""
    if name == "emulation":
        if emulation.COMPILER is None:
            pytest.skip("no C++ compiler is on PATH to run kernels on the CPU with")
        return Emulation()
    verdict = fuser_cuda_nvrtc.has_fusion_backend(Device("cuda"))
    if not isinstance(verdict, Accept):
        pytest.skip(f"no CUDA device can be used: {verdict.reason}")
    return Accelerator()
