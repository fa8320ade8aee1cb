"""The program: a plan with its kernels bound, executed for every call.

It is immutable; all state of a call is in its frame, so threads share programs freely. Each intermediate is freed
after its last use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.instructions import BoundGroup, Frame, Instruction
from fuser_core.layout import same_memory
from fuser_core.plan import Constant, Guard, Plan, Value
from fuser_core.shapes import evaluate

__all__ = ["Program"]


@dataclass(frozen=True)
class Program:
    """A plan, ready to run.

    Attributes:
        plan: What it computes.
        instructions: Each step with the numbers of the registers that nobody reads after it.
        refused: Backends that were not asked at all, with the reason.
    """

    plan: Plan
    instructions: tuple[tuple[Instruction, tuple[int, ...]], ...]
    refused: tuple[tuple[str, str], ...]

    @property
    def groups(self) -> tuple[BoundGroup, ...]:
        """The groups, in the order of execution."""
        return tuple(step for step, _ in self.instructions if isinstance(step, BoundGroup))

    def accepts(self, arguments: Sequence[Any]) -> bool:
        """Say whether the plan's guards hold for the sizes of these arguments."""

        def size_of(value: int, axis: int) -> int:
            size: int = arguments[value].shape[axis]
            return size

        return all(_holds(guard, size_of) for guard in self.plan.guards)

    def run(self, arguments: Sequence[Any], threads: int, out: Sequence[Any | None] = ()) -> list[Any]:
        """Execute.

        Args:
            arguments: Arrays and Python numbers that match the plan's `ArgSpec` and guards.
            threads: The most threads that a kernel may use.
            out: Per output an array to write into, or ``None``; shorter is allowed.
        """
        registers = {value.id: argument for value, argument in zip(self.plan.inputs, arguments, strict=True)}
        targets = self._direct_outputs(arguments, out) if out else {}
        frame = Frame(registers, targets, threads)
        for instruction, dead in self.instructions:
            instruction.run(frame)
            for value in dead:
                del registers[value]
        results = [self._result(position, frame) for position in range(len(self.plan.outputs))]
        _separate(results)
        for position, target in enumerate(out):
            if target is not None:
                results[position] = _store(results[position], target)
        return results

    def _direct_outputs(self, arguments: Sequence[Any], out: Sequence[Any | None]) -> dict[int, Any]:
        """Return the caller's arrays that kernels may write directly.

        With several kernels an early one could overwrite what a later one still reads, so then no array that touches
        an argument is used; its result is copied at the end.
        """
        targets: dict[int, Any] = {}
        for value, target in zip(self.plan.outputs, out, strict=False):
            if target is None or not isinstance(value, Value):
                continue
            shared = any(isinstance(item, np.ndarray) and np.may_share_memory(item, target) for item in arguments)
            others = [other for other in out if other is not None and other is not target]
            overlapping = any(np.may_share_memory(other, target) for other in others)
            if not overlapping and (len(self.instructions) == 1 or not shared):
                targets[value.id] = target
        return targets

    def _result(self, position: int, frame: Frame) -> Any:
        output = self.plan.outputs[position]
        if isinstance(output, Constant):
            return output.value
        result = frame.registers[output.id]
        return result[()] if self.plan.unboxed[position] else result


def _separate(results: list[Any]) -> None:
    """Copy arrays that appear twice: equal expressions are computed once, but their results are two arrays."""
    seen: set[int] = set()
    for position, result in enumerate(results):
        if isinstance(result, np.ndarray) and id(result) in seen:
            results[position] = result.copy(order="K")
        seen.add(id(result))


def _holds(guard: Guard, size_of: Callable[[int, int], int]) -> bool:
    return evaluate(guard.left, size_of) == evaluate(guard.right, size_of)


def _store(result: Any, target: Any) -> Any:
    """Copy a result into the caller's array unless a kernel has written it there already."""
    if result is not target and not (isinstance(result, np.ndarray) and same_memory(result, target)):
        np.copyto(target, result, casting="same_kind")
    return target
