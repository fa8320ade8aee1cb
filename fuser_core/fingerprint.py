"""Fingerprints: text that says all that a group is, the same in every process, for caches that outlive one."""

from __future__ import annotations

from fuser_core.backend import Group, GroupStep, Operand, Reduce, Value
from fuser_core.shapes import format_shape

__all__ = ["fingerprint"]


def fingerprint(group: Group) -> str:
    """Return a text that is equal for equal groups only. Constants are in it bit by bit."""
    lines = [f"{group.device} {format_shape(group.shape)}", *map(_value, group.inputs)]
    lines += map(_step, group.steps)
    lines.append(" ".join(f"%{value.id}" for value in group.outputs))
    return "\n".join(lines)


def _step(step: GroupStep) -> str:
    how = str(step.axes) if isinstance(step, Reduce) else ""
    return f"{' '.join(map(_value, step.outputs))} = {step.op}{how} {' '.join(map(_operand, step.inputs))}"


def _value(value: Value) -> str:
    return f"%{value.id}:{value.dtype.str}{format_shape(value.shape)}"


def _operand(operand: Operand) -> str:
    return f"%{operand.id}" if isinstance(operand, Value) else f"{operand.dtype.str}:{operand.value.tobytes().hex()}"
