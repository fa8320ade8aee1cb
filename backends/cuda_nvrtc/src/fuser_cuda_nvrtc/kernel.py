"""The compiled kernel, and its launch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from fuser_core.backend import ArrayDesc, CompileOptions, Group
from fuser_core.records import frozen
from fuser_cuda_nvrtc.driver.interface import Driver, Function
from fuser_cuda_nvrtc.geometry import Axes, aligned_strides, collapse
from fuser_cuda_nvrtc.layout import PACK_BYTES, Launch, Operand, lay_out_elementwise
from fuser_cuda_nvrtc.layout_reductions import lay_out_reduction
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.module import entry_names, module_text

__all__ = ["Compiler", "Kernel", "Laid", "number_words", "stream_of"]

Compiler = Callable[[str, int, CompileOptions], tuple[bytes, bool]]
"""Makes the code of a text for a compute capability; says too whether an earlier process had made it."""

_MOST_PREPARED = 64
"""Sets of shapes and strides that a kernel remembers."""

_WORD = (1 << 64) - 1


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
        parts: Partial results of each reduction; 0 where there are none.
    """

    launches: tuple[Launch, ...]
    parts: int


class Kernel:
    """Machine code of one group on one device. It owns its module and can be launched by several threads."""

    def __init__(self, group: Group, options: CompileOptions, driver: Driver, compiler: Compiler) -> None:
        self._group = group
        self.options, self.driver, self.compiler = options, driver, compiler
        self.arrangement = arrange(group)
        self._index = group.device.index
        self._facts = driver.facts(self._index)
        self._text = module_text(group, options, self.arrangement)
        image, self.from_disk = compiler(self._text, self._facts.sm, options)
        self._functions: Mapping[str, Function] = driver.load(self._index, image, entry_names(self.arrangement))
        first = group.reductions[0].axes if group.reductions else ()
        self._axes = tuple(sorted(axis % len(group.shape) for axis in first))
        self._outputs = (*self.arrangement.stored, *self.arrangement.reduced)
        self._prepared: dict[object, _Prepared] = {}

    @property
    def artifacts(self) -> Mapping[str, str]:
        """``"cuda"``, the text of the module, and a ``"summary"``."""
        own = self.arrangement
        summary = (
            f"for {self._facts.name}, compute capability {self._facts.sm / 10}: {own.arrays} arrays with axes and "
            f"{len(own.numbers)} numbers, packs of {own.lanes}, {own.packs} of each array on their way at once"
        )
        return MappingProxyType({"summary": summary, "cuda": self._text})

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> None:
        """Run on arrays of the group's dtypes and ranks; see `fuser_core.hookspecs`.

        Inputs without axes may lie in this process's memory; all other arrays lie in the device's.
        """
        own = self.arrangement
        arrays = [inputs[place] for place in own.walked]
        arrays += [outputs[place] for place in self._outputs]
        pointers = [each.pointer for each in arrays]
        low = 0
        for pointer in pointers:
            low |= pointer
        within = tuple([pointer % PACK_BYTES for pointer in pointers]) if low % PACK_BYTES else None
        signature = (within, *[(each.shape, each.strides) for each in arrays])
        prepared = self._prepared.get(signature)
        if prepared is None:
            prepared = self._prepare(arrays)
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            self._prepared[signature] = prepared
        if not prepared.launches:
            return
        stream = stream_of(arrays)
        words = [*pointers, *number_words([inputs[place] for place in own.numbers])]
        memory = None
        if own.reduced:
            sizes = [-(-each.size * prepared.parts // PACK_BYTES) * PACK_BYTES for each in own.reducers]
            if prepared.parts:
                memory = self.driver.allocate(self._index, sum(sizes), stream)
            at = memory.pointer if memory is not None else 0
            for size in sizes:
                words.append(at)
                at += size
        for launch in prepared.launches:
            self._functions[launch.entry](launch.grid, launch.block, (*words, *launch.words), stream)

    def _prepare(self, arrays: Sequence[ArrayDesc]) -> _Prepared:
        """Fit the kernel to arrays: those that are walked, then elementwise outputs, then results."""
        own = self.arrangement
        kept, gone, operands = self.collapse(arrays)
        if not own.reduced:
            return _packed(lay_out_elementwise(own, kept, operands, self._facts.processors), 0)
        layout = lay_out_reduction(own, kept, gone, operands)
        return _packed(layout.launches, layout.parts)

    def collapse(self, arrays: Sequence[Laid]) -> tuple[Axes, Axes, list[Operand]]:
        """Return the axes of results, those that vanish, and the operands, for arrays as `_prepare` takes them."""
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


def _packed(launches: Sequence[Launch], parts: int) -> _Prepared:
    """Make words of numbers that may be below 0."""
    unsigned = [
        Launch(each.entry, each.grid, each.block, tuple(word & _WORD for word in each.words)) for each in launches
    ]
    return _Prepared(tuple(unsigned), parts)


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


def stream_of(arrays: Sequence[Any]) -> int:
    """Return the stream that arrays are in use on: that of the first that says so, else the default one."""
    for each in arrays:
        stream = getattr(each, "stream", None)
        if stream:
            return int(stream)
    return 0
