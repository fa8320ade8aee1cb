"""The compiled kernel, and its launch."""

from __future__ import annotations

import ctypes
import functools
import operator
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from fuser_core.backend import ArrayDesc, CompileOptions, Group
from fuser_core.fingerprint import fingerprint
from fuser_cpu_llvm.arrangement import arrange, is_scalar, may_repeat
from fuser_cpu_llvm.crew import Bodies, Launch, Tables
from fuser_cpu_llvm.emit import emit_body
from fuser_cpu_llvm.geometry import Extent, aligned_strides
from fuser_cpu_llvm.launcher import Work, do_records
from fuser_cpu_llvm.machine import Machine
from fuser_cpu_llvm.prepared import Prepared, prepare
from fuser_cpu_llvm.reductions import Reduction
from fuser_cpu_llvm.streaming import pays
from fuser_cpu_llvm.tiling import OperandSpec, Role

__all__ = ["Kernel", "Laid"]

Array = np.ndarray[Any, np.dtype[Any]]

_NANOSECONDS_PER_COST = 0.1
"""Rough time of one addition, or one operand's traffic, per element of eight bytes."""

_USUAL_LANES = 16
"""As many such elements make a vector; of smaller ones there are more, in the same time."""

_MOST_PREPARED = 64
"""Sets of shapes and strides that a kernel remembers."""


class Laid(Protocol):
    """Something with a layout."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...


def _pair(main: int, ends: int) -> Bodies:
    return (ctypes.c_int64 * 2)(main, ends)


def _signature(arrays: Sequence[Laid]) -> object:
    return tuple([(each.shape, each.strides) for each in arrays])


class Kernel:
    """Machine code of one group. It owns its engine and can be launched by several threads."""

    def __init__(self, group: Group, options: CompileOptions) -> None:
        self._group, self._options = group, options
        self._arrangement = body = arrange(group)
        self.lanes = body.lanes
        self._source = f"{options}\n{fingerprint(group)}"
        self._machine = Machine(self._source, lambda: emit_body(group, options, body), ("body",))
        self._bodies = _pair(self._machine.address("body"), self._machine.address("body"))
        places = {value.id: place for place, value in enumerate(group.outputs)}
        self.reductions = tuple(
            Reduction(step, values, places[step.output.id], accumulates=accumulates)
            for step, values, accumulates in zip(group.reductions, body.reduced, body.accumulated, strict=True)
        )
        self._axes = (
            tuple(sorted(axis % len(group.shape) for axis in group.reductions[0].axes)) if self.reductions else ()
        )
        reduced = {reduction.output for reduction in self.reductions}
        self.elementwise = tuple(place for place in range(len(group.outputs)) if place not in reduced)
        self.operands = (
            *(
                OperandSpec(
                    Role.SCALAR if is_scalar(value) else Role.INPUT, value.dtype.itemsize, may_repeat(value, group)
                )
                for value in group.inputs
            ),
            *(OperandSpec(Role.OUTPUT, group.outputs[place].dtype.itemsize) for place in self.elementwise),
            *(OperandSpec(Role.VALUES, value.dtype.itemsize) for value in body.stored[len(self.elementwise) :]),
        )
        self._rank = len(group.shape)
        self._cost = (body.cost + len(self.operands)) * _NANOSECONDS_PER_COST * _USUAL_LANES / self.lanes
        self._prepared: dict[object, tuple[Prepared, Work]] = {}
        self._special: dict[str, tuple[Machine, Bodies]] = {}

    @property
    def from_disk(self) -> bool:
        """Whether an earlier process compiled it."""
        return self._machine.from_disk

    def _text(self, manner: str) -> str:
        own = {manner: True} if manner else {}
        return emit_body(self._group, self._options, self._arrangement, **own)

    def _special_bodies(self, manner: str) -> Bodies:
        """A body that is ``streaming`` or ``accumulating``, made when the first launch wants it, and the usual one."""
        known = self._special.get(manner)
        if known is None:
            machine = Machine(f"{manner} {self._source}", lambda: self._text(manner), ("body",))
            made = machine, _pair(machine.address("body"), self._machine.address("body"))
            known = self._special.setdefault(manner, made)  # of threads that come first together one wins
        return known[1]

    @functools.cached_property
    def artifacts(self) -> Mapping[str, str]:
        """``"ir"``, LLVM's text of bodies and reductions, ``"asm"``, this processor's, and a ``"summary"``."""
        manners = ("", "accumulating") if any(self._arrangement.accumulated) else ("",)
        texts = [*map(self._text, manners), *dict.fromkeys(reduction.reducer.text for reduction in self.reductions)]
        from fuser_cpu_llvm.host import host_features
        from fuser_cpu_llvm.jit import assembly
        from fuser_cpu_llvm.vectorisation import summarise

        code = "\n".join(map(assembly, texts))
        summary = summarise(code, self.lanes, host_features())
        return MappingProxyType({"summary": summary, "ir": "\n".join(texts), "asm": code})

    def launch(self, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
        """Run on arrays of the group's dtypes and ranks; see `fuser_core.hookspecs`."""
        arrays = [each.array for each in (*inputs, *outputs)]
        signature = _signature(arrays)
        known = self._prepared.get(signature)
        if known is None:
            known = self._prepare(signature, inputs, outputs)
        prepared, work = known
        pointers = [each.pointer for each in inputs]
        pointers += [outputs[place].pointer for place in self.elementwise]
        if not self.reductions:
            self._execute(prepared, work, pointers, (), threads)
            return
        pointers += [0] * (len(self.operands) - len(pointers))
        partials = [self._partials(reduction, prepared) for reduction in self.reductions]
        self._execute(prepared, work, pointers, [each.ctypes.data for each in partials], threads)
        for reduction, own in zip(self.reductions, partials, strict=True):
            joined = reduction.join_sets(own.reshape(prepared.sets, -1)) if prepared.sets > 1 else own
            result = reduction.finish(joined, prepared.results, prepared.partials)
            target = outputs[reduction.output].array.transpose(prepared.order)
            np.copyto(target, result.reshape(prepared.kept), casting="unsafe")

    def _prepare(
        self, signature: object, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> tuple[Prepared, Work]:
        prepared = self.prepare(inputs, outputs)
        known = prepared, Work(prepared.elements * self._cost)
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
        self._prepared[signature] = known
        return known

    def nanoseconds(self, inputs: Sequence[Laid], outputs: Sequence[Laid], elements: int) -> float:
        """Return how long a launch on so many elements takes one thread: measured, if there was one, or estimated."""
        known = self._prepared.get(_signature((*inputs, *outputs)))
        return elements * self._cost if known is None else known[1].nanoseconds

    def _partials(self, reduction: Reduction, prepared: Prepared) -> Array:
        reducer = reduction.reducer
        if prepared.sets or not prepared.elements:
            numbers = reducer.planes * max(prepared.sets, 1) * prepared.results
            return np.full(numbers, reducer.identity, reducer.accumulator)
        return np.empty(reducer.planes * prepared.results * prepared.partials, reducer.accumulator)

    def prepare(self, inputs: Sequence[Laid], outputs: Sequence[Laid]) -> Prepared:
        """Fit the kernel to arrays."""
        prepared = prepare(self._extent(inputs, outputs), self.operands, self.lanes, self._axes, self.reductions)
        assert prepared is not None, "a whole is cut by nothing else"
        return prepared

    def prepare_part(
        self, part: tuple[Sequence[Laid], Sequence[Laid]], whole: tuple[Sequence[Laid], Sequence[Laid]]
    ) -> Prepared | None:
        """Fit the kernel to parts of arrays, inputs and outputs, so that results have the bits of the whole.

        ``None`` where that cannot be.
        """
        like = self._extent(*whole) if self.reductions else None
        return prepare(self._extent(*part), self.operands, self.lanes, self._axes, self.reductions, like)

    def _extent(self, inputs: Sequence[Laid], outputs: Sequence[Laid]) -> Extent:
        """Return the iteration space, and the strides of the body's operands over it."""
        shape = self._shape(inputs, outputs)
        arrays = [*inputs, *(outputs[place] for place in self.elementwise)]
        strides = [aligned_strides(shape, each.shape, each.strides) for each in arrays]
        strides += [(0,) * len(shape)] * (len(self.operands) - len(arrays))
        return Extent(shape, strides)

    def _shape(self, inputs: Sequence[Laid], outputs: Sequence[Laid]) -> tuple[int, ...]:
        """The iteration space: what elementwise outputs have, else what inputs and kept axes say together."""
        if self.elementwise:
            return outputs[self.elementwise[0]].shape
        shapes = [each.shape for each in inputs]
        for reduction in self.reductions[:1]:
            kept = iter(outputs[reduction.output].shape)
            shapes.append(tuple(1 if axis in self._axes else next(kept) for axis in range(self._rank)))
        aligned = [(1,) * (self._rank - len(own)) + own for own in shapes]
        # Not numpy.broadcast_shapes, which takes no more than 32 axes.
        return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*aligned, strict=True))

    def bodies(self, *, streaming: bool = False, accumulating: bool = False) -> Bodies:
        """The bodies for most elements and for those at the ends of rows, as the driver takes them."""
        if streaming or accumulating:
            return self._special_bodies("streaming" if streaming else "accumulating")
        return self._bodies

    def _execute(
        self, prepared: Prepared, work: Work, pointers: list[int], partials: Sequence[int], threads: int
    ) -> None:
        tables = self._tables(prepared, (*pointers, *partials))
        streaming = prepared.moved is not None and pays(prepared.moved, pointers)
        bodies = self.bodies(streaming=streaming, accumulating=prepared.accumulates)
        size = 8 * (len(self.operands) + len(self.reductions))
        launch = Launch(bodies, tables, prepared.scratch)
        do_records(launch, lambda parts: prepared.records(parts, size), work, threads)

    def _tables(self, prepared: Prepared, pointers: Sequence[int]) -> Tables:
        """The pointers of every job, one table behind the other."""
        words: list[int] = []
        for job in prepared.jobs:
            words += map(operator.add, pointers, job.offsets) if job.offsets else pointers
        return (ctypes.c_int64 * len(words))(*words)
