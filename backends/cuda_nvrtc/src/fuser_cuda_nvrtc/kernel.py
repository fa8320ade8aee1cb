"""The compiled kernel, and its launch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from fuser_core.backend import ArrayDesc, CompileOptions, Group
from fuser_core.records import frozen
from fuser_cuda_nvrtc.driver.interface import Driver, Function, Launchable, Memory
from fuser_cuda_nvrtc.geometry import Axes, aligned_strides, collapse
from fuser_cuda_nvrtc.layout import PACK_BYTES, Launch, Operand, lay_out_elementwise
from fuser_cuda_nvrtc.layout_reductions import lay_out_reduction
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.module import module_text

__all__ = ["LEGACY_STREAM", "Compiler", "Kernel", "Laid", "number_words", "other_streams"]

Compiler = Callable[[str, int, CompileOptions], tuple[bytes, bool]]
"""Makes the code of a text for a compute capability; says too whether an earlier process had made it."""

_MOST_PREPARED = 64
"""Sets of shapes and strides that a kernel remembers."""

_WORD = (1 << 64) - 1

LEGACY_STREAM = 1
"""CUDA's name for its default stream (``CU_STREAM_LEGACY``)."""


class Laid(Protocol):
    """What has to be known of an array to lay out a launch."""

    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @property
    def pointer(self) -> int: ...


@frozen
class _Prepared:
    """What a launch needs besides addresses.

    Attributes:
        launches: The kernels, in order.
        sizes: Bytes of the partial results of each reduction.
    """

    launches: tuple[Launchable, ...]
    sizes: tuple[int, ...]


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
        self._head = self.arrangement.arrays + 2 * max(1, len(self.arrangement.numbers)) + 1
        self._head += len(self.arrangement.reduced)
        self._no_numbers = () if self.arrangement.numbers else (0, 0, 0)
        self._prepared: dict[object, _Prepared] = {}
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
        own = self.arrangement
        arrays = [inputs[place] for place in own.walked]
        arrays += [outputs[place] for place in self._outputs]
        words = [each.pointer for each in arrays]
        low = 0
        for pointer in words:
            low |= pointer
        within = tuple([pointer % PACK_BYTES for pointer in words]) if low % PACK_BYTES else None
        signature = (within, *[(each.shape, each.strides) for each in arrays])
        prepared = self._prepared.get(signature) or self._prepare(signature, arrays)
        if not prepared.launches:
            return
        words += self._no_numbers or number_words([inputs[place] for place in own.numbers])
        stream = outputs[0].stream or LEGACY_STREAM
        others = other_streams(inputs, stream)
        for other in others:
            self.driver.order(self._index, stream, other)
        memory = self._add_partials(words, prepared.sizes, stream) if own.reduced else None
        for launch in prepared.launches:
            launch(words, stream)
        del memory  # goes back in the order of the stream
        for other in others:
            self.driver.order(self._index, other, stream)

    def _add_partials(self, words: list[int], sizes: Sequence[int], stream: int) -> Memory | None:
        """Add where the partial results of each reduction are to a kernel's words, and return what keeps them."""
        if not sizes:
            words += [0] * len(self.arrangement.reduced)
            return None
        memory = self.driver.allocate(self._index, sum(sizes), stream)
        at = memory.pointer
        for size in sizes:
            words.append(at)
            at += size
        return memory

    def _prepare(self, signature: object, arrays: Sequence[ArrayDesc]) -> _Prepared:
        """Make ready for arrays of a layout, and remember it."""
        launches, parts = self._layout(arrays)
        bound = []
        for each in launches:
            unsigned = [word & _WORD for word in each.words]
            bound.append(self._function(each.entry).bind(each.grid, each.block, self._head, unsigned))
        sizes = [-(-each.size * parts // PACK_BYTES) * PACK_BYTES for each in self.arrangement.reducers]
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
        prepared = self._prepared[signature] = _Prepared(tuple(bound), tuple(sizes) if parts else ())
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
        kept, gone, operands = self.collapse(arrays)
        if not own.reduced:
            return lay_out_elementwise(own, kept, operands, self._facts.processors), 0
        layout = lay_out_reduction(own, kept, gone, operands)
        return layout.launches, layout.parts

    def collapse(self, arrays: Sequence[Laid]) -> tuple[Axes, Axes, list[Operand]]:
        """Return the axes of results, those that vanish, and the operands; arrays are in the order of `_layout`."""
        own, rank = self.arrangement, len(self._group.shape)
        shape = self._shape(arrays)
        strides = [aligned_strides(rank, each.shape, each.strides) for each in arrays[: own.moved]]
        strides += [self._result_strides(each) for each in arrays[own.moved :]]
        operands = [Operand(each.dtype.itemsize, each.pointer % PACK_BYTES) for each in arrays]
        leading = range(len(own.walked), own.arrays)
        return (*collapse(shape, strides, self._axes, leading), operands)

    def _result_strides(self, result: Laid) -> tuple[int, ...]:
        """Strides of a reduction's result over the group's axes: 0 along those that vanished."""
        own = iter(aligned_strides(len(result.shape), result.shape, result.strides))
        return tuple(0 if axis in self._axes else next(own) for axis in range(len(self._group.shape)))

    def _shape(self, arrays: Sequence[Laid]) -> tuple[int, ...]:
        """The iteration space: what elementwise outputs have, else what inputs and kept axes say together."""
        own, rank = self.arrangement, len(self._group.shape)
        if own.stored:
            return arrays[len(own.walked)].shape
        shapes = [(1,) * (rank - len(each.shape)) + tuple(each.shape) for each in arrays[: own.moved]]
        kept = iter(arrays[own.moved].shape)
        shapes.append(tuple(1 if axis in self._axes else next(kept) for axis in range(rank)))
        return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*shapes, strict=True))


def number_words(numbers: Sequence[ArrayDesc]) -> list[int]:
    """Return the words of inputs without axes: where they are, or what, and which are what."""
    words: list[int] = []
    by_value = 0
    for place, each in enumerate(numbers):
        if each.device.kind == "cpu":
            content = np.ascontiguousarray(each.array).tobytes().ljust(16, b"\0")
            words += [int.from_bytes(content[:8], "little"), int.from_bytes(content[8:16], "little")]
            by_value |= 1 << place
        else:
            words += [each.pointer, 0]
    return [*(words or (0, 0)), by_value]


def other_streams(inputs: Sequence[ArrayDesc], stream: int) -> Collection[int]:
    """Return the streams besides one that inputs are in use on; numbers of the host are on none."""
    for each in inputs:
        if each.stream != stream and each.stream is not None:
            return {each.stream for each in inputs if each.stream is not None} - {stream}
    return ()
