"""The compiled kernel, and its launch."""

from __future__ import annotations

import ctypes
import functools
import operator
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.backend import ArrayDesc, CompileOptions, Group
from fuser_core.fingerprint import fingerprint
from fuser_cpu_llvm.arrangement import arrange, is_scalar
from fuser_cpu_llvm.driver import driver
from fuser_cpu_llvm.emit import emit_body
from fuser_cpu_llvm.geometry import aligned_strides
from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.nest import OperandSpec, Role
from fuser_cpu_llvm.pool import pool, pool_text_values
from fuser_cpu_llvm.prepared import Prepared, prepare
from fuser_cpu_llvm.reductions import Reduction
from fuser_cpu_llvm.scratch import scratch_address
from fuser_cpu_llvm.streaming import pays

__all__ = ["Kernel"]

Array = np.ndarray[Any, np.dtype[Any]]

_NANOSECONDS_PER_COST = 0.1
"""Rough time of one addition, or one operand's traffic, per element."""

_PARALLEL_NANOSECONDS = 60_000
"""Below this estimate waking threads costs more than it gains."""

_PART_NANOSECONDS = 20_000
_PARTS_PER_THREAD = 4
"""Work is cut finer than there are threads, so that one that is held up is waited for less."""

_MOST_PREPARED = 64
"""Sets of shapes and strides that a kernel remembers."""

_POINTER, _WORD = ctypes.c_void_p, ctypes.c_int64
_LAUNCH = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _WORD, _POINTER, _POINTER)
_SHARE = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _POINTER, _WORD, _POINTER, _POINTER, _WORD, _WORD)


class Kernel:
    """Machine code of one group. It owns its engine and can be launched by several threads."""

    def __init__(self, group: Group, options: CompileOptions) -> None:
        self._group, self._options = group, options
        self._arrangement = body = arrange(group)
        self._lanes = body.lanes
        self._source = f"{options}\n{fingerprint(group)}"
        self._machine = Machine(self._source, lambda: emit_body(group, options, body), ("body",))
        self._body = self._machine.address("body")
        self._driver = driver()  # kept: threads that come first together may each make one
        self._launch = _LAUNCH(self._driver.address("launch"))
        self._share = _SHARE(self._driver.address("pool.run")) if pool_text_values() else None
        places = {value.id: place for place, value in enumerate(group.outputs)}
        self._reductions = tuple(
            Reduction(step, values, places[step.output.id])
            for step, values in zip(group.reductions, body.reduced, strict=True)
        )
        self._axes = (
            tuple(sorted(axis % len(group.shape) for axis in group.reductions[0].axes)) if self._reductions else ()
        )
        reduced = {reduction.output for reduction in self._reductions}
        self._elementwise = tuple(place for place in range(len(group.outputs)) if place not in reduced)
        self._operands = (
            *(
                OperandSpec(Role.SCALAR if is_scalar(value) else Role.INPUT, value.dtype.itemsize)
                for value in group.inputs
            ),
            *(OperandSpec(Role.OUTPUT, group.outputs[place].dtype.itemsize) for place in self._elementwise),
            *(OperandSpec(Role.VALUES, value.dtype.itemsize) for value in body.stored[len(self._elementwise) :]),
        )
        self._rank = len(group.shape)
        self._cost = (body.cost + len(self._operands)) * _NANOSECONDS_PER_COST
        self._prepared: dict[object, Prepared] = {}

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process compiled it."""
        return self._machine.from_disk

    @functools.cached_property
    def _streaming(self) -> Machine:
        """The body that writes past the cache, made when the first launch wants it."""

        def text() -> str:
            return emit_body(self._group, self._options, self._arrangement, streaming=True)

        return Machine(f"streaming {self._source}", text, ("body",))

    @functools.cached_property
    def artifacts(self) -> Mapping[str, str]:
        """``"ir"``, LLVM's text of the body and of the reductions, and ``"asm"``, this processor's."""
        body = emit_body(self._group, self._options, self._arrangement)
        texts = [body, *dict.fromkeys(reduction.reducer.text for reduction in self._reductions)]
        from fuser_cpu_llvm.jit import assembly

        return MappingProxyType({"ir": "\n".join(texts), "asm": "\n".join(map(assembly, texts))})

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
        """Run on arrays of the group's dtypes and ranks; see `fuser_core.hookspecs`."""
        signature = (
            tuple([(each.shape, each.strides) for each in inputs]),
            tuple([(each.shape, each.strides) for each in outputs]),
        )
        prepared = self._prepared.get(signature)
        if prepared is None:
            prepared = self._prepare(inputs, outputs)
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            self._prepared[signature] = prepared
        pointers = [each.pointer for each in inputs]
        pointers += [outputs[place].pointer for place in self._elementwise]
        if not self._reductions:
            self._execute(prepared, pointers, (), threads)
            return
        pointers += [0] * (len(self._operands) - len(pointers))
        partials = [self._partials(reduction, prepared) for reduction in self._reductions]
        self._execute(prepared, pointers, [each.ctypes.data for each in partials], threads)
        for reduction, own in zip(self._reductions, partials, strict=True):
            result = reduction.join_sets(own.reshape(-1, prepared.results)) if prepared.sets > 1 else own
            if prepared.partials > 1:
                result = reduction.finish(own, prepared.results, prepared.partials)
            target = outputs[reduction.output].array.transpose(prepared.order)
            np.copyto(target, result.reshape(prepared.kept), casting="unsafe")

    def _partials(self, reduction: Reduction, prepared: Prepared) -> Array:
        reducer = reduction.reducer
        if prepared.sets or not prepared.elements:
            return np.full(max(prepared.sets, 1) * prepared.results, reducer.identity, reducer.accumulator)
        return np.empty(prepared.results * prepared.partials, reducer.accumulator)

    def _prepare(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> Prepared:
        shape = self._shape(inputs, outputs)
        arrays = [*inputs, *(outputs[place] for place in self._elementwise)]
        strides = [aligned_strides(shape, each.shape, each.strides) for each in arrays]
        strides += [(0,) * len(shape)] * (len(self._operands) - len(arrays))
        return prepare(shape, strides, self._operands, self._lanes, self._axes, self._reductions)

    def _shape(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]) -> tuple[int, ...]:
        """The iteration space: what elementwise outputs have, else what inputs and kept axes say together."""
        if self._elementwise:
            return outputs[self._elementwise[0]].shape
        shapes = [each.shape for each in inputs]
        for reduction in self._reductions[:1]:
            kept = iter(outputs[reduction.output].shape)
            shapes.append(tuple(1 if axis in self._axes else next(kept) for axis in range(self._rank)))
        aligned = [(1,) * (self._rank - len(own)) + own for own in shapes]
        # Not numpy.broadcast_shapes, which takes no more than 32 axes.
        return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*aligned, strict=True))

    def _execute(self, prepared: Prepared, pointers: list[int], partials: Sequence[int], threads: int) -> None:
        tables = self._tables(prepared, (*pointers, *partials))
        body = self._body
        if prepared.streamed and pays(prepared.streamed, pointers[-len(self._elementwise) :]):
            body = self._streaming.address("body")
        scratch = scratch_address(prepared.scratch)
        size = 8 * len(self._operands) + 8 * len(self._reductions)
        nanoseconds = prepared.elements * self._cost
        helpers = 0
        if threads > 1 and nanoseconds >= _PARALLEL_NANOSECONDS and self._share is not None:
            helpers = pool().helpers(threads - 1, self._driver.address("pool.work"))
        if not helpers or self._share is None:
            records = prepared.records(1, size)
            self._launch(body, records.address, records.count, tables, scratch)
            return
        parts = min((helpers + 1) * _PARTS_PER_THREAD, 1 + int(nanoseconds / _PART_NANOSECONDS))
        records = prepared.records(parts, size)
        self._share(pool().address, body, records.address, records.count, tables, scratch, prepared.scratch, helpers)

    def _tables(self, prepared: Prepared, pointers: Sequence[int]) -> ctypes.Array[ctypes.c_int64]:
        """The pointers of every job, one table behind the other."""
        words: list[int] = []
        for job in prepared.jobs:
            words += map(operator.add, pointers, job.offsets) if job.offsets else pointers
        return (ctypes.c_int64 * len(words))(*words)
