"""Scripts: what is done with arrays one thing after another, as words for `text/chain.ll`."""

from __future__ import annotations

import array
import ctypes
from collections.abc import Callable, Sequence

from fuser_cpu_llvm.flat import Flat, flatten
from fuser_cpu_llvm.kernel import Kernel, Laid
from fuser_cpu_llvm.movers import mover
from fuser_cpu_llvm.places import Place, in_order, is_dense, rows_and_items
from fuser_cpu_llvm.prepared import Prepared
from fuser_cpu_llvm.reductions import Reduction
from fuser_cpu_llvm.tiling import round_up

__all__ = ["Script"]

_ALIGNMENT = 64
_ACT_WORDS = 10
_LAUNCH, _FILL, _JOIN, _ROUND, _COPY, _JOIN_SETS, _FLAT = range(7)


class Script:
    """Acts on places, in the order of writing.

    Args:
        parts: How often it is done, on one part after another: how many there are along each axis, the fastest last.
        alone: Only one thread at a time does it, and no output shares memory with an input.

    Attributes:
        scratch: Bytes of scratch reserved so far.
        nanoseconds: Rough time for one thread.
        kept: What the words point to.
    """

    def __init__(self, parts: Sequence[int] = (), *, alone: bool = False) -> None:
        self._parts, self._alone = tuple(parts), alone
        self._slots: list[tuple[int, ...]] = []
        self._acts: list[list[int]] = []
        self._stages: list[tuple[list[int], int]] = []
        self.scratch = 0
        self.nanoseconds = 0.0
        self.kept: list[object] = []

    def reserve(self, size: int) -> int:
        """Return the offset of so many bytes of scratch."""
        start = self.scratch
        self.scratch += round_up(size, _ALIGNMENT)
        return start

    def words(self) -> array.array[int]:
        """Return the words; the table of pointers and the kernels' own scratch come last."""
        table = self.reserve(8 * (len(self._slots) + len(self._parts)))
        start = self.reserve(max((size for _, size in self._stages), default=0))
        for act, _ in self._stages:
            act[5] = start
        words = [len(self._slots), len(self._acts), table, len(self._parts), *self._parts]
        words += [word for slot in self._slots for word in slot]
        words += [word for act in self._acts for word in (*act, *[0] * (_ACT_WORDS - len(act)))]
        return array.array("q", words)

    def launch(
        self,
        kernel: Kernel,
        inputs: Sequence[Place],
        outputs: Sequence[Place],
        whole: tuple[Sequence[Laid], Sequence[Laid]] | None = None,
        streams: Callable[[Prepared, Sequence[Place]], bool] | None = None,
    ) -> bool:
        """Launch a kernel, its reductions finished.

        Args:
            kernel: What to launch.
            inputs: Where its inputs are.
            outputs: Where its outputs belong.
            whole: The inputs and outputs of which these are parts, if they are.
            streams: Says, given the places of the body's operands, whether it had better write past the cache.

        Returns:
            Whether that can be written.
        """
        flat = flatten(kernel, inputs, outputs) if self._alone else None
        if flat is not None:
            self._run_flat(flat, kernel, [*inputs, *outputs])
            self.nanoseconds += kernel.nanoseconds(inputs, outputs, flat.count)
            return True
        prepared = kernel.prepare_part((inputs, outputs), whole) if whole else kernel.prepare(inputs, outputs)
        if prepared is None:
            return False
        accumulators = [self._accumulators(reduction, prepared, outputs) for reduction in kernel.reductions]
        own = [*inputs, *[outputs[place] for place in kernel.elementwise]]
        own += [Place(-1, (), 0, (), ())] * (len(kernel.operands) - len(own))
        own += accumulators
        first = len(self._slots)
        for job in prepared.jobs:
            for place, more in zip(own, job.offsets or (0,) * len(own), strict=True):
                self._slot(place, more)
        streaming = streams is not None and streams(prepared, own)
        bodies = kernel.bodies(streaming=streaming, accumulating=prepared.accumulates)
        records = prepared.records(1, 8 * len(own))
        self.kept += [prepared, records, bodies, kernel]
        if prepared.sets or not prepared.elements:
            for reduction, place in zip(kernel.reductions, accumulators, strict=True):
                self._fill(reduction, place, prepared.results * max(prepared.sets, 1) * reduction.reducer.planes)
        act = [_LAUNCH, ctypes.addressof(bodies), records.address, records.count, first, 0]
        self._acts.append(act)
        self._stages.append((act, prepared.scratch))
        self.nanoseconds += kernel.nanoseconds(inputs, outputs, prepared.elements)
        finished = [
            self._finish(reduction, place, prepared, outputs[reduction.output])
            for reduction, place in zip(kernel.reductions, accumulators, strict=True)
        ]
        return all(finished)

    def _run_flat(self, flat: Flat, kernel: Kernel, operands: Sequence[Place]) -> None:
        self._acts.append([_FLAT, flat.address, len(self._slots)])
        for place in operands:
            self._slot(place)
        self.kept += [flat, kernel]

    def _slot(self, place: Place, more: int = 0) -> int:
        self._slots.append((place.base, place.behind + more, *(place.steps or (0,) * len(self._parts))))
        return len(self._slots) - 1

    def _accumulators(self, reduction: Reduction, prepared: Prepared, outputs: Sequence[Place]) -> Place:
        """Where partial results go: where the result belongs, if they are that."""
        accumulator, target = reduction.reducer.accumulator, outputs[reduction.output]
        count = max(prepared.sets, prepared.partials)
        fits = accumulator == reduction.step.output.dtype and is_dense(in_order(target, prepared.order), accumulator)
        if fits and count == 1 and reduction.is_finished:
            return target
        results = prepared.results * count * reduction.reducer.planes
        offset = self.reserve(accumulator.itemsize * results)
        return Place(-1, (), offset, (results,), (accumulator.itemsize,))

    def _fill(self, reduction: Reduction, place: Place, results: int) -> None:
        item = reduction.reducer.identity.tobytes()
        words = array.array("q", item + bytes(-len(item) % 8))
        self._acts.append([_FILL, mover(len(item)), self._slot(place), len(item), results, *words])

    def _finish(self, reduction: Reduction, place: Place, prepared: Prepared, target: Place) -> bool:
        """Join partial results, round them, and put them where they belong."""
        if place is target:
            return True
        accumulator, dtype = reduction.reducer.accumulator, reduction.step.output.dtype
        if prepared.sets > 1:
            size = accumulator.itemsize * prepared.results * reduction.reducer.planes
            sets = [self._slot(place), prepared.results, prepared.sets, size]
            self._acts.append([_JOIN_SETS, reduction.reducer.join, *sets])
        if prepared.partials > 1 or not reduction.is_finished:
            joined = Place(-1, (), self.reserve(accumulator.itemsize * prepared.results), (), ())
            combine, partials = reduction.reducer.combine, self._slot(place)
            place = joined
            self._acts.append([_JOIN, combine, partials, prepared.results, prepared.partials, self._slot(joined)])
        if accumulator != dtype:
            if dtype.kind not in "fc" or accumulator.itemsize != 2 * dtype.itemsize:
                return False
            self._acts.append([_ROUND, self._slot(place), prepared.results * (2 if dtype.kind == "c" else 1)])
        shape = rows_and_items(in_order(target, prepared.order))
        if shape is None:
            return False
        rows, items, row_stride, stride = shape
        copy = [_COPY, mover(dtype.itemsize), self._slot(target), row_stride, stride, self._slot(place)]
        self._acts.append([*copy, rows, items, dtype.itemsize])
        return True
