"""Grouping: a plan's steps become kernels, by asking the backends what each can hold.

Every elementwise operation and reduction goes to the first backend that supports it. Steps of one backend that share
an iteration space then join one group, unless a step of another kind or backend lies between them. A value of lower
rank keeps its own, smaller group, so nothing is computed again along an axis that it does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fuser_core.backend import Decline, Device, Group, GroupStep
from fuser_core.plan import Box, Elementwise, Host, HostValue, Plan, Reduce, Step, Value
from fuser_core.plugin import Plugin
from fuser_core.shapes import Shape

__all__ = ["Assigned", "Schedule", "Turned", "form_groups"]


@dataclass(frozen=True, slots=True)
class Turned:
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


@dataclass(slots=True)
class _Cluster:
    """A group in the making, or a single step that stays with the core.

    Clusters run in the order of their numbers, so a step may join one only if whatever it reads is made in clusters
    of no higher number: then no group ever waits for itself.
    """

    number: int
    plugins: tuple[Plugin, ...] = ()
    turned: tuple[Turned, ...] = ()
    shape: Shape = ()
    axes: tuple[int, ...] | None = None
    steps: list[Step] = field(default_factory=list)


class _Grouper:
    """Assigns the steps of one plan to clusters."""

    def __init__(self) -> None:
        self.clusters: list[_Cluster] = []
        self.home: dict[int, _Cluster] = {}
        self.readers: dict[int, dict[int, _Cluster]] = {}

    def add(self, step: Step, plugins: tuple[Plugin, ...] = (), turned: tuple[Turned, ...] = ()) -> None:
        """Put a step into an open group that can hold it, or into a cluster of its own."""
        inputs, outputs = _numbers(step)
        cluster = self._find(step, inputs, plugins) if isinstance(step, Elementwise | Reduce) else None
        if cluster is None:
            shape = _space(step) if isinstance(step, Elementwise | Reduce) else ()
            cluster = _Cluster(len(self.clusters), plugins, turned, shape)
            self.clusters.append(cluster)
        cluster.steps.append(step)
        if isinstance(step, Reduce):
            cluster.axes = step.axes
        for value in inputs:
            self.readers.setdefault(value, {})[cluster.number] = cluster
        for value in outputs:
            self.home[value] = cluster

    def _find(self, step: GroupStep, inputs: Sequence[int], plugins: tuple[Plugin, ...]) -> _Cluster | None:
        """Return the latest group that makes, or also reads, something that the step reads, and can hold it."""
        sources = {self.home[value].number: self.home[value] for value in inputs if value in self.home}
        earliest = max(sources, default=0)
        related = dict(sources)
        for value in inputs:
            related.update(self.readers.get(value, {}))
        for number in sorted(related, reverse=True):
            if number < earliest:
                break
            if _can_hold(related[number], step, inputs, plugins):
                return related[number]
        return None


def form_groups(plan: Plan, plugins: Sequence[Plugin], device: Device) -> Schedule:
    """Cut a plan into groups.

    Args:
        plan: What to cut.
        plugins: The backends to ask, in order; one of them must support every step.
        device: Where the data is.
    """
    grouper = _Grouper()
    for step in plan.steps:
        if isinstance(step, Elementwise | Reduce):
            grouper.add(step, *_ask(step, plugins, device))
        else:
            grouper.add(step)
    escaping = {output.id for output in plan.outputs if isinstance(output, Value | HostValue)}
    for value, readers in grouper.readers.items():
        if value in grouper.home and set(readers) != {grouper.home[value].number}:
            escaping.add(value)
    schedule: list[Assigned | Step] = []
    for cluster in grouper.clusters:
        if isinstance(cluster.steps[0], Elementwise | Reduce):
            schedule.append(Assigned(_close(cluster, escaping, device), cluster.plugins, cluster.turned))
        else:
            schedule += cluster.steps
    return tuple(schedule)


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


def _can_hold(cluster: _Cluster, step: GroupStep, inputs: Sequence[int], plugins: tuple[Plugin, ...]) -> bool:
    if cluster.plugins != plugins or cluster.shape != _space(step):
        return False
    if isinstance(step, Reduce) and cluster.axes not in (None, step.axes):
        return False
    # A reduction's result exists only when its kernel has ended.
    reduced = {done.output.id for done in cluster.steps if isinstance(done, Reduce)}
    return reduced.isdisjoint(inputs)


def _space(step: GroupStep) -> Shape:
    """Return the iteration space of a step."""
    return step.input.shape if isinstance(step, Reduce) else step.outputs[0].shape


def _numbers(step: Step) -> tuple[list[int], list[int]]:
    """Return the numbers of the values that a step reads and writes."""
    inputs = (step.input,) if isinstance(step, Box) else step.inputs
    outputs = (step.output,) if isinstance(step, Host | Box) else step.outputs
    return [item.id for item in inputs if isinstance(item, Value | HostValue)], [item.id for item in outputs]


def _close(cluster: _Cluster, escaping: set[int], device: Device) -> Group:
    """Make a group of a cluster: find what it reads from outside and what others read from it."""
    steps = tuple(step for step in cluster.steps if isinstance(step, Elementwise | Reduce))
    made = {output.id: output for step in steps for output in step.outputs}
    read: dict[int, Value] = {}
    for step in steps:
        read.update({item.id: item for item in step.inputs if isinstance(item, Value) and item.id not in made})
    outputs = tuple(value for number, value in made.items() if number in escaping)
    return Group(device, cluster.shape, tuple(read.values()), steps, outputs)
