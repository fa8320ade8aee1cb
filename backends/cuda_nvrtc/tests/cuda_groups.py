"""Groups made by hand, arrays as `launch` sees them, and what they should become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.agreement import differences
from fuser_core.backend import Constant, Device, Elementwise, Group, GroupStep, Operand, Reduce, Value
from fuser_core.disturbance import Disturbance
from fuser_core.plan import DType, format_step
from fuser_core.shapes import Dim, SizeOf
from fuser_core.verification import evaluate_group

CUDA = Device("cuda")
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Described:
    """An array as `launch` sees it; by default in this process's memory, as if that were the device's."""

    array: Array
    address: int | None = None
    device: Device = CUDA
    stream: int | None = None

    @property
    def dtype(self) -> DType:
        return self.array.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def strides(self) -> tuple[int, ...]:
        return self.array.strides

    @property
    def pointer(self) -> int:
        return int(self.array.ctypes.data) if self.address is None else self.address


class Builder:
    """Collects the steps of a group over a space of symbolic sizes."""

    def __init__(self, rank: int = 1) -> None:
        self.shape: tuple[Dim, ...] = tuple(SizeOf(0, axis) for axis in range(rank))
        self.inputs: list[Value] = []
        self.steps: list[GroupStep] = []
        self._count = 0

    def value(self, dtype: Any, shape: Sequence[Dim] | None = None) -> Value:
        self._count += 1
        return Value(self._count, np.dtype(dtype), self.shape if shape is None else tuple(shape))

    def input(self, dtype: Any, shape: Sequence[Dim] | None = None) -> Value:
        """Add an input; in ``shape`` None means the group's own size."""
        self.inputs.append(self.value(dtype, shape))
        return self.inputs[-1]

    def apply(self, op: str, *operands: Operand, dtype: Any) -> Value:
        return self.several(op, *operands, dtypes=[dtype])[0]

    def several(self, op: str, *operands: Operand, dtypes: Sequence[Any]) -> tuple[Value, ...]:
        step = Elementwise(op, operands, tuple(map(self.value, dtypes)))
        self.steps.append(step)
        return step.outputs

    def reduce(self, op: str, operand: Value, axes: Sequence[int]) -> Value:
        kept = [dim for axis, dim in enumerate(self.shape) if axis not in axes]
        step = Reduce(op, operand, tuple(axes), self.value(operand.dtype, kept))
        self.steps.append(step)
        return step.output

    def group(self, *outputs: Value) -> Group:
        return Group(CUDA, self.shape, tuple(self.inputs), tuple(self.steps), outputs)


def number(value: Any, dtype: Any) -> Constant:
    return Constant(np.dtype(dtype).type(value))


def check(group: Group, inputs: Sequence[Array], outputs: Sequence[Array], runs: int = 8) -> None:
    """Raise where outputs are not what a group makes of its inputs, by NumPy and within what may be rounded."""
    wanted = evaluate_group(group, inputs)
    others: list[list[Array]] = []
    for run in range(runs):
        rng = np.random.default_rng(run)
        sign = 1 - 2 * run
        disturbance = Disturbance(
            lambda shape, run=run, rng=rng, sign=sign: sign if run < 2 else rng.choice([-1, 1], shape)
        )
        disturbed = evaluate_group(group, inputs, disturbance)
        if not disturbance.moved:
            break
        others.append(disturbed)
    for place, (value, found, right) in enumerate(zip(group.outputs, outputs, wanted, strict=True)):
        assert found.shape == right.shape
        assert found.dtype == right.dtype
        wrong = differences(found, right, [each[place] for each in others])
        if wrong.any():
            (step,) = [step for step in group.steps if value in step.outputs]
            lines = [f"{int(wrong.sum())} of {wrong.size} are wrong: {format_step(step)}"]
            for at in list(map(tuple, np.argwhere(wrong)))[:5]:
                given = [np.broadcast_to(each, found.shape)[at] for each in inputs] if not group.reductions else []
                lines.append(f"  at {at}: {found[at]!r}, should be {right[at]!r} {given[:4]!r}")
            raise AssertionError("\n".join(lines))
