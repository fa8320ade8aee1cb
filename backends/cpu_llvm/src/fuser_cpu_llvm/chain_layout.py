"""A chain fitted to shapes and strides: what is done with one part of the first axis, as words for `text/chain.ll`."""

from __future__ import annotations

import array
import ctypes
import itertools
import math
from collections.abc import Mapping, Sequence

from fuser_core.backend import ArrayDesc, Chain, Group, Value
from fuser_core.records import derived, frozen
from fuser_core.shapes import Dim
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.movers import mover
from fuser_cpu_llvm.places import Place, is_dense, place_of_view, rows_and_items
from fuser_cpu_llvm.prepared import Prepared, Records
from fuser_cpu_llvm.reductions import Reduction
from fuser_cpu_llvm.streaming import is_too_much
from fuser_cpu_llvm.tiling import round_up

__all__ = ["Fitted", "fit", "sizes_of"]

_PART_BYTES = 128 << 10
"""Of all that a part reads and writes: it fits the second-level cache twice."""

_ALIGNMENT = 64
_ACT_WORDS = 10
_LAUNCH, _FILL, _JOIN, _ROUND, _COPY = range(5)


@frozen
class Fitted:
    """What a launch of a chain does.

    Attributes:
        programs: The words for whole parts, and for the last one where it is shorter.
        parts: Number of whole parts.
        scratch: Bytes of scratch that each thread needs.
        nanoseconds: Rough time for one thread.
        kept: What the words point to.
    """

    programs: tuple[array.array[int], ...]
    parts: int
    scratch: int
    nanoseconds: float
    kept: tuple[object, ...]
    _records: dict[int, Records] = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_records", {})

    def records(self, parts: int) -> Records:
        """Cut the work into records of so many parts at most, and one for the rest."""
        if parts not in self._records:
            self._records[parts] = self._cut(parts)
        return self._records[parts]

    def _cut(self, parts: int) -> Records:
        words: list[int] = []
        own = min(parts, self.parts)
        address, *rest = (program.buffer_info()[0] for program in self.programs)
        for first, last in itertools.pairwise(self.parts * part // own for part in range(own + 1)):
            words += [address, 0, first, last]
        for last in rest:
            words += [last, 0, self.parts, self.parts + 1]
        memory = array.array("q", words)
        return Records(memory, memory.buffer_info()[0], len(words) // 4)


def fit(
    chain: Chain, kernels: Sequence[Kernel], inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
) -> Fitted | None:
    """Return what to do for arrays like these; ``None`` where the kernels had better be launched one by one."""
    arrays = (*inputs, *outputs)
    sizes = sizes_of((*chain.inputs, *chain.outputs), arrays)
    rows = sizes[chain.groups[0].shape[0]]
    row_bytes = _bytes_of_a_row(chain, sizes)
    count = min(max(_PART_BYTES // row_bytes, 1), rows)
    parts, rest = divmod(rows, count)
    programs: list[array.array[int]] = []
    kept: list[object] = []
    scratch, nanoseconds = 0, 0.0
    for own in (count, rest)[: 1 + bool(rest)]:
        writer = _Writer(chain, kernels, arrays, sizes, count, own)
        if not writer.write():
            return None
        words = writer.words()
        programs.append(words)
        kept += writer.kept
        scratch = max(scratch, writer.scratch)
        nanoseconds += writer.nanoseconds * (parts if own == count else 1)
    return Fitted(tuple(programs), parts, scratch, nanoseconds, tuple(kept))


def sizes_of(values: Sequence[Value], arrays: Sequence[ArrayDesc]) -> dict[Dim, int]:
    """Return what the sizes that the values' shapes speak of are in arrays."""
    sizes: dict[Dim, int] = {}
    for value, each in zip(values, arrays, strict=True):
        sizes.update(zip(value.shape, each.shape, strict=True))
    return sizes


def _bytes_of_a_row(chain: Chain, sizes: Mapping[Dim, int]) -> int:
    """Return what one row of everything takes that has rows."""
    rows = chain.groups[0].shape[0]
    values = {value.id: value for group in chain.groups for value in (*group.inputs, *group.outputs)}
    return sum(
        value.dtype.itemsize * math.prod(_size(dim, sizes) for dim in value.shape[1:])
        for value in values.values()
        if value.shape and value.shape[0] == rows
    )


def _size(dim: Dim, sizes: Mapping[Dim, int]) -> int:
    return dim if isinstance(dim, int) else sizes[dim]


class _Writer:
    """Writes the words for a part of ``own`` rows, which begins every ``count`` rows."""

    def __init__(
        self,
        chain: Chain,
        kernels: Sequence[Kernel],
        arrays: Sequence[ArrayDesc],
        sizes: Mapping[Dim, int],
        count: int,
        own: int,
    ) -> None:
        self._chain, self._kernels, self._arrays = chain, kernels, arrays
        self._sizes, self._count, self._own = sizes, count, own
        self._places: dict[int, Place] = {}
        self._slots: list[tuple[int, int, int]] = []
        self._acts: list[list[int]] = []
        self._stages: list[tuple[list[int], int]] = []
        self.scratch = 0
        self.nanoseconds = 0.0
        self.kept: list[object] = []

    def write(self) -> bool:
        """Write all kernels; say whether that can be."""
        first = len(self._chain.inputs)
        for number, value in enumerate(self._chain.outputs, start=first):
            self._places[value.id] = self._outside(number, rows=True)
        pending = list(self._chain.views)
        for group, kernel in zip(self._chain.groups, self._kernels, strict=True):
            for value in group.outputs:
                if value.id not in self._places:
                    self._places[value.id] = self._inside(value)
            for view in [view for view in pending if view.input.id in self._places]:
                pending.remove(view)
                self._places[view.output.id] = place_of_view(view.axes, self._places[view.input.id])
            if not self._write_group(group, kernel):
                return False
        return True

    def words(self) -> array.array[int]:
        """Return the words; the table of pointers and the kernels' own scratch come last."""
        table = self._reserve(8 * len(self._slots))
        start = self._reserve(max((size for _, size in self._stages), default=0))
        for act, _ in self._stages:
            act[5] = start
        words = [len(self._slots), len(self._acts), table]
        words += [word for slot in self._slots for word in slot]
        words += [word for act in self._acts for word in (*act, *[0] * (_ACT_WORDS - len(act)))]
        return array.array("q", words)

    def _outside(self, number: int, *, rows: bool) -> Place:
        """Place a part of an array that the launch is given: all of one that has no rows."""
        shape, strides = self._arrays[number].shape, self._arrays[number].strides
        if not rows:
            return Place(number, 0, 0, shape, strides)
        return Place(number, self._count * strides[0], 0, (self._own, *shape[1:]), strides)

    def _inside(self, value: Value) -> Place:
        shape = (self._own, *[_size(dim, self._sizes) for dim in value.shape[1:]])
        strides = [value.dtype.itemsize] * len(shape)
        for axis in range(len(shape) - 1, 0, -1):
            strides[axis - 1] = strides[axis] * shape[axis]
        return Place(-1, 0, self._reserve(strides[0] * shape[0]), shape, tuple(strides))

    def _reserve(self, size: int) -> int:
        start = self.scratch
        self.scratch += round_up(size, _ALIGNMENT)
        return start

    def _slot(self, place: Place, more: int = 0) -> int:
        self._slots.append((place.base, place.step, place.behind + more))
        return len(self._slots) - 1

    def _operand(self, value: Value, group: Group) -> Place:
        if value.id in self._places:
            return self._places[value.id]
        number = next(number for number, each in enumerate(self._chain.inputs) if each.id == value.id)
        return self._outside(number, rows=len(value.shape) == len(group.shape) and value.shape[0] != 1)

    def _write_group(self, group: Group, kernel: Kernel) -> bool:
        inputs = [self._operand(value, group) for value in group.inputs]
        outputs = [self._places[value.id] for value in group.outputs]
        prepared = kernel.prepare(inputs, outputs)
        walked = [axis for axis, size in zip(prepared.order, prepared.kept, strict=True) if size != 1]
        if prepared.sets > 1 or walked != sorted(walked):
            return False
        accumulators = [self._accumulators(reduction, prepared, outputs) for reduction in kernel.reductions]
        own = [*inputs, *[outputs[place] for place in kernel.elementwise]]
        own += [Place(-1, 0, 0, (), ())] * (len(kernel.operands) - len(own))
        own += accumulators
        first = len(self._slots)
        for job in prepared.jobs:
            for place, more in zip(own, job.offsets or (0,) * len(own), strict=True):
                self._slot(place, more)
        bodies = kernel.bodies(streaming=self._streams(group, prepared, own))
        records = prepared.records(1, 8 * len(own))
        self.kept += [prepared, records, bodies]
        if prepared.sets:
            for reduction, place in zip(kernel.reductions, accumulators, strict=True):
                self._fill(reduction, place, prepared.results)
        act = [_LAUNCH, ctypes.addressof(bodies), records.address, records.count, first, 0]
        self._acts.append(act)
        self._stages.append((act, prepared.scratch))
        self.nanoseconds += prepared.elements * kernel.cost
        finished = [
            self._finish(reduction, place, prepared, outputs[reduction.output])
            for reduction, place in zip(kernel.reductions, accumulators, strict=True)
        ]
        return all(finished)

    def _accumulators(self, reduction: Reduction, prepared: Prepared, outputs: Sequence[Place]) -> Place:
        """Where partial results go: where the result belongs, if they are that."""
        accumulator, target = reduction.reducer.accumulator, outputs[reduction.output]
        if accumulator == reduction.step.output.dtype and prepared.partials == 1 and is_dense(target, accumulator):
            return target
        offset = self._reserve(accumulator.itemsize * prepared.results * prepared.partials)
        return Place(-1, 0, offset, (prepared.results * prepared.partials,), (accumulator.itemsize,))

    def _fill(self, reduction: Reduction, place: Place, results: int) -> None:
        item = reduction.reducer.identity.tobytes()
        words = array.array("q", item + bytes(-len(item) % 8))
        self._acts.append([_FILL, mover(len(item)), self._slot(place), len(item), results, *words])

    def _finish(self, reduction: Reduction, place: Place, prepared: Prepared, target: Place) -> bool:
        """Join partial results, round them, and put them where they belong."""
        if place is target:
            return True
        accumulator, dtype = reduction.reducer.accumulator, reduction.step.output.dtype
        if prepared.partials > 1:
            joined = Place(-1, 0, self._reserve(accumulator.itemsize * prepared.results), (), ())
            combine, partials = reduction.reducer.combine, self._slot(place)
            place = joined
            self._acts.append([_JOIN, combine, partials, prepared.results, prepared.partials, self._slot(joined)])
        if accumulator != dtype:
            if dtype.kind not in "fc" or accumulator.itemsize != 2 * dtype.itemsize:
                return False
            self._acts.append([_ROUND, self._slot(place), prepared.results * (2 if dtype.kind == "c" else 1)])
        shape = rows_and_items(target)
        if shape is None:
            return False
        rows, items, row_stride, stride = shape
        copy = [_COPY, mover(dtype.itemsize), self._slot(target), row_stride, stride, self._slot(place)]
        self._acts.append([*copy, rows, items, dtype.itemsize])
        return True

    def _streams(self, group: Group, prepared: Prepared, own: Sequence[Place]) -> bool:
        """Say whether a kernel had better write past the cache: all it writes leaves the chain, and there is much."""
        read = {value.id for each in self._chain.groups for value in each.inputs}
        read |= {view.input.id for view in self._chain.views}
        if prepared.moved is None or any(value.id in read for value in group.outputs):
            return False
        if any(place.base < 0 for place in own[len(group.inputs) :]):
            return False
        for place, unit in zip(own, prepared.moved.units, strict=True):
            base = 0 if place.base < 0 else self._arrays[place.base].pointer
            if base % unit or place.step % unit:
                return False
        return is_too_much(sum(math.prod(each.shape) * each.dtype.itemsize for each in self._arrays))
