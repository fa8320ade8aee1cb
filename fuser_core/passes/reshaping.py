"""Reshape motion: a reshape leaves the way between what computes a value and what computes with it.

A reduction to a single row, or to one number, reduces the axes that were joined instead. Elementwise steps are done in
the new shape, on reshaped operands, if these lie in memory anyway: `(x * 2 + y).reshape(n, -1) - mean` is one kernel.
Nothing is computed twice, and no part of an array is reshaped, which would copy it. A reshape that only the caller or
another library sees stays behind its kernel, whose result it shows free of charge.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.axes import NewAxis, matching_view
from fuser_core.plan import Concat, Elementwise, Operand, Reduce, Reshape, Step, Value, View, numbers_read
from fuser_core.semantics import PlanBuilder
from fuser_core.shapes import Dim, Shape, have_same_factors, product

__all__ = ["move_reshapes"]

_MOST_COPIES = 8
"""Copies for each step of a plan; from there on reshapes stay, so that a loop of them takes no quadratic time."""


def move_reshapes(builder: PlanBuilder, steps: Sequence[Step], kept: frozenset[int]) -> list[Step]:
    """Return the steps with reshapes moved up, or gone, where kernels read them.

    Args:
        builder: Numbers new values.
        steps: In an order in which they can be executed.
        kept: Numbers of the values that the program returns.
    """
    if not any(isinstance(step, Reshape) for step in steps):
        return list(steps)
    motion = _Motion(builder, list(map(_as_view, steps)), kept)
    motion.reduce_before()
    motion.lift()
    return motion.steps()


def _as_view(step: Step) -> Step:
    """Return a view in the place of a reshape of which the guards say that only axes of size 1 come or go."""
    if not isinstance(step, Reshape) or step.contiguous:
        return step
    found = matching_view(step.input.shape, step.output.shape)
    return step if found is None else View(step.input, *found, step.output)


class _Ends:
    """What two shapes have in common at their left and right ends; the axes between are joined and split.

    Attributes:
        source: The shape of what is reshaped.
        target: The shape that it gets.
        left: How many axes both begin with.
        right: How many both end with.
    """

    def __init__(self, reshape: Reshape) -> None:
        self.source, self.target = reshape.input.shape, reshape.output.shape
        most = min(len(self.source), len(self.target))
        self.left = next((at for at in range(most) if self.source[at] != self.target[at]), most)
        most -= self.left
        self.right = next((at for at in range(most) if self.source[-1 - at] != self.target[-1 - at]), most)
        self._old, self._new = (shape[self.left : len(shape) - self.right] for shape in (self.source, self.target))

    def reduced(self, axes: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the axes of the source that stand for some of the target, if all axes between are among them."""
        if len(axes) == len(self.target):
            return tuple(range(len(self.source)))
        end = len(self.target) - self.right
        if not self._old or not self._new or not set(range(self.left, end)) <= set(axes):
            return None
        shift = len(self.source) - len(self.target)
        outer = [axis if axis < self.left else axis + shift for axis in axes if not self.left <= axis < end]
        return tuple(sorted((*outer, *range(self.left, len(self.source) - self.right))))

    def reshaped(self, shape: Shape) -> Shape | None:
        """Return the shape in which an operand repeats in the target as it did in the source; ``None`` for none."""
        if not self._old or not self._new:
            return None
        if shape == self.source:
            return self.target
        if len(shape) <= self.right:
            return shape
        full: tuple[Dim, ...] = (*[1] * (len(self.source) - len(shape)), *shape)
        end = len(full) - self.right
        between = full[self.left : end]
        if all(dim == 1 for dim in between):
            return (*full[: self.left], *[1] * len(self._new), *full[end:])
        # Without elements the whole shapes may fit, and the axes between not.
        fits = between == self._old and have_same_factors(product(self._old), product(self._new))
        return (*full[: self.left], *self._new, *full[end:]) if fits else None


class _Motion:
    """The steps of a plan while reshapes move."""

    def __init__(self, builder: PlanBuilder, steps: list[Step], kept: frozenset[int]) -> None:
        self._builder = builder
        self._kept = kept
        self._at = [[step] for step in steps]
        self._gone: set[int] = set()  # of copied steps, by identity
        self._makers: dict[int, Step] = {}
        self._readers: dict[int, list[Step]] = {}
        self._known: dict[object, Value] = {}
        self._copies = 0
        for step in steps:
            self._note(step)

    def steps(self) -> list[Step]:
        """Return the steps as they are now."""
        return [step for steps in self._at for step in steps if id(step) not in self._gone]

    def reduce_before(self) -> None:
        """Let reductions read what reshapes read, the last reshape first."""
        places = {id(step): place for place, (step,) in enumerate(self._at)}
        for (reshape,) in reversed(self._at):
            if not isinstance(reshape, Reshape) or reshape.output.id in self._kept:
                continue
            readers = self._readers.get(reshape.output.id, [])
            reductions = [found for reader in readers if (found := _before(reader, reshape)) is not None]
            if len(reductions) < len(readers):
                continue
            for reader, reduction in zip(readers, reductions, strict=True):
                self._forget(reader)
                self._note(reduction)
                self._at[places[id(reader)]] = [reduction]
                places[id(reduction)] = places[id(reader)]
            self._forget(reshape)
            self._gone.add(id(reshape))

    def lift(self) -> None:
        """Move reshapes above elementwise steps, the first reshape first."""
        feeding = self._feeding()
        for place, steps in enumerate(self._at):
            reshape = steps[0]
            if isinstance(reshape, Reshape) and reshape.output.id in feeding:
                self._at[place] = self._lifted(reshape) or steps
            if self._copies > _MOST_COPIES * len(self._at):
                return

    def _note(self, step: Step) -> None:
        self._makers.update((value.id, step) for value in step.outputs)
        for number in set(numbers_read(step)):
            self._readers.setdefault(number, []).append(step)

    def _forget(self, step: Step) -> None:
        for number in set(numbers_read(step)):
            self._readers[number] = [reader for reader in self._readers[number] if reader is not step]

    def _feeding(self) -> set[int]:
        """Return the values that kernels read or put together, at first hand or through views and reshapes."""
        feeding: set[int] = set()
        for steps in reversed(self._at):
            for step in steps:
                passes = isinstance(step, View | Reshape) and step.output.id in feeding
                if passes or isinstance(step, Elementwise | Reduce | Concat):
                    feeding.update(numbers_read(step))
        return feeding

    def _lifted(self, reshape: Reshape) -> list[Step] | None:
        """Return what computes a reshaped value out of reshaped operands; ``None`` where the reshape stays."""
        ends = _Ends(reshape)
        above = self._above(reshape, ends)
        if not above:
            return None
        own = {step.outputs[0].id for step in above}
        operands = {item for step in above for item in step.inputs if isinstance(item, Value) and item.id not in own}
        if not all(self._may_reshape(item, ends) for item in operands):
            return None
        self._forget(reshape)
        self._gone.add(id(reshape))
        result: list[Step] = []
        new: dict[int, Operand] = {
            item.id: self._reshaped(item, ends, result) for item in sorted(operands, key=_number)
        }
        for step in reversed(above):
            (old,) = step.outputs
            output = reshape.output if old.id == reshape.input.id else self._builder.value(old.dtype, ends.target)
            inputs = tuple(new[item.id] if isinstance(item, Value) else item for item in step.inputs)
            result.append(Elementwise(step.op, inputs, (output,)))
            new[old.id] = output
            self._forget(step)
            self._gone.add(id(step))
        for made in result:
            self._note(made)
        self._copies += len(result)
        return result

    def _above(self, reshape: Reshape, ends: _Ends) -> list[Elementwise]:
        """Return the elementwise steps, last first, whose results nobody needs but one another and a reshape."""
        left: dict[int, int] = {}  # readers that are not among them
        above: list[Elementwise] = []
        pending: list[Step] = [reshape]
        while pending:
            for number in dict.fromkeys(numbers_read(pending.pop())):
                left[number] = left.get(number, len(self._readers[number])) - 1
                maker = self._makers.get(number)
                if left[number] or number in self._kept or not isinstance(maker, Elementwise):
                    continue
                if len(maker.outputs) == 1 and maker.outputs[0].shape == ends.source and _all_fit(maker, ends):
                    above.append(maker)
                    pending.append(maker)
        return above

    def _may_reshape(self, operand: Value, ends: _Ends) -> bool:
        """Say whether an operand lies in memory in any case, and reshaping it will not copy it but for its order."""
        shape = ends.reshaped(operand.shape)
        if shape == operand.shape:
            return True
        maker = self._makers.get(operand.id)
        while isinstance(maker, View) and _is_whole(maker):
            maker = self._makers.get(maker.input.id)
        computed = isinstance(maker, Elementwise) and operand.shape == ends.source and operand.id not in self._kept
        return not isinstance(maker, View) and not computed

    def _reshaped(self, operand: Value, ends: _Ends, steps: list[Step]) -> Value:
        """Return an operand as a lifted step reads it, made by one of ``steps`` if need be."""
        shape = ends.reshaped(operand.shape)
        assert shape is not None
        if shape == operand.shape:
            return operand
        key = operand.id, shape
        if key not in self._known:
            output = self._builder.value(operand.dtype, shape)
            self._known[key] = output
            steps.append(_as_view(Reshape(operand, output)))
        return self._known[key]


def _before(reader: Step, reshape: Reshape) -> Reduce | None:
    """Return a reduction of what is reshaped, if it gives the same in any memory order."""
    if not isinstance(reader, Reduce) or len(reader.output.shape) > 1:
        return None  # a larger result lies in memory as the reshaped array does
    if reader.output.shape and reader.op in ("min", "max"):
        return None  # of an array without elements, which axes are empty is asked for
    axes = _Ends(reshape).reduced(reader.axes)
    return None if axes is None else Reduce(reader.op, reshape.input, axes, reader.output)


def _number(value: Value) -> int:
    return value.id


def _all_fit(step: Elementwise, ends: _Ends) -> bool:
    return all(ends.reshaped(item.shape) is not None for item in step.inputs if isinstance(item, Value))


def _is_whole(view: View) -> bool:
    """Say whether a view shows all of an array, its axes in their order."""
    axes = [axis for axis in view.axes if not isinstance(axis, NewAxis)]
    shown = all(dim == 1 for dim, index in zip(view.input.shape, view.indices, strict=True) if index is not None)
    return (
        shown and axes == sorted(axes, key=lambda axis: axis.axis) and all(axis.slice == slice(None) for axis in axes)
    )
