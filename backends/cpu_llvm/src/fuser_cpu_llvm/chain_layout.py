"""A chain fitted to shapes and strides: what is done with one part after another, as words for `text/chain.ll`."""

from __future__ import annotations

import array
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fuser_core.backend import ArrayDesc, Chain, Group, Value
from fuser_core.chain_layouts import Layout, Looks, lay_out
from fuser_core.layout import dense_strides
from fuser_core.records import derived, frozen
from fuser_cpu_llvm.break_even import threads_pay
from fuser_cpu_llvm.chain_cut import Parts, choose_cut
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.launcher import Work
from fuser_cpu_llvm.places import Place, place_of_view
from fuser_cpu_llvm.prepared import Prepared, Records
from fuser_cpu_llvm.script import Script
from fuser_cpu_llvm.streaming import is_too_much

__all__ = ["Fitted", "fit"]


class Program(NamedTuple):
    """The words of a script, and for how many parts."""

    words: array.array[int]
    parts: int


@frozen
class Fitted:
    """What a launch of a chain does.

    Attributes:
        programs: What is done with whole parts, and with shorter ones at the end of an axis.
        scratch: Bytes of scratch that each thread needs.
        work: How long it takes.
        kept: What the words point to.
    """

    programs: tuple[Program, ...]
    scratch: int
    work: Work
    kept: tuple[object, ...]
    _records: dict[int, Records] = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_records", {})

    def occupies(self, threads: int) -> bool:
        """Say whether there is a part for each thread, if all are of use."""
        parts = sum(each.parts for each in self.programs)
        return parts >= threads or not threads_pay(self.work.nanoseconds, threads)

    def records(self, parts: int) -> Records:
        """Cut the work into records of so many parts at most, and one for the rest."""
        if parts not in self._records:
            self._records[parts] = self._cut(parts)
        return self._records[parts]

    def _cut(self, parts: int) -> Records:
        words: list[int] = []
        for program in self.programs:
            address, count = program.words.buffer_info()[0], program.parts
            own = min(parts, count)
            for first, last in itertools.pairwise(count * part // own for part in range(own + 1)):
                words += [address, 0, first, last]
        memory = array.array("q", words)
        return Records(memory, memory.buffer_info()[0], len(words) // 4)


def fit(
    chain: Chain, kernels: Sequence[Kernel], inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
) -> Fitted | None:
    """Return what to do for arrays like these; ``None`` where the kernels had better be launched one by one."""
    arrays = (*inputs, *outputs)
    layouts = lay_out(chain, inputs, outputs)
    cut = choose_cut(chain, layouts)
    if cut is None:
        return None
    programs: list[Program] = []
    kept: list[object] = []
    scratch, nanoseconds = 0, 0.0
    for part in cut.parts():
        writer = _Writer(chain, kernels, arrays, layouts, part)
        if not writer.write():
            return None
        script = writer.script
        count = math.prod(part.counts)
        programs.append(Program(script.words(), count))
        kept += script.kept
        scratch = max(scratch, script.scratch)
        nanoseconds += script.nanoseconds * count
    return Fitted(tuple(programs), scratch, Work(nanoseconds), tuple(kept))


class _Writer:
    """Writes what is done with parts of one size."""

    def __init__(
        self,
        chain: Chain,
        kernels: Sequence[Kernel],
        arrays: Sequence[ArrayDesc],
        layouts: Mapping[int, Layout],
        parts: Parts,
    ) -> None:
        self._chain, self._kernels, self._arrays = chain, kernels, arrays
        self._layouts, self._parts = layouts, parts
        self._numbers = {value.id: number for number, value in enumerate((*chain.inputs, *chain.outputs))}
        self._places: dict[int, Place] = {}
        self._read = {value.id for each in chain.groups for value in each.inputs}
        self._read |= {view.input.id for view in chain.views}
        self.script = Script(parts.counts)

    def write(self) -> bool:
        """Write all kernels; say whether that can be."""
        looks = Looks(self._chain.views)
        for number, (group, kernel) in enumerate(zip(self._chain.groups, self._kernels, strict=True)):
            inputs = [self._places.get(value.id) or self._outside(number, value) for value in group.inputs]
            for value in group.outputs:
                own = self._outside(number, value) if value.id in self._numbers else self._inside(number, value)
                self._places[value.id] = own
            outputs = [self._places[value.id] for value in group.outputs]
            whole = tuple([self._layouts[value.id] for value in side] for side in (group.inputs, group.outputs))
            streams = functools.partial(self._streams, group)
            if not self.script.launch(kernel, inputs, outputs, (whole[0], whole[1]), streams):
                return False
            for view in looks.of(group.outputs):
                self._places[view.output.id] = place_of_view(view, self._places[view.input.id])
        return True

    def _outside(self, number: int, value: Value) -> Place:
        """Place a part of an array that the launch is given: all of one that is not cut."""
        laid = self._layouts[value.id]
        shape, places = list(laid.shape), self._chain.places(number, value)
        steps, behind = [0] * len(self._parts.counts), 0
        for axis, place in enumerate(places):
            if place is not None:
                shape[place] = self._parts.sizes[axis]
                behind += laid.strides[place] * self._parts.starts[axis]
        for loop, axis in enumerate(self._parts.axes):
            if (place := places[axis]) is not None:
                steps[loop] = laid.strides[place] * self._parts.sizes[axis]
        return Place(self._numbers[value.id], tuple(steps), behind, tuple(shape), laid.strides)

    def _inside(self, number: int, value: Value) -> Place:
        laid = self._layouts[value.id]
        shape = list(laid.shape)
        for axis, place in enumerate(self._chain.places(number, value)):
            if place is not None:
                shape[place] = self._parts.sizes[axis]
        size = value.dtype.itemsize
        offset = self.script.reserve(math.prod(shape) * size)
        return Place(-1, (), offset, tuple(shape), dense_strides(shape, size, laid.order))

    def _streams(self, group: Group, prepared: Prepared, own: Sequence[Place]) -> bool:
        """Say whether a kernel had better write past the cache: all it writes leaves the chain, and there is much."""
        if prepared.moved is None or any(value.id in self._read for value in group.outputs):
            return False
        if any(place.base < 0 for place in own[len(group.inputs) :]):
            return False
        for place, unit in zip(own, prepared.moved.units, strict=True):
            base = 0 if place.base < 0 else self._arrays[place.base].pointer
            if any(offset % unit for offset in (base, *place.steps)):
                return False
        return is_too_much(sum(math.prod(each.shape) * each.dtype.itemsize for each in self._arrays))
