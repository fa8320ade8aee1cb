"""Explanations: what a program does, which backend serves which part, and why, as text for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from fuser_core.chaining import BoundChain
from fuser_core.instructions import BoundGroup, BoundStep, Instruction
from fuser_core.plan import Opaque, format_step
from fuser_core.program import Program
from fuser_core.shapes import format_shape

__all__ = ["code", "report", "served_by"]


def served_by(program: Program) -> tuple[str, str]:
    """Return the backends of a program, by name, and why these."""
    groups = program.groups
    names = list(dict.fromkeys(group.compiled.plugin.name for group in groups))
    reasons = list(dict.fromkeys(f"{item.backend}: {item.reason}" for group in groups for item in group.turned))
    reasons += [f"{name}: {reason}" for name, reason in program.refused]
    if not groups:
        return "none", "the function computes nothing that needs a kernel"
    return " + ".join(names), "; ".join(reasons) or "it is the first backend asked and accepts every step"


def report(name: str, program: Program, labels: Sequence[str], guards: Sequence[str], volatile: str | None) -> str:
    """Return the full explanation of a program.

    Args:
        name: Of the user's function.
        program: What serves the call.
        labels: What the user calls the program's first inputs.
        guards: Numbers that the function looked at, in words.
        volatile: What may change unseen, if anything.
    """
    return "\n".join(_lines(name, program, labels, guards, volatile))


def code(program: Program) -> str:
    """Return the generated code of every kernel of a program, each stage under a heading."""
    parts = []
    for number, group in enumerate(program.groups):
        for stage, text in group.compiled.artifacts.items():
            parts.append(f"==== kernel {number}, {group.compiled.plugin.name}, {stage} ====\n{text}")
    return "\n\n".join(parts)


def _lines(
    name: str, program: Program, labels: Sequence[str], guards: Sequence[str], volatile: str | None
) -> Iterator[str]:
    backends, reason = served_by(program)
    yield f"{name}: {_count(len(program.groups), 'kernel')} by {backends}"
    yield f"  because {reason}"
    yield from (f"  {value} is the argument {label}" for value, label in zip(program.plan.inputs, labels, strict=False))
    kernels = itertools.count()
    for instruction, _ in program.instructions:
        if isinstance(instruction, BoundChain):
            count = len(instruction.groups)
            yield f"  the next {count} kernels run as one, in turn on one part of their first axis after another"
            for member in instruction.members:
                yield from _instruction_lines(member, kernels)
        else:
            yield from _instruction_lines(instruction, kernels)
    for guard in (*map(str, program.plan.guards), *guards):
        yield f"  valid while {guard}"
    if volatile is not None:
        yield f"  traced again for every call: {volatile!r} may change unseen"


def _instruction_lines(instruction: Instruction, kernels: Iterator[int]) -> Iterator[str]:
    if isinstance(instruction, BoundGroup):
        yield from _group_lines(next(kernels), instruction)
    elif isinstance(instruction, BoundStep):
        what = "call of another library" if isinstance(instruction.step, Opaque) else "core"
        yield f"  {what}: {format_step(instruction.step)}"


def _group_lines(number: int, bound: BoundGroup) -> Iterator[str]:
    group, compiled = bound.group, bound.compiled
    yield (
        f"  kernel {number}: {compiled.plugin.name}, {_count(len(group.steps), 'operation')} over "
        f"{format_shape(group.shape)}, {_count(len(group.inputs), 'array')} in, {len(group.outputs)} out, "
        f"made ready in {compiled.seconds * 1e3:.1f} ms"
    )
    for step in group.steps:
        yield f"    {format_step(step)}"
    for turned in bound.turned:
        yield f"    not by {turned.backend}: {turned.reason}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
