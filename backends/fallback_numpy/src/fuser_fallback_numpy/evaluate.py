"""The kernel of the fallback: a group as a list of NumPy calls with their buffers chosen beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.backend import Elementwise, Group, Operand, Reduce, Value
from fuser_core.ops import ELEMENTWISE, REDUCTIONS, cast_array
from fuser_core.plan import format_step
from fuser_fallback_numpy.blocks import BLOCK_ELEMENTS, axis_order, blocks, common_shape, count, restrict

__all__ = ["NumPyKernel"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class _Call:
    """One elementwise step, and the values whose buffers are free after it."""

    step: Elementwise
    dead: tuple[Value, ...]


class NumPyKernel:
    """A group, ready to be evaluated.

    Attributes:
        artifacts: The steps as text, under ``"numpy"``.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self._calls = _schedule(group)
        self._written = {value.id for value in group.outputs}

    @property
    def artifacts(self) -> Mapping[str, str]:
        return MappingProxyType({"numpy": "\n".join(map(format_step, self._group.steps))})

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Evaluate the group into ``outputs``; shapes and dtypes are those of the group."""
        group = self._group
        reductions = group.reductions
        full = [out for out, value in zip(outputs, group.outputs, strict=True) if value.shape == group.shape]
        shape = common_shape([array.shape for array in (*inputs, *full)], len(group.shape))
        with np.errstate(all="ignore"):
            if count(shape) <= BLOCK_ELEMENTS:
                self._run_block(inputs, outputs, None, _Buffers(), reductions, set())
                return
            buffers, started = _Buffers(), set[object]()
            for block in blocks(shape, axis_order([*inputs, *full], shape)):
                parts = [restrict(array, block) for array in inputs]
                self._run_block(parts, outputs, block, buffers, reductions, started)

    def _run_block(
        self,
        inputs: Sequence[Array],
        outputs: Sequence[Array],
        block: tuple[slice, ...] | None,
        buffers: _Buffers,
        reductions: Sequence[Reduce],
        started: set[object],
    ) -> None:
        values: dict[int, Any] = {value.id: array for value, array in zip(self._group.inputs, inputs, strict=True)}
        targets: dict[int, Array] = {}
        for value, out in zip(self._group.outputs, outputs, strict=True):
            reduced = value.shape != self._group.shape
            targets[value.id] = out if block is None or reduced else out[block]
        for call in self._calls:
            _run_call(call, values, targets, buffers)
        for reduction in reductions:
            _accumulate(reduction, values[reduction.input.id], targets[reduction.output.id], block, started)
        for value_id, array in values.items():
            buffers.give_back(value_id, array)


class _Buffers:
    """Temporary arrays, reused by dtype and shape from step to step and from block to block."""

    def __init__(self) -> None:
        self._free: dict[tuple[np.dtype[Any], tuple[int, ...]], list[Array]] = {}
        self._lent: dict[int, Array] = {}

    def take(self, value: Value, shape: tuple[int, ...]) -> Array:
        """Return an array for a value."""
        free = self._free.get((value.dtype, shape))
        array = free.pop() if free else np.empty(shape, value.dtype)
        self._lent[value.id] = array
        return array

    def give_back(self, value_id: int, array: Array) -> None:
        """Make a value's array, if it came from here, free for the next."""
        if self._lent.get(value_id) is array:
            del self._lent[value_id]
            self._free.setdefault((array.dtype, array.shape), []).append(array)


def _schedule(group: Group) -> tuple[_Call, ...]:
    """Find, for each elementwise step, the values that nobody reads after it."""
    kept = {value.id for value in (*group.inputs, *group.outputs)}
    kept |= {reduction.input.id for reduction in group.reductions}
    calls: list[_Call] = []
    for step in reversed(group.steps):
        if isinstance(step, Reduce):
            continue
        values = {value.id: value for value in (*step.inputs, *step.outputs) if isinstance(value, Value)}
        dead = tuple(value for number, value in values.items() if number not in kept)
        kept.update(values)
        calls.append(_Call(step, dead))
    return tuple(reversed(calls))


def _run_call(call: _Call, values: dict[int, Any], targets: Mapping[int, Array], buffers: _Buffers) -> None:
    step = call.step
    operands = [_operand(item, values) for item in step.inputs]
    shape = common_shape([np.shape(operand) for operand in operands])
    results = []
    for value in step.outputs:
        target = targets.get(value.id)
        results.append(target if target is not None else buffers.take(value, shape))
        values[value.id] = results[-1]
    if step.op == "cast":
        cast_array(np.asarray(operands[0]), results[0])
    elif step.op == "where":
        condition, chosen, other = operands
        np.copyto(results[0], np.where(condition, chosen, other))
    else:
        ufunc = ELEMENTWISE[step.op].ufunc
        assert ufunc is not None
        ufunc(*operands, out=tuple(results))
    for value in call.dead:
        buffers.give_back(value.id, values.pop(value.id))


def _operand(item: Operand, values: Mapping[int, Any]) -> Any:
    return values[item.id] if isinstance(item, Value) else item.value


def _accumulate(
    reduction: Reduce, array: Array, out: Array, block: tuple[slice, ...] | None, started: set[object]
) -> None:
    """Reduce one block into the part of the output that it contributes to."""
    ufunc = REDUCTIONS[reduction.op].ufunc
    if block is None:
        ufunc.reduce(array, axis=reduction.axes, dtype=reduction.output.dtype, out=out)
        return
    region = tuple(part for axis, part in enumerate(block) if axis not in reduction.axes)
    partial = ufunc.reduce(array, axis=reduction.axes, dtype=reduction.output.dtype)
    key = (reduction.output.id, tuple((part.start, part.stop) for part in region))
    if key in started:
        target = out[region] if region else out
        ufunc(target, partial, out=target)
    else:
        started.add(key)
        out[region] = partial
