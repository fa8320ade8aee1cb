"""Several kernels as one: they run in turn on one part of the first axis after another."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from fuser_core.backend import ArrayDesc, Chain, Device, look
from fuser_cpu_llvm.chain_layout import Fitted, fit, sizes_of
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.launcher import do_records
from fuser_cpu_llvm.streaming import LINE

__all__ = ["ChainKernel"]

_MOST_FITTED = 64
"""Sets of shapes and strides that a chain remembers."""


class _Own(NamedTuple):
    """An array of the chain's own, as a kernel sees it."""

    array: Any
    device: Device
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    pointer: int


class ChainKernel:
    """The kernels of a chain; can be launched by several threads."""

    def __init__(self, chain: Chain, kernels: Sequence[Kernel]) -> None:
        self._chain, self._kernels = chain, tuple(kernels)
        self._fitted: dict[object, Fitted | None] = {}

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process compiled all of them."""
        return all(kernel.from_disk for kernel in self._kernels)

    @property
    def artifacts(self) -> Mapping[str, str]:
        """Those of the kernels, each behind the number of its kernel."""
        stages = [
            (f"{k} {stage}", text) for k, each in enumerate(self._kernels) for stage, text in each.artifacts.items()
        ]
        return MappingProxyType(dict(stages))

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
        """Run on arrays of the chain's dtypes and ranks; see `fuser_core.hookspecs`."""
        arrays = (*inputs, *outputs)
        pointers = [each.pointer for each in arrays]
        signature = (
            tuple([(each.shape, each.strides) for each in arrays]),
            tuple([pointer % LINE for pointer in pointers]),
        )
        try:
            fitted = self._fitted[signature]
        except KeyError:
            fitted = self._fit(signature, inputs, outputs)
        if fitted is None:
            self._launch_each(inputs, outputs, threads)
        else:
            tables = (ctypes.c_int64 * len(pointers))(*pointers)
            do_records(None, fitted.records, tables, fitted.scratch, fitted.nanoseconds, threads)

    def _fit(self, signature: object, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> Fitted | None:
        if len(self._fitted) >= _MOST_FITTED:
            self._fitted.clear()
        fitted = self._fitted[signature] = fit(self._chain, self._kernels, inputs, outputs)
        return fitted

    def _launch_each(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
        """Launch one kernel after the other, and pass on whole arrays."""
        chain = self._chain
        values = (*chain.inputs, *chain.outputs)
        arrays = {value.id: each for value, each in zip(values, (*inputs, *outputs), strict=True)}
        sizes = sizes_of(values, (*inputs, *outputs))
        for group, kernel in zip(chain.groups, self._kernels, strict=True):
            for value in group.outputs:
                if value.id not in arrays:
                    shape = [dim if isinstance(dim, int) else sizes[dim] for dim in value.shape]
                    arrays[value.id] = _described(np.empty(shape, value.dtype), group.device)
            kernel.launch(
                [arrays[value.id] for value in group.inputs], [arrays[value.id] for value in group.outputs], threads
            )
            for view in chain.views:
                if view.input.id in arrays and view.output.id not in arrays:
                    seen = look(arrays[view.input.id].array, view.indices, view.axes)
                    arrays[view.output.id] = _described(seen, group.device)


def _described(array: Any, device: Device) -> _Own:
    return _Own(array, device, array.dtype, array.shape, array.strides, array.ctypes.data)
