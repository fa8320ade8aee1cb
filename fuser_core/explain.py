"""Explanations: what a program does, which backend serves which part, and why, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fuser_core.instructions import BoundGroup, BoundStep
from fuser_core.kernels import CompiledGroup
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
    return " + ".join(names), "; ".join(reasons) or "it is asked first and accepts everything"


def report(name: str, program: Program, guards: Sequence[str], volatile: str | None) -> str:
    """Return the full explanation of a program."""
    return "\n".join(_lines(name, program, guards, volatile))


def code(program: Program) -> str:
    """Return the generated code of every kernel of a program, each stage under a heading."""
    parts = []
    for number, group in enumerate(program.groups):
        for stage, text in group.compiled.kernel.artifacts.items():
            parts.append(f"==== kernel {number}, {group.compiled.plugin.name}, {stage} ====\n{text}")
    return "\n\n".join(parts)


def _lines(name: str, program: Program, guards: Sequence[str], volatile: str | None) -> Iterator[str]:
    backends, reason = served_by(program)
    kernels = len(program.groups)
    yield f"{name}: {kernels} kernel{'s' * (kernels != 1)} by {backends}"
    yield f"  because {reason}"
    number = 0
    for instruction, _ in program.instructions:
        if isinstance(instruction, BoundGroup):
            yield from _group_lines(number, instruction)
            number += 1
        elif isinstance(instruction, BoundStep):
            what = "call of another library" if isinstance(instruction.step, Opaque) else "core"
            yield f"  {what}: {format_step(instruction.step)}"
    for guard in (*map(str, program.plan.guards), *guards):
        yield f"  compiled again unless: {guard}"
    if volatile is not None:
        yield f"  traced again for every call: {volatile!r} may change unseen"


def _group_lines(number: int, bound: BoundGroup) -> Iterator[str]:
    group, compiled = bound.group, bound.compiled
    yield (
        f"  kernel {number}: {compiled.plugin.name}, {len(group.steps)} operations over {format_shape(group.shape)}, "
        f"{len(group.inputs)} arrays in, {len(group.outputs)} out, {_origin(compiled)}"
    )
    for step in group.steps:
        yield f"    {format_step(step)}"
    for turned in bound.turned:
        yield f"    not by {turned.backend}: {turned.reason}"


def _origin(compiled: CompiledGroup) -> str:
    return f"made ready in {compiled.seconds * 1e3:.1f} ms"
