"""Following axes through a plan: which axes of the arguments become which of the results, and which must stay whole.

Where every axis of a result walks an axis of the arguments, parts along it can be computed apart: that is what a chunk
is. An axis that is reduced, indexed, or whose size is read can be cut by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.axes import NewAxis
from fuser_core.plan import Box, Check, Elementwise, Host, Plan, Reduce, Step, Value, View
from fuser_core.records import frozen
from fuser_core.shapes import Dim, SizeOf

__all__ = ["Following", "follow"]

Labels = tuple[int | None, ...]
"""Per axis a number that it shares with the axes that it walks along with; ``None`` where its size is 1."""


@frozen
class Following:
    """What becomes of the axes of a plan's arguments.

    Attributes:
        inputs: Per argument, its axes.
        outputs: Per result, its axes.
        whole: What has to be in one piece.
    """

    inputs: tuple[Labels, ...]
    outputs: tuple[Labels, ...]
    whole: frozenset[int]


class _LostError(Exception):
    """Nobody knows which axis an axis walks."""


def follow(plan: Plan) -> Following | None:
    """Return what becomes of the axes of a plan's arguments; ``None`` where chunks cannot be told apart."""
    walk = _Walk(plan)
    try:
        for guard in plan.guards:
            walk.equate(guard.left, guard.right)
        for step in plan.steps:
            walk.follow(step)
        outputs = tuple(walk.final(output) for output in plan.outputs)
    except _LostError:
        return None
    inputs = tuple(walk.final(item) if isinstance(item, Value) else () for item in plan.inputs)
    whole = frozenset(map(walk.root, walk.whole))
    # An array that meets its own transpose would need chunks of its diagonal only.
    if any(_repeats(labels) for labels in (*inputs, *outputs)):
        return None
    return Following(inputs, outputs, whole)


class _Walk:
    """Follows the steps of a plan; labels that turn out to be one are joined."""

    def __init__(self, plan: Plan) -> None:
        self.whole: set[int] = set()
        self._joined: list[int] = []
        self._labels: dict[int, Labels] = {}
        self._sizes: dict[Dim, int] = {}
        for item in plan.inputs:
            if isinstance(item, Value):
                self._labels[item.id] = tuple(self._of_input(item, axis) for axis in range(len(item.shape)))

    def _of_input(self, item: Value, axis: int) -> int | None:
        dim = item.shape[axis]
        if dim == 1:
            return None
        label = self._sizes.setdefault(SizeOf(item.id, axis), len(self._joined))
        if label == len(self._joined):
            self._joined.append(label)
        if dim in self._sizes:
            return self.join(label, self._sizes[dim])
        self._sizes[dim] = label
        return label

    def root(self, label: int) -> int:
        """Return the label that stands for those joined with it."""
        while self._joined[label] != label:
            label = self._joined[label]
        return label

    def join(self, left: int, right: int) -> int:
        """Note that two labels are one."""
        self._joined[self.root(left)] = self.root(right)
        return self.root(right)

    def equate(self, left: Dim, right: Dim) -> None:
        """Note that two sizes are equal in every call."""
        known = [self._sizes[dim] for dim in (left, right) if dim in self._sizes]
        if len(known) == 2:
            self.join(*known)
        elif len(known) == 1 and isinstance(right if left in self._sizes else left, int):
            self.whole.add(known[0])
        else:
            raise _LostError

    def final(self, output: object) -> Labels:
        """Return the labels of a result or an argument, each by the one that stands for it."""
        if not isinstance(output, Value):
            raise _LostError
        return tuple(None if label is None else self.root(label) for label in self._labels[output.id])

    def follow(self, step: Step) -> None:
        """Note the labels of what a step computes."""
        match step:
            case Elementwise():
                labels = self._broadcast(step)
            case Reduce():
                own = self._labels[step.input.id]
                self.whole.update(label for axis in step.axes if (label := own[axis]) is not None)
                labels = tuple(label for axis, label in enumerate(own) if axis not in step.axes)
            case View():
                labels = self._look(step)
            case Check():
                labels = self._labels[step.inputs[-1].id]
            case Box():
                labels = ()
            case Host():
                for item in step.inputs if step.op == "size" else ():
                    self._read_size(item)
                return
            case _:
                raise _LostError
        self._labels.update((output.id, labels) for output in step.outputs)

    def _broadcast(self, step: Elementwise) -> Labels:
        shape = step.outputs[0].shape
        found: list[int | None] = [None] * len(shape)
        for operand in step.inputs:
            own = self._labels[operand.id] if isinstance(operand, Value) else ()
            for place, label in enumerate(own, len(shape) - len(own)):
                if label is not None:
                    before = found[place]
                    found[place] = label if before is None else self.join(before, label)
        for place, label in enumerate(found):
            if label is None and shape[place] != 1:
                found[place] = self._of_size(shape[place])
        return tuple(found)

    def _of_size(self, dim: Dim) -> int:
        if dim not in self._sizes:
            raise _LostError
        return self._sizes[dim]

    def _look(self, step: View) -> Labels:
        own = self._labels[step.input.id]
        indexed = [axis for axis, index in enumerate(step.indices) if index is not None]
        self.whole.update(label for axis in indexed if (label := own[axis]) is not None)
        found: list[int | None] = []
        for axis in step.axes:
            if isinstance(axis, NewAxis):
                found.append(None)
                continue
            if axis.slice != slice(None) and own[axis.axis] is not None:
                raise _LostError
            found.append(own[axis.axis])
        return tuple(found)

    def _read_size(self, item: object) -> None:
        """Note that a size is read: that of a chunk would be another."""
        if isinstance(item, int):
            return
        if item not in self._sizes:
            raise _LostError
        self.whole.add(self._sizes[item])  # type: ignore[index]


def _repeats(labels: Sequence[int | None]) -> bool:
    known = [label for label in labels if label is not None]
    return len(set(known)) != len(known)
