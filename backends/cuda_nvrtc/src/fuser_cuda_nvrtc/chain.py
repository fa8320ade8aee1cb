"""Several kernels as one: a block does rows of all of them in turn, and what they pass on stays on the chip."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fuser_core.backend import ArrayDesc, Chain, Decline
from fuser_cuda_nvrtc.chain_layout import ChainLaunch, fit_rows, shared_bytes
from fuser_cuda_nvrtc.driver.interface import Function
from fuser_cuda_nvrtc.kernel import Kernel
from fuser_cuda_nvrtc.launches import KernelLaunch, Numbers, launch_on
from fuser_cuda_nvrtc.layout import PACK_BYTES
from fuser_cuda_nvrtc.source.chain_text import CHAIN_ENTRIES, chain_text, fixed_bytes
from fuser_cuda_nvrtc.source.chain_values import ChainValues

__all__ = ["ChainKernel"]

_UNFIT = Decline("rows of these arrays are not dense, or too long for shared memory, or too few for one block each")

_MOST_FITTED = 64
"""Sets of shapes and strides that a chain remembers."""


class ChainKernel:
    """The kernel of a chain, compiled when a launch first has a use for it; can be launched by several threads."""

    def __init__(self, chain: Chain, kernels: Sequence[Kernel], values: ChainValues) -> None:
        self._chain, self._kernels, self._values = chain, tuple(kernels), values
        self._index = chain.groups[0].device.index
        arrangements = [each.arrangement for each in kernels]
        self._text = chain_text(chain, kernels[0].options, arrangements, values)
        self._driver = kernels[0].driver
        self._sm = kernels[0].driver.facts(self._index).sm
        self._most_shared = shared_bytes(self._sm) - fixed_bytes(arrangements)
        self._fitted: dict[object, KernelLaunch | Decline] = {}

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process compiled all of the kernels."""
        return all(kernel.from_disk for kernel in self._kernels)

    @property
    def artifacts(self) -> Mapping[str, str]:
        """``"cuda"``, the text of the chain's module, and those of the kernels, each behind its number."""
        stages = {f"{k} {name}": text for k, each in enumerate(self._kernels) for name, text in each.artifacts.items()}
        return MappingProxyType({"cuda": self._text, **stages})

    @functools.cached_property
    def _functions(self) -> Mapping[str, Function]:
        first = self._kernels[0]
        image, _ = first.compiler(self._text, self._sm, first.options)
        return first.driver.load(self._index, image, CHAIN_ENTRIES)

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
            return self._fit(signature, inputs, outputs)

    def _fit(
        self, signature: object, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> KernelLaunch | Decline:
        if len(self._fitted) >= _MOST_FITTED:
            self._fitted.clear()
        found = fit_rows(self._chain, self._values, self._kernels, inputs, outputs, self._most_shared)
        self._fitted[signature] = _UNFIT if found is None else self._bind(found, inputs, len(outputs))
        return self._fitted[signature]

    def _bind(self, found: ChainLaunch, inputs: Sequence[ArrayDesc], outputs: int) -> KernelLaunch:
        values = self._values
        places = (*values.walked, *range(len(inputs), len(inputs) + outputs))
        prepared = KernelLaunch(places, Numbers(values.numbers, inputs))
        prepared.bind(self._functions[found.launch.entry], found.launch, shared=found.shared)
        return prepared
