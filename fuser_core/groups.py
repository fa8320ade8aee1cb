"""Groups: what one kernel computes, and chains of them.

An author imports these from :mod:`fuser_core.backend`.
"""

from __future__ import annotations

from fuser_core.plan import Elementwise, Reduce, Value, View
from fuser_core.records import frozen
from fuser_core.shapes import Shape

__all__ = ["Chain", "Device", "Group", "GroupStep"]

GroupStep = Elementwise | Reduce
"""What a kernel is made of."""


@frozen
class Device:
    """Where data lives: the kind (``"cpu"``, ``"cuda"``) and the number of the device among those of its kind."""

    kind: str
    index: int = 0

    def __str__(self) -> str:
        return self.kind if self.kind == "cpu" else f"{self.kind}:{self.index}"


@frozen
class Group:
    """The steps that one kernel holds: elementwise operations over one iteration space, then reductions of it.

    Every elementwise output has exactly the shape ``shape``. A reduction reduces a value of that shape, is always an
    output of the group, and feeds no other step of it. All reductions of a group share their axes.

    Attributes:
        device: Where the kernel runs.
        shape: The iteration space; its dimensions are symbolic, known only at launch.
        inputs: Arrays that the kernel reads. Their shapes broadcast to ``shape`` by NumPy's rule: aligned at the
            right, an axis that is the literal 1 or missing repeats.
        steps: In an order in which they can be executed.
        outputs: Values that the kernel writes, in the order of ``launch``'s outputs.
    """

    device: Device
    shape: Shape
    inputs: tuple[Value, ...]
    steps: tuple[GroupStep, ...]
    outputs: tuple[Value, ...]

    @property
    def reductions(self) -> tuple[Reduce, ...]:
        """The reductions that end the group, in order."""
        return tuple(step for step in self.steps if isinstance(step, Reduce))


@frozen
class Chain:
    """Groups whose kernels run in turn on one part of their space after another.

    What one computes for a part is still in the cache when the next reads it. A part is a range along one or more of
    the chain's axes, and everything along all others. No group mixes what lies apart along an axis of the chain: none
    reduces it, and a value that one of them computes has it wherever it is read.

    Attributes:
        groups: In the order of running.
        axes: Per group, the axes of its space that are the chain's: the same for all groups, in one order, never none.
        views: What groups read of values that others compute; each walks the axes of the chain from end to end.
        inputs: Arrays that the groups read and none of them computes.
        outputs: Values that the groups compute and others read, in the order of ``launch``'s outputs. What is in
            neither is nobody else's business.
    """

    groups: tuple[Group, ...]
    axes: tuple[tuple[int, ...], ...]
    views: tuple[View, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]

    def places(self, number: int, value: Value) -> tuple[int | None, ...]:
        """Say where the axes of the chain are in a value that group ``number`` reads or writes.

        Returns:
            Per axis of the chain, the value's; ``None`` where the value has none, or repeats along it.
        """
        group, axes = self.groups[number], self.axes[number]
        gone = next((step.axes for step in group.reductions if step.output.id == value.id), None)
        if gone is not None:
            return tuple(axis - sum(other < axis for other in gone) for axis in axes)
        own = (axis - len(group.shape) + len(value.shape) for axis in axes)
        return tuple(axis if axis >= 0 and value.shape[axis] != 1 else None for axis in own)
