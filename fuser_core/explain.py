"""Explanations: what a program does, which backend serves which part, and why, as text for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fuser_core.chaining import BoundChain, mixes
from fuser_core.instructions import BoundGroup, BoundStep, Instruction
from fuser_core.plan import Opaque, View, format_step
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
    kernels, sources = itertools.count(), dict[int, _Source]()
    first = 0
    for instruction, _ in program.instructions:
        own = _source(instruction, first, sources)
        if own is not None:
            yield from _waits(own, sources)
            sources.update((value.id, own) for each in own.groups for value in each.group.outputs)
            first = own.numbers.stop
        if isinstance(instruction, BoundChain):
            yield f"  the next {len(instruction.groups)} kernels run as one, {_parts(instruction)}, where that pays"
            for member in instruction.members:
                yield from _instruction_lines(member, kernels)
        else:
            yield from _instruction_lines(instruction, kernels)
    for guard in (*map(str, program.plan.guards), *guards):
        yield f"  valid while {guard}"
    if volatile is not None:
        yield f"  traced again for every call: {volatile!r} may change unseen"


class _Source(NamedTuple):
    """Kernels that are one instruction, by their numbers, and with all that is seen of their results."""

    numbers: range
    members: list[BoundGroup | BoundStep]

    @property
    def groups(self) -> list[BoundGroup]:
        return [member for member in self.members if isinstance(member, BoundGroup)]


def _source(instruction: Instruction, first: int, sources: dict[int, _Source]) -> _Source | None:
    """Return an instruction as the source of what it computes; ``None`` for a step of the core, which may be a view."""
    if isinstance(instruction, BoundChain):
        return _Source(range(first, first + len(instruction.groups)), list(instruction.members))
    if isinstance(instruction, BoundGroup):
        return _Source(range(first, first + 1), [instruction])
    step = instruction.step if isinstance(instruction, BoundStep) else None
    if isinstance(instruction, BoundStep) and isinstance(step, View) and step.input.id in sources:
        sources[step.output.id] = sources[step.input.id]
        sources[step.input.id].members.append(instruction)
    return None


def _waits(own: _Source, sources: Mapping[int, _Source]) -> Iterator[str]:
    """Say for which kernels the next ones wait because these mix what they would have to keep apart."""
    bound = own.groups[0]
    read = {sources[value.id].numbers: sources[value.id] for value in bound.group.inputs if value.id in sources}
    for numbers, source in read.items():
        if bound.compiled.plugin.chains and mixes(source.members, bound.group):
            kernels = f"kernel {numbers[0]}" if len(numbers) == 1 else f"kernels {numbers[0]} to {numbers[-1]}"
            yield f"  kernel {own.numbers[0]} waits for all of {kernels}: no axis is kept apart by all of them"


def _parts(bound: BoundChain) -> str:
    chain = bound.chain
    sizes = [str(chain.groups[0].shape[axis]) for axis in chain.axes[0]]
    return f"in turn on one part of {' and '.join(sizes)} after another"


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
