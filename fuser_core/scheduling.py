"""Scheduling: the steps of a plan in clusters, in an order in which they can be executed.

A list scheduler: whatever is ready and stays with the core runs at once; then one kind of step is chosen, and a cluster
takes in every ready step of that kind and those that these make ready, depth first, as far as the limits allow. A kind
of which nothing waits for other kinds goes before one that would have to come back for the rest, so a value of lower
rank is computed in a cluster of its own before the large one that repeats it. The work is linear in the plan.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fuser_core.backend import Limits
from fuser_core.plan import HostValue, Plan, Reduce, Step, Value, numbers_read, numbers_written
from fuser_core.plugin import Plugin
from fuser_core.shapes import Shape

__all__ = ["Cluster", "Kind", "schedule"]


class Kind(NamedTuple):
    """What the steps of a cluster have in common: who holds them, and their iteration space."""

    plugins: tuple[Plugin, ...]
    space: Shape

    @property
    def limits(self) -> Limits:
        """The limits of the preferred backend."""
        return self.plugins[0].limits if self.plugins else Limits()


Cluster = tuple[Kind | None, list[Step]]
"""Steps of one kernel with their kind, or steps that stay with the core, which have none."""


def schedule(plan: Plan, kinds: Sequence[Kind | None]) -> Iterator[Cluster]:
    """Yield clusters in an order in which they can be executed.

    Args:
        plan: What to schedule.
        kinds: Of each of its steps; ``None`` for a step that stays with the core.
    """
    return _Scheduler(_Dependencies(plan), kinds).run()


class _Dependencies:
    """Who reads what.

    Attributes:
        steps: The plan's.
        readers: Per value that a step computes, the positions of the steps that read it.
        missing: Per step, how many of the values that it reads are still to be computed.
        uses: Per value that a step computes, its readers, and one more if it is returned.
    """

    def __init__(self, plan: Plan) -> None:
        self.steps = plan.steps
        self.readers: dict[int, list[int]] = {value: [] for step in plan.steps for value in numbers_written(step)}
        self.missing: list[int] = []
        for position, step in enumerate(plan.steps):
            needed = [value for value in set(numbers_read(step)) if value in self.readers]
            self.missing.append(len(needed))
            for value in needed:
                self.readers[value].append(position)
        self.uses = {value: len(readers) for value, readers in self.readers.items()}
        for output in plan.outputs:
            if isinstance(output, Value | HostValue) and output.id in self.uses:
                self.uses[output.id] += 1

    def read_by(self, position: int) -> Iterator[int]:
        """Return the steps that read what a step computes, once per value."""
        for value in numbers_written(self.steps[position]):
            yield from self.readers[value]


class _Room:
    """What a growing cluster holds, and whether a step still fits.

    A value that others read is an array of the cluster until all its readers are in the cluster too.
    """

    def __init__(self, dependencies: _Dependencies, limits: Limits) -> None:
        self._uses = dependencies.uses
        self._limits = limits
        self._unlimited = limits == Limits()
        self._steps = 0
        self._arrays = 0
        self._read: set[int] = set()
        self._left: dict[int, int] = {}  # readers outside of the cluster, of the values that it computes

    def admit(self, step: Step) -> bool:
        """Take a step in, unless it does not fit; the first always does."""
        if self._unlimited:
            return True
        operands = set(numbers_read(step))
        read = [value for value in operands if value not in self._left and value not in self._read]
        closed = sum(self._left.get(value) == 1 for value in operands)
        made = {value: self._uses[value] for value in numbers_written(step)}
        arrays = self._arrays + len(read) - closed + sum(uses > 0 for uses in made.values())
        if self._steps and self._limits.excess(self._steps + 1, arrays):
            return False
        self._steps += 1
        self._arrays = arrays
        self._read.update(read)
        for value in operands & self._left.keys():
            self._left[value] -= 1
        self._left.update(made)
        return True


class _Scheduler:
    """Orders the steps of one plan; kinds and steps go by their numbers."""

    def __init__(self, dependencies: _Dependencies, kinds: Sequence[Kind | None]) -> None:
        self._dependencies = dependencies
        self._missing = dependencies.missing
        self._kinds = list(dict.fromkeys(kind for kind in kinds if kind is not None))
        numbers = {kind: number for number, kind in enumerate(self._kinds)}
        self._kind_of = [None if kind is None else numbers[kind] for kind in kinds]
        self._left = Counter(self._kind_of)
        # What a kind waits for: values that others compute, or its own reductions, which end a kernel.
        self._awaited: Counter[int | None] = Counter()
        self._axes: dict[int | None, Counter[tuple[int, ...]]] = {}
        for position, step in enumerate(dependencies.steps):
            own = self._kind_of[position]
            if isinstance(step, Reduce):
                self._axes.setdefault(own, Counter())[step.axes] += 1
            for reader in dependencies.read_by(position):
                self._awaited[self._kind_of[reader]] += self._is_awaited(step, own, reader)
        self._own: list[int] = []  # ready steps that stay with the core
        self._ready: list[list[int]] = [[] for _ in self._kinds]  # others, by kind: heaps of positions
        self._first: list[int] = []  # a heap of all others, and of some that are done
        self._whole: list[tuple[int, int]] = []  # a heap of kinds that wait for nothing, by their first ready step
        self._done = [False] * len(kinds)
        for position, count in enumerate(self._missing):
            if not count:
                self._make_ready(position)
        for number in range(len(self._kinds)):
            self._note_whole(number)

    def run(self) -> Iterator[Cluster]:
        """Yield the clusters."""
        steps = self._dependencies.steps
        while True:
            if self._own:
                members, self._own = sorted(self._own), []
                yield None, [steps[position] for position in members]
            elif (chosen := self._choose()) is not None:
                members = sorted(self._fill(chosen))
                self._left[chosen] -= len(members)
                yield self._kinds[chosen], [steps[position] for position in members]
            else:
                return
            self._complete(members)
            if members and (kind := self._kind_of[members[0]]) is not None:
                self._note_whole(kind)

    def _choose(self) -> int | None:
        """Return the kind that goes next: the first that waits for nothing, else the first that is ready."""
        while self._whole:
            number = heapq.heappop(self._whole)[1]
            if self._ready[number]:
                return number
        while self._first and self._done[self._first[0]]:
            heapq.heappop(self._first)
        return self._kind_of[self._first[0]] if self._first else None

    def _fill(self, kind: int) -> list[int]:
        """Return the steps that one cluster of this kind can hold now."""
        heap = self._ready[kind]
        stack: list[int] = []
        aside: list[int] = []
        room = _Room(self._dependencies, self._kinds[kind].limits)
        members: list[int] = []
        arrived: Counter[int] = Counter()
        axes: tuple[int, ...] | None = None
        while stack or heap:
            position = stack.pop() if stack else heapq.heappop(heap)
            step = self._dependencies.steps[position]
            # All reductions of a group share their axes, and their results exist only when the kernel has ended.
            other = isinstance(step, Reduce) and axes not in (None, step.axes)
            if other or not room.admit(step):
                aside.append(position)
                if other:
                    continue
                break
            members.append(position)
            if isinstance(step, Reduce):
                axes = step.axes
                continue
            made_ready = []
            for reader in self._dependencies.read_by(position):
                arrived[reader] += 1
                if arrived[reader] == self._missing[reader] and self._kind_of[reader] == kind:
                    made_ready.append(reader)
            stack += reversed(made_ready)
        for position in aside:
            if not self._missing[position]:  # else it is ready only when this cluster has run
                heapq.heappush(heap, position)
        return members

    def _complete(self, members: Iterable[int]) -> None:
        """Make ready whatever waited for these steps only."""
        for position in members:
            self._done[position] = True
        for position in members:
            step, own = self._dependencies.steps[position], self._kind_of[position]
            if isinstance(step, Reduce):
                self._axes[own][step.axes] -= 1
            for reader in self._dependencies.read_by(position):
                self._missing[reader] -= 1
                if not self._missing[reader] and not self._done[reader]:
                    self._make_ready(reader)
                if self._is_awaited(step, own, reader):
                    kind = self._kind_of[reader]
                    self._awaited[kind] -= 1
                    if kind is not None:
                        self._note_whole(kind)

    def _make_ready(self, position: int) -> None:
        kind = self._kind_of[position]
        if kind is None:
            self._own.append(position)
        else:
            heapq.heappush(self._ready[kind], position)
            heapq.heappush(self._first, position)

    def _note_whole(self, kind: int) -> None:
        """Note that a kind waits for nothing, if that is so: one cluster can hold all of it, but for the limits."""
        axes = self._axes.get(kind)
        if not self._awaited[kind] and self._ready[kind] and (axes is None or sum(map(bool, axes.values())) < 2):
            heapq.heappush(self._whole, (self._ready[kind][0], kind))

    def _is_awaited(self, step: Step, own: int | None, reader: int) -> bool:
        return isinstance(step, Reduce) or self._kind_of[reader] != own
