"""Several kernels as one: they run in turn on one part of the arrays after another."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fuser_core.backend import ArrayDesc, Chain, Decline
from fuser_cpu_llvm.chain_layout import Fitted, fit
from fuser_cpu_llvm.crew import Launch
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.launcher import do_records
from fuser_cpu_llvm.streaming import LINE

__all__ = ["ChainKernel"]

_NO_PARTS = Decline("a part that fits the cache is too thin, or there are fewer parts than threads")

_MOST_FITTED = 64
"""Sets of shapes and strides that a chain remembers."""


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

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> Decline | None:
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
        if fitted is None or not fitted.occupies(threads):
            return _NO_PARTS
        tables = (ctypes.c_int64 * len(pointers))(*pointers)
        do_records(Launch(None, tables, fitted.scratch), fitted.records, fitted.work, threads)
        return None

    def _fit(self, signature: object, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> Fitted | None:
        if len(self._fitted) >= _MOST_FITTED:
            self._fitted.clear()
        fitted = self._fitted[signature] = fit(self._chain, self._kernels, inputs, outputs)
        return fitted
