"""Grouping: a plan's steps become kernels, by asking the backends what each can hold.

Every elementwise operation and reduction goes to the first backend that supports it. Steps of one backend and one
iteration space may share a group, as far as the limits of that backend allow; :mod:`fuser_core.scheduling` puts them
in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fuser_core.backend import Decline, Device, Group, GroupStep
from fuser_core.plan import Elementwise, HostValue, Plan, Reduce, Step, Value, numbers_read, numbers_written
from fuser_core.plugin import Plugin
from fuser_core.records import frozen
from fuser_core.scheduling import Cluster, Kind, schedule
from fuser_core.shapes import Shape

__all__ = ["Assigned", "Schedule", "Turned", "form_groups"]


class Turned(NamedTuple):
    """A backend's refusal to hold a step or a group, and its reason."""

    backend: str
    reason: str


@frozen
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


def form_groups(plan: Plan, plugins: Sequence[Plugin], device: Device) -> Schedule:
    """Cut a plan into groups.

    Args:
        plan: What to cut.
        plugins: The backends to ask, in order; one of them must support every step.
        device: Where the data is.
    """
    refusals: dict[int, tuple[Turned, ...]] = {}
    clusters = list(schedule(plan, [_kind(step, plugins, device, refusals) for step in plan.steps]))
    escaping = _escaping(plan, clusters)
    items: list[Assigned | Step] = []
    for kind, steps in clusters:
        if kind is None:
            items += steps
        else:
            turned = dict.fromkeys(item for step in steps for item in refusals[id(step)])
            items.append(Assigned(_close(kind.space, steps, escaping, device), kind.plugins, tuple(turned)))
    return tuple(items)


def _kind(step: Step, plugins: Sequence[Plugin], device: Device, turned: dict[int, tuple[Turned, ...]]) -> Kind | None:
    """Return what a step has in common with those that can join it, and note who does not support it."""
    if not isinstance(step, Elementwise | Reduce):
        return None
    supported, turned[id(step)] = _ask(step, plugins, device)
    return Kind(supported, step.input.shape if isinstance(step, Reduce) else step.outputs[0].shape)


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


def _escaping(plan: Plan, clusters: Sequence[Cluster]) -> set[int]:
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
