"""View motion: a view of a computed value becomes the same computation on views of its operands.

``chunk(x + y)`` becomes ``chunk(x) + chunk(y)``, which moves no data and leaves elementwise steps only, so whatever
reads the pieces can join the kernel that computes them. A view that a kernel reads moves when all readers of the value
are views, and these are of separate parts, so that nothing is computed twice, or of parts that are cheaper to compute
again than to keep in memory (`fuser_core.passes.recomputation`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from fuser_core.axes import Axis, NewAxis, SourceAxis, composed
from fuser_core.passes.recomputation import Recomputation
from fuser_core.plan import Elementwise, Operand, Reduce, Step, Value, View, numbers_read
from fuser_core.semantics import PlanBuilder
from fuser_core.shapes import Dim, Shape

__all__ = ["move_views"]

_MOST_PARTS = 16
"""Views of one value that may move; each makes a copy of every step that it passes."""

_MOST_COPIES = 8
"""Copies for each step of a plan; from there on views stay, so that a loop of views takes no quadratic time."""


def move_views(builder: PlanBuilder, steps: Sequence[Step], kept: frozenset[int]) -> list[Step]:
    """Return the steps with views moved up to where they look at memory.

    Args:
        builder: Numbers new values.
        steps: In an order in which they can be executed.
        kept: Numbers of the values that the program returns.
    """
    if not any(isinstance(step, View) for step in steps):
        return list(steps)
    return _Motion(builder, steps, kept).run()


class _Motion:
    """One walk over the steps, last first, so that a view passes one step after the other."""

    def __init__(self, builder: PlanBuilder, steps: Sequence[Step], kept: frozenset[int]) -> None:
        self._builder = builder
        self._steps = steps
        self._kept = kept
        self._recomputation = Recomputation(steps, kept)
        self._gone: set[int] = set()  # views that moved, and those that nobody looks through any more
        self._copies = 0
        self._feeding: set[int] = set()
        self._known: dict[object, View] = {}
        self._views: dict[int, list[View]] = {}  # by what they look at; each is emitted right behind that
        self._made: dict[int, View] = {}
        self._readers: dict[int, list[Step]] = {}
        for step in steps:
            for number in set(numbers_read(step)):
                self._readers.setdefault(number, []).append(step)
            if isinstance(step, View):
                self._add(step)

    def run(self) -> list[Step]:
        """Return the new steps."""
        result: list[Step] = []
        for step in reversed(self._steps):
            if not isinstance(step, View):
                result += reversed(self._rewrite(step))
        of_inputs = [view for number in list(self._views) for view in self._emit_views(number)]
        result.reverse()
        return [*of_inputs, *result]

    def _rewrite(self, step: Step) -> list[Step]:
        """Return what takes the place of a step: itself, or its copies on views of its operands."""
        result: list[Step] = []
        pending = [step]
        while pending:
            current = pending.pop()
            views = self._movable(current)
            if views:
                assert isinstance(current, Elementwise)
                # The readers of a copy may be views again.
                pending += [self._copy(current, view) for view in reversed(views)]
                self._forget(current)
            else:
                result += [current, *[view for value in current.outputs for view in self._emit_views(value.id)]]
        return result

    def _copy(self, step: Elementwise, view: View) -> Elementwise:
        """Return the part of a step that a view sees, computed from views of the operands."""
        copy = Elementwise(step.op, tuple(self._look(item, view) for item in step.inputs), (view.output,))
        for operand in set(numbers_read(copy)):
            self._readers.setdefault(operand, []).append(copy)
        self._gone.add(view.output.id)
        self._copies += 1
        return copy

    def _forget(self, step: Step) -> None:
        """Let a step read nothing, nor the views that it alone has looked through."""
        for operand in set(numbers_read(step)):
            self._readers[operand] = [reader for reader in self._readers[operand] if reader is not step]
            view = self._made.get(operand)
            if view is not None and not self._readers[operand] and operand not in self._kept | self._gone:
                self._gone.add(operand)
                self._known.pop(_key(view), None)
                self._forget(view)

    def _emit_views(self, number: int) -> list[Step]:
        """Return the views of a value that did not move, and those of these views."""
        result: list[Step] = []
        pending = [number]
        while pending:
            for view in self._views.pop(pending.pop(), ()):
                if view.output.id not in self._gone:
                    result.append(view)
                    pending.append(view.output.id)
        return result

    def _movable(self, step: Step) -> list[View]:
        """Return the readers of a step's result, if all of them are views that can move above it."""
        if not isinstance(step, Elementwise) or len(step.outputs) > 1 or step.outputs[0].id in self._kept:
            return []
        if self._copies >= _MOST_COPIES * len(self._steps):
            return []
        readers = self._readers.get(step.outputs[0].id, [])
        views = [reader for reader in readers if isinstance(reader, View)]
        if len(views) < len(readers) or len(views) > _MOST_PARTS or not any(map(self._feeds_kernel, views)):
            return []
        is_cheap = len(views) < 2 or _are_separate(views) or self._recomputation.pays(step.outputs[0])
        return views if is_cheap else []

    def _feeds_kernel(self, view: View) -> bool:
        """Say whether a kernel reads a view, or a view of it, so that moving the view lets it join."""
        looked_at: dict[int, int] = {}  # by a view of a view, the latter
        pending = [view.output.id]
        while pending and view.output.id not in self._feeding:
            number = pending.pop()
            for reader in self._readers.get(number, []):
                if isinstance(reader, View) and reader.output.id not in self._feeding:
                    looked_at[reader.output.id] = number
                    pending.append(reader.output.id)
                elif isinstance(reader, View | Elementwise | Reduce):
                    # For ever: copies of what a view feeds read views of it.
                    self._feeding.update(_path(number, looked_at))
                    break
        return view.output.id in self._feeding

    def _look(self, operand: Operand, view: View) -> Operand:
        """Return what a view of a result sees of an operand, which may repeat along some axes."""
        if not isinstance(operand, Value) or not operand.shape:
            return operand
        missing = len(view.input.shape) - len(operand.shape)
        repeats = [own == 1 != whole for own, whole in zip(operand.shape, view.input.shape[missing:], strict=True)]
        indices = tuple(
            0 if index is not None and repeated else index
            for index, repeated in zip(view.indices[missing:], repeats, strict=True)
        )
        axes = [_axis_of(axis, missing, repeats) for axis in view.axes]
        shape = [_size_of(axis, repeats, size) for axis, size in zip(axes, view.output.shape, strict=True)]
        while axes and isinstance(axes[0], NewAxis):
            del axes[0], shape[0]  # an axis that is missing at the left repeats anyway
        if _is_identity(indices, axes):
            return operand
        return self._view(operand, indices, tuple(axes), tuple(shape))

    def _view(self, operand: Value, indices: tuple[int | None, ...], axes: tuple[Axis, ...], shape: Shape) -> Value:
        """Return a view, of the array itself where the operand is a view already, so that equal ones are seen."""
        below = self._made.get(operand.id)
        whole = composed((below.indices, below.axes), (indices, axes)) if below else None
        if below and whole:
            if _is_identity(*whole) and below.input.shape == shape:
                return below.input
            return self._view(below.input, *whole, shape)
        look = View(operand, indices, axes, Value(-1, operand.dtype, shape))
        if _key(look) not in self._known:
            look = View(operand, indices, axes, self._builder.value(operand.dtype, shape))
            self._readers.setdefault(operand.id, []).append(look)
            self._add(look)
        return self._known[_key(look)].output

    def _add(self, view: View) -> None:
        self._views.setdefault(view.input.id, []).append(view)
        self._made[view.output.id] = view
        self._known.setdefault(_key(view), view)


def _key(view: View) -> object:
    """Return what is equal for views that show the same."""
    return view.input.id, view.indices, view.axes, view.output.shape


def _path(start: int, steps: Mapping[int, int]) -> Iterator[int]:
    """Walk from one number to the next as long as there is one."""
    number: int | None = start
    while number is not None:
        yield number
        number = steps.get(number)


def _axis_of(axis: Axis, missing: int, repeats: Sequence[bool]) -> Axis:
    if isinstance(axis, NewAxis) or axis.axis < missing:
        return NewAxis()
    own = axis.axis - missing
    return SourceAxis(own) if repeats[own] else SourceAxis(own, axis.start, axis.stop, axis.step)


def _size_of(axis: Axis, repeats: Sequence[bool], size: Dim) -> Dim:
    """Return the size of an axis of what a view sees of an operand, by that of what it sees of the result."""
    return 1 if isinstance(axis, NewAxis) or repeats[axis.axis] else size


def _is_identity(indices: Sequence[int | None], axes: Sequence[Axis]) -> bool:
    return list(axes) == [SourceAxis(axis) for axis in range(len(indices))]


def _are_separate(views: Sequence[View]) -> bool:
    """Say whether views are different parts of a value along one axis: slices that do not overlap, or indices."""
    first = views[0]
    for axis in range(len(first.indices)):
        parts = sorted([_bounds(view, axis) for view in views])
        disjoint = all(left[1] <= right[0] for left, right in itertools.pairwise(parts))
        if disjoint and len({_elsewhere(view, axis) for view in views}) == 1:
            return True
    return False


def _bounds(view: View, axis: int) -> tuple[float, float]:
    """Return where a view begins and ends along an axis of its input; everything, where that is not certain."""
    index = view.indices[axis]
    if index is not None:
        return (index, index + 1) if index >= 0 else (0, float("inf"))
    (own,) = [item for item in view.axes if isinstance(item, SourceAxis) and item.axis == axis]
    start, stop = own.start or 0, float("inf") if own.stop is None else own.stop
    if start < 0 or stop < 0 or (own.step or 1) != 1:
        return 0, float("inf")
    return start, max(start, stop)


def _elsewhere(view: View, axis: int) -> tuple[object, ...]:
    """Return what a view does along all other axes."""
    return (
        *[index for place, index in enumerate(view.indices) if place != axis],
        *[item for item in view.axes if isinstance(item, NewAxis) or item.axis != axis],
        view.indices[axis] is None,
    )
