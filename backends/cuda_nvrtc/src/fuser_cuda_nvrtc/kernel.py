"""The compiled kernel, and its launch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fuser_core.backend import ArrayDesc, CompileOptions, Group
from fuser_cuda_nvrtc.driver.interface import Driver, Function
from fuser_cuda_nvrtc.geometry import Axes, aligned_strides, collapse
from fuser_cuda_nvrtc.launches import KernelLaunch, Numbers, launch_on
from fuser_cuda_nvrtc.layout import PACK_BYTES, Launch, Operand, lay_out_elementwise
from fuser_cuda_nvrtc.layout_reductions import lay_out_reduction
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.module import module_text

__all__ = ["Compiler", "Kernel"]

Compiler = Callable[[str, int, CompileOptions], tuple[bytes, bool]]
"""Makes the code of a text for a compute capability; says too whether an earlier process had made it."""

_MOST_PREPARED = 64
"""Sets of shapes and strides that a kernel remembers."""


class Kernel:
    """Machine code of one group on one device. It owns its modules and can be launched by several threads.

    Each of its entries is a module, compiled when a launch first wants it: most groups only ever want one.
    """

    def __init__(self, group: Group, options: CompileOptions, driver: Driver, compiler: Compiler) -> None:
        self._group, self.options, self.driver, self.compiler = group, options, driver, compiler
        self.arrangement = arrange(group)
        self._index = group.device.index
        self._facts = driver.facts(self._index)
        first = group.reductions[0].axes if group.reductions else ()
        self._axes = tuple(sorted(axis % len(group.shape) for axis in first))
        self._outputs = (*self.arrangement.stored, *self.arrangement.reduced)
        self._prepared: dict[object, KernelLaunch] = {}
        self._functions: dict[str, Function] = {}
        self._found: list[bool] = []
        self._lock = threading.Lock()

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process had made all of the code that was wanted so far."""
        return bool(self._found) and all(self._found)

    @property
    def artifacts(self) -> Mapping[str, str]:
        """``"cuda"``, the text of all entries, and a ``"summary"``."""
        own = self.arrangement
        summary = (
            f"for {self._facts.name}, compute capability {self._facts.sm / 10}: {own.arrays} arrays with axes and "
            f"{len(own.numbers)} numbers, packs of {own.lanes}, {own.packs} of each array on their way at once"
        )
        text = module_text(self._group, self.options, own)
        return MappingProxyType({"summary": summary, "cuda": text})

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> None:
        """Run on arrays of the group's dtypes and ranks; see `fuser_core.hookspecs`.

        Inputs without axes may lie in this process's memory; all other arrays lie in the device's.
        """
        launch_on(self.prepare(inputs, outputs), inputs, outputs, self.driver, self._index)

    def prepare(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> KernelLaunch:
        """Return what launches on arrays that lie like these; see `fuser_core.hookspecs`."""
        own = self.arrangement
        arrays = [inputs[place] for place in own.walked]
        arrays += [outputs[place] for place in self._outputs]
        low = 0
        for each in arrays:
            low |= each.pointer
        within = tuple([each.pointer % PACK_BYTES for each in arrays]) if low % PACK_BYTES else None
        hosted = tuple([inputs[place].device.kind for place in own.numbers])
        signature = (within, hosted, *[(each.shape, each.strides) for each in arrays])
        return self._prepared.get(signature) or self._prepare(signature, inputs, arrays)

    def _prepare(self, signature: object, inputs: Sequence[ArrayDesc], arrays: Sequence[ArrayDesc]) -> KernelLaunch:
        """Make ready for arrays of a layout, and remember it."""
        own = self.arrangement
        launches, parts = self._layout(arrays)
        sizes = [-(-each.size * parts // PACK_BYTES) * PACK_BYTES for each in own.reducers] if parts else []
        places = (*own.walked, *[len(inputs) + place for place in self._outputs])
        prepared = KernelLaunch(places, Numbers(own.numbers, inputs), sizes)
        for each in launches:
            prepared.bind(self._function(each.entry), each, reduced=len(own.reduced))
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
        self._prepared[signature] = prepared
        return prepared

    def _function(self, entry: str) -> Function:
        """Return an entry, compiled if it is wanted for the first time."""
        with self._lock:
            if entry not in self._functions:
                text = module_text(self._group, self.options, self.arrangement, [entry])
                image, found = self.compiler(text, self._facts.sm, self.options)
                self._functions.update(self.driver.load(self._index, image, [entry]))
                self._found.append(found)
            return self._functions[entry]

    def _layout(self, arrays: Sequence[ArrayDesc]) -> tuple[tuple[Launch, ...], int]:
        """Fit the kernel to arrays: those that are walked, then elementwise outputs, then results.

        Returns:
            The kernels to launch, and how many partial results each reduction has; 0 where it has none.
        """
        own = self.arrangement
        kept, gone, operands = self._collapse(arrays)
        if not own.reduced:
            return lay_out_elementwise(own, kept, operands, self._facts.processors), 0
        return lay_out_reduction(own, kept, gone, operands)

    def _collapse(self, arrays: Sequence[ArrayDesc]) -> tuple[Axes, Axes, list[Operand]]:
        """Return the axes of results, those that vanish, and the operands; arrays are in the order of `_layout`."""
        own, rank = self.arrangement, len(self._group.shape)
        shape = self._shape(arrays)
        strides = [aligned_strides(rank, each.shape, each.strides) for each in arrays[: own.moved]]
        strides += [self._result_strides(each) for each in arrays[own.moved :]]
        operands = [Operand(each.dtype.itemsize, each.pointer % PACK_BYTES) for each in arrays]
        leading = range(len(own.walked), own.arrays)
        return (*collapse(shape, strides, self._axes, leading), operands)

    def _result_strides(self, result: ArrayDesc) -> tuple[int, ...]:
        """Strides of a reduction's result over the group's axes: 0 along those that vanished."""
        own = iter(aligned_strides(len(result.shape), result.shape, result.strides))
        return tuple(0 if axis in self._axes else next(own) for axis in range(len(self._group.shape)))

    def _shape(self, arrays: Sequence[ArrayDesc]) -> tuple[int, ...]:
        """The iteration space: what elementwise outputs have, else what inputs and kept axes say together."""
        own, rank = self.arrangement, len(self._group.shape)
        if own.stored:
            return arrays[len(own.walked)].shape
        shapes = [(1,) * (rank - len(each.shape)) + tuple(each.shape) for each in arrays[: own.moved]]
        kept = iter(arrays[own.moved].shape)
        shapes.append(tuple(1 if axis in self._axes else next(kept) for axis in range(rank)))
        return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*shapes, strict=True))
