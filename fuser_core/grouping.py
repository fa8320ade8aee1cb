"""Grouping: a plan's steps become kernels, by asking the backends what each can hold.

Every elementwise operation and reduction goes to the first backend that supports it. Steps of one backend and one
iteration space may share a group. A list scheduler forms the groups: whatever is ready and stays with the core runs
at once; then one kind of group is opened and takes in every ready step of its kind, and those that these make ready.
A kind whose steps would all fit now goes before one that would have to come back for the rest, so a value of lower
rank is computed in a group of its own before the large group that repeats it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fuser_core.backend import Decline, Device, Group, GroupStep
from fuser_core.plan import Elementwise, HostValue, Plan, Reduce, Step, Value, numbers_read, numbers_written
from fuser_core.plugin import Plugin
from fuser_core.shapes import Shape

__all__ = ["Assigned", "Schedule", "Turned", "form_groups"]


class Turned(NamedTuple):
    """A backend's refusal to hold a step or a group, and its reason."""

    backend: str
    reason: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """A group and the backends that may compile it, the preferred one first.

    Attributes:
        group: The steps.
        plugins: Every backend that supports all of them, in the order of asking.
        turned: Why the backends before the first of them are not in question.
    """

    group: Group
    plugins: tuple[Plugin, ...]
    turned: tuple[Turned, ...]


Schedule = tuple[Assigned | Step, ...]
"""Groups and the steps that stay with the core, in an order in which they can be executed."""


class _Kind(NamedTuple):
    """What the steps of a group have in common."""

    plugins: tuple[Plugin, ...]
    space: Shape


def form_groups(plan: Plan, plugins: Sequence[Plugin], device: Device) -> Schedule:
    """Cut a plan into groups.

    Args:
        plan: What to cut.
        plugins: The backends to ask, in order; one of them must support every step.
        device: Where the data is.
    """
    scheduler = _Scheduler(plan, plugins, device)
    clusters = list(scheduler.run())
    escaping = _escaping(plan, clusters)
    schedule: list[Assigned | Step] = []
    for kind, steps in clusters:
        if kind is None:
            schedule += steps
        else:
            turned = dict.fromkeys(item for step in steps for item in scheduler.turned[id(step)])
            schedule.append(Assigned(_close(kind.space, steps, escaping, device), kind.plugins, tuple(turned)))
    return tuple(schedule)


_Cluster = tuple[_Kind | None, list[Step]]


class _Scheduler:
    """Orders the steps of one plan."""

    def __init__(self, plan: Plan, plugins: Sequence[Plugin], device: Device) -> None:
        self.turned: dict[int, tuple[Turned, ...]] = {}
        self._kinds: list[_Kind | None] = []
        self._steps = plan.steps
        self._readers: dict[int, list[int]] = {}
        self._missing: list[int] = []
        self._left: Counter[_Kind] = Counter()
        made = {value for step in plan.steps for value in numbers_written(step)}
        for position, step in enumerate(plan.steps):
            kind = self._kind(step, plugins, device)
            self._kinds.append(kind)
            if kind is not None:
                self._left[kind] += 1
            needed = {value for value in numbers_read(step) if value in made}
            self._missing.append(len(needed))
            for value in needed:
                self._readers.setdefault(value, []).append(position)
        self._ready = [position for position, count in enumerate(self._missing) if not count]

    def run(self) -> Iterator[_Cluster]:
        """Yield clusters in an order in which they can be executed."""
        while self._ready:
            own = [position for position in self._ready if self._kinds[position] is None]
            if own:
                yield None, [self._steps[position] for position in own]
                self._complete(own)
                continue
            candidates = dict.fromkeys(kind for position in self._ready if (kind := self._kinds[position]) is not None)
            chosen, members = None, []
            for kind in candidates:
                fitting = self._fill(kind)
                if chosen is None or len(fitting) == self._left[kind]:
                    chosen, members = kind, fitting
                if len(fitting) == self._left[kind]:
                    break
            assert chosen is not None
            yield chosen, [self._steps[position] for position in sorted(members)]
            self._left[chosen] -= len(members)
            self._complete(members)

    def _fill(self, kind: _Kind) -> list[int]:
        """Return the steps that one group of this kind could hold now."""
        pending = [position for position in self._ready if self._kinds[position] == kind]
        members: list[int] = []
        arrived: Counter[int] = Counter()
        axes: tuple[int, ...] | None = None
        while pending:
            position = pending.pop()
            step = self._steps[position]
            if isinstance(step, Reduce):
                # All reductions of a group share their axes, and their results exist only when the kernel has ended.
                axes = axes or step.axes
                if step.axes == axes:
                    members.append(position)
                continue
            members.append(position)
            for reader in self._read_by(step):
                arrived[reader] += 1
                if arrived[reader] == self._missing[reader] and self._kinds[reader] == kind:
                    pending.append(reader)
        return members

    def _complete(self, members: Iterable[int]) -> None:
        """Make ready whatever waited for these steps only."""
        done = set(members)
        self._ready = [position for position in self._ready if position not in done]
        for position in done:
            for reader in self._read_by(self._steps[position]):
                self._missing[reader] -= 1
                if not self._missing[reader] and reader not in done:
                    self._ready.append(reader)
        self._ready.sort()

    def _read_by(self, step: Step) -> Iterator[int]:
        for value in numbers_written(step):
            yield from self._readers.get(value, ())

    def _kind(self, step: Step, plugins: Sequence[Plugin], device: Device) -> _Kind | None:
        if not isinstance(step, Elementwise | Reduce):
            return None
        supported, self.turned[id(step)] = _ask(step, plugins, device)
        return _Kind(supported, step.input.shape if isinstance(step, Reduce) else step.outputs[0].shape)


def _ask(step: GroupStep, plugins: Sequence[Plugin], device: Device) -> tuple[tuple[Plugin, ...], tuple[Turned, ...]]:
    """Return the backends that support a step, and why those before the first of them do not."""
    supported: list[Plugin] = []
    turned: list[Turned] = []
    for plugin in plugins:
        verdict = plugin.supports(step, device)
        if not isinstance(verdict, Decline):
            supported.append(plugin)
        elif not supported:
            turned.append(Turned(plugin.name, verdict.reason))
    return tuple(supported), tuple(turned)


def _escaping(plan: Plan, clusters: Sequence[_Cluster]) -> set[int]:
    """Return the values that are read outside of the cluster that makes them, or returned."""
    home = {
        value: place for place, (_, steps) in enumerate(clusters) for step in steps for value in numbers_written(step)
    }
    escaping = {output.id for output in plan.outputs if isinstance(output, Value | HostValue)}
    for place, (_, steps) in enumerate(clusters):
        escaping.update(value for step in steps for value in numbers_read(step) if home.get(value) != place)
    return escaping


def _close(space: Shape, members: Sequence[Step], escaping: set[int], device: Device) -> Group:
    """Make a group of steps: find what they read from outside and what others read from them."""
    steps = tuple(step for step in members if isinstance(step, Elementwise | Reduce))
    made = {output.id: output for step in steps for output in step.outputs}
    read: dict[int, Value] = {}
    for step in steps:
        read.update({item.id: item for item in step.inputs if isinstance(item, Value) and item.id not in made})
    outputs = tuple(value for number, value in made.items() if number in escaping)
    return Group(device, space, tuple(read.values()), steps, outputs)
