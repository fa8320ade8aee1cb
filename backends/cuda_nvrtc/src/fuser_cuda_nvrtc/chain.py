"""Several kernels as one: threads that share a row do all of them in turn, and hold what they pass on."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fuser_core.backend import ArrayDesc, Chain, Decline
from fuser_cuda_nvrtc.chain_layout import ChainLaunch, fit_rows
from fuser_cuda_nvrtc.driver.interface import Function
from fuser_cuda_nvrtc.kernel import Kernel
from fuser_cuda_nvrtc.launches import KernelLaunch, Numbers, launch_on
from fuser_cuda_nvrtc.layout import PACK_BYTES
from fuser_cuda_nvrtc.source.chain_text import CHAIN_ENTRY, Hold, chain_text
from fuser_cuda_nvrtc.source.chain_values import ChainValues

__all__ = ["ChainKernel"]

_UNFIT = Decline("rows of these arrays are not dense, or longer than what the threads of a block can hold")

_MOST_FITTED = 64
"""Sets of shapes and strides that a chain remembers."""

_SHOWN = Hold(256, 4, 4, 4, is_whole=True)
"""What the text that is shown is for."""


class ChainKernel:
    """The kernel of a chain, compiled when a launch first has a use for it; can be launched by several threads."""

    def __init__(self, chain: Chain, kernels: Sequence[Kernel], values: ChainValues) -> None:
        self._chain, self._kernels, self._values = chain, tuple(kernels), values
        self._index = chain.groups[0].device.index
        self._cost = sum(each.arrangement.cost for each in kernels)
        self._driver = kernels[0].driver
        self._functions: dict[Hold, Function] = {}
        self._fitted: dict[object, KernelLaunch | Decline] = {}
        self._lock = threading.Lock()

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process compiled all of the kernels."""
        return all(kernel.from_disk for kernel in self._kernels)

    @property
    def artifacts(self) -> Mapping[str, str]:
        """``"cuda"``, the text of the chain's module, and those of the kernels, each behind its number."""
        stages = {f"{k} {name}": text for k, each in enumerate(self._kernels) for name, text in each.artifacts.items()}
        return MappingProxyType({"cuda": self._text(_SHOWN), **stages})

    def _text(self, hold: Hold) -> str:
        arrangements = [each.arrangement for each in self._kernels]
        return chain_text(self._chain, self._kernels[0].options, arrangements, self._values, hold)

    def _function(self, hold: Hold) -> Function:
        """Return the kernel for so much of a row per thread, compiled if it is wanted for the first time."""
        with self._lock:
            if hold not in self._functions:
                first = self._kernels[0]
                image, _ = first.compiler(self._text(hold), self._driver.facts(self._index).sm, first.options)
                self._functions[hold] = self._driver.load(self._index, image, [CHAIN_ENTRY])[CHAIN_ENTRY]
            return self._functions[hold]

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> Decline | None:
        """Run on arrays of the chain's dtypes and ranks; see `fuser_core.hookspecs`."""
        prepared = self.prepare(inputs, outputs)
        if isinstance(prepared, Decline):
            return prepared
        launch_on(prepared, inputs, outputs, self._driver, self._index)
        return None

    def prepare(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> KernelLaunch | Decline:
        """Return what launches on arrays that lie like these; see `fuser_core.hookspecs`."""
        values = self._values
        arrays = [*(inputs[place] for place in values.walked), *outputs]
        hosted = tuple([inputs[place].device.kind for place in values.numbers])
        signature = (hosted, *[(each.shape, each.strides, each.pointer % PACK_BYTES) for each in arrays])
        try:
            return self._fitted[signature]
        except KeyError:
            return self._fit(signature, arrays, inputs)

    def _fit(
        self, signature: object, arrays: Sequence[ArrayDesc], inputs: Sequence[ArrayDesc]
    ) -> KernelLaunch | Decline:
        if len(self._fitted) >= _MOST_FITTED:
            self._fitted.clear()
        found = fit_rows(self._values, len(self._chain.axes[0]), self._cost, arrays)
        self._fitted[signature] = _UNFIT if found is None else self._bind(found, inputs)
        return self._fitted[signature]

    def _bind(self, found: ChainLaunch, inputs: Sequence[ArrayDesc]) -> KernelLaunch:
        values = self._values
        places = (*values.walked, *range(len(inputs), len(inputs) + len(self._chain.outputs)))
        prepared = KernelLaunch(places, Numbers(values.numbers, inputs))
        prepared.bind(self._function(found.hold), found.launch)
        return prepared
