"""Verification: every launch of a compiled kernel is evaluated a second time, by definition, and compared.

Switched on by ``FUSER_VERIFY=1``. A group is evaluated step by step with the functions of `fuser_core.ops`. Where
backends may round in their own way it is evaluated again, disturbed, to learn how far its results may stray: with all
signs of up to 4 errors, and with enough of those of more errors that any two have now equal and now unlike signs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.agreement import differences
from fuser_core.backend import ArrayDesc, Decline, FusedKernel, Group, GroupStep
from fuser_core.disturbance import Disturbance
from fuser_core.errors import VerificationError
from fuser_core.kernels import CompiledGroup
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.plan import Reduce, Value, format_step
from fuser_core.poison import spoil
from fuser_core.records import replace

__all__ = ["evaluate_group", "verified"]

Array = np.ndarray[Any, np.dtype[Any]]

_MOST_SHOWN = 5
_FEW_ERRORS = 4
_RANDOM_SIGNS = 8


def verified(compiled: CompiledGroup, group: Group, returned: Mapping[int, int]) -> CompiledGroup:
    """Return a kernel whose launches are verified.

    Args:
        compiled: The kernel.
        group: What it computes, numbered as in the plan.
        returned: Which output of the program a value is, by its number.
    """
    return replace(compiled, launch=_Verification(compiled, group, returned).launch)


def evaluate_group(group: Group, inputs: Sequence[Array], disturbance: Disturbance | None = None) -> list[Array]:
    """Return the outputs of a group, evaluated by the definitions of its operations.

    Args:
        group: What to evaluate.
        inputs: One array per input of the group.
        disturbance: Moves what may be rounded.
    """
    values: dict[int, Any] = {value.id: array for value, array in zip(group.inputs, inputs, strict=True)}
    with np.errstate(all="ignore"):
        for step, dead in _with_last_uses(group):
            operands = [values[item.id] if isinstance(item, Value) else item.value for item in step.inputs]
            results = _evaluate(step, operands)
            if disturbance is not None:
                axes = step.axes if isinstance(step, Reduce) else None
                results = disturbance.move(step.op, operands, results, axes)
            values.update((value.id, result) for value, result in zip(step.outputs, results, strict=True))
            for number in dead:
                values.pop(number, None)
    return [values[value.id] for value in group.outputs]


def _evaluate(step: GroupStep, operands: Sequence[Any]) -> tuple[Array, ...]:
    if isinstance(step, Reduce):
        result = REDUCTIONS[step.op].function(operands[0], axis=step.axes, dtype=step.output.dtype)
        return (np.asarray(result),)
    shape = _common_shape([np.shape(operand) for operand in operands])
    results = tuple(np.empty(shape, value.dtype) for value in step.outputs)
    ELEMENTWISE[step.op].function(*operands, out=results)
    return results


def _common_shape(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return what shapes that are known to fit broadcast to; NumPy's own function takes no more than 32 axes."""
    rank = max(map(len, shapes))
    aligned = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*aligned, strict=True))


def _with_last_uses(group: Group) -> list[tuple[GroupStep, list[int]]]:
    """Return each step with the values that nobody reads after it: they would fill the memory."""
    kept = {value.id for value in (*group.inputs, *group.outputs)}
    result: list[tuple[GroupStep, list[int]]] = []
    for step in reversed(group.steps):
        touched = {item.id for item in (*step.inputs, *step.outputs) if isinstance(item, Value)}
        result.append((step, list(touched - kept)))
        kept |= touched
    return result[::-1]


def _patterns(errors: int) -> list[tuple[int, ...]]:
    """Return signs for so many errors, besides all of them positive."""
    if errors <= _FEW_ERRORS:
        return list(itertools.product((1, -1), repeat=errors))[1:]
    numbers = np.arange(errors)
    halves = [1 - 2 * (numbers >> bit & 1) for bit in range((errors - 1).bit_length())]
    drawn = np.random.default_rng(0).choice([1, -1], (_RANDOM_SIGNS, errors))
    rows = [-np.ones_like(numbers), *halves, *(-half for half in halves), *drawn]
    return [tuple(map(int, row)) for row in rows]


class _Signs:
    """The signs of the errors of one evaluation; positive where none is given.

    Attributes:
        count: How many were asked for.
    """

    def __init__(self, signs: Sequence[int] = ()) -> None:
        self.count = 0
        self._signs = signs

    def __call__(self, _: tuple[int, ...]) -> int:
        self.count += 1
        return self._signs[self.count - 1] if self.count <= len(self._signs) else 1


class _Verification:
    """The launch of one kernel, verified."""

    def __init__(self, compiled: CompiledGroup, group: Group, returned: Mapping[int, int]) -> None:
        self._compiled = compiled
        self._group = group
        self._returned = returned

    def launch(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        """Launch the kernel and compare what it computes.

        Raises:
            VerificationError: An element of an output is not what it must be, or its array was changed.
        """
        # Before the launch, since an output may be the memory of an input.
        arrays = [np.array(desc.array) for desc in inputs]
        wanted = evaluate_group(self._group, arrays)
        others = list(zip(*self._disturbed(arrays), strict=True))
        given = [desc.array for desc in outputs]
        results = [array.view() for array in given]
        for result in results:
            if not any(np.may_share_memory(result, desc.array) for desc in inputs):
                spoil(result)
        answer = self._compiled.launch(kernel, inputs, outputs, threads)
        for place, (array, found) in enumerate(zip(given, results, strict=True)):
            self._refuse_changed(self._group.outputs[place], array, found)
            right = wanted[place]
            wrong = differences(found, right, others[place] if others else ())
            if wrong.any():
                told = self._describe(self._group.outputs[place], found, right, wrong, arrays)
                self._compiled.plugin.note(told.partition("\n")[0])
                raise VerificationError(told)
        return answer

    def _refuse_changed(self, value: Value, array: Array, result: Array) -> None:
        """Refuse an output whose array object is not what it was: its memory is looked at as it was allocated."""
        if (array.dtype, array.shape, array.strides) == (result.dtype, result.shape, result.strides):
            return
        told = (
            f"{self._compiled.plugin.name} changed the array of {self._which(value)} in its hook launch: given as "
            f"{result.dtype} of shape {result.shape} and strides {result.strides}, it is now {array.dtype} of shape "
            f"{array.shape} and strides {array.strides}; results are written into the arrays as they are"
        )
        self._compiled.plugin.note(told)
        raise VerificationError(f"{told}\n{self._report()}")

    def _which(self, value: Value) -> str:
        place = self._returned.get(value.id)
        return "an intermediate value" if place is None else f"output {place}"

    def _report(self) -> str:
        plugin = self._compiled.plugin
        return (
            f"Report this to the author of {plugin.name} ({plugin.distribution}), with these lines and with what "
            f"explain() and code() of the function say; FUSER_DISABLE={plugin.name} goes on without it."
        )

    def _disturbed(self, arrays: Sequence[Array]) -> Iterator[list[Array]]:
        """Evaluate with errors, as often as it takes to see how far results may stray; never if they may not."""
        signs = _Signs()
        disturbance = Disturbance(signs)
        outputs = evaluate_group(self._group, arrays, disturbance)
        if disturbance.moved:
            yield outputs
            for pattern in _patterns(signs.count):
                yield evaluate_group(self._group, arrays, Disturbance(_Signs(pattern)))

    def _describe(self, value: Value, found: Array, wanted: Array, wrong: Array, arrays: Sequence[Array]) -> str:
        plugin = self._compiled.plugin
        (step,) = [step for step in self._group.steps if value in step.outputs]
        count = f"{int(wrong.sum())} of {wrong.size} elements of shape {found.shape}"
        lines = [f"{plugin.name} computed {self._which(value)} wrong: {count}, `{format_step(step)}`"]
        for each in (tuple(map(int, place)) for place in np.argwhere(wrong)[:_MOST_SHOWN]):
            operands = self._operands(each, found, arrays)
            lines.append(f"  at {each}: {found[each]!r}, should be {wanted[each]!r}{operands}")
        return "\n".join([*lines, self._report()])

    def _operands(self, place: tuple[int, ...], found: Array, arrays: Sequence[Array]) -> str:
        """Return what the inputs are at a place of an elementwise output."""
        if len(arrays) > _MOST_SHOWN or any(array.ndim > found.ndim for array in arrays) or self._group.reductions:
            return ""
        parts = [
            f"%{value.id} = {np.broadcast_to(array, found.shape)[place]!r}"
            for value, array in zip(self._group.inputs, arrays, strict=True)
        ]
        return f" (where {', '.join(parts)})" if parts else ""
