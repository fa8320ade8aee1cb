"""From a group to its body: the function that computes one element."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fuser_core.backend import CompileOptions, Constant, Elementwise, Group, GroupStep, Operand, Value
from fuser_core.plan import format_step
from fuser_cuda_nvrtc.source.arrangement import Arrangement
from fuser_cuda_nvrtc.source.operations import cast, results
from fuser_cuda_nvrtc.source.storage import literal, storage

__all__ = ["body_text", "computed"]

_INLINED = 2000
"""Rough time per element, in additions, beyond which a body is a function that all kernels of a module call."""


def computed(group: Group, arrangement: Arrangement) -> tuple[Value, ...]:
    """Return what the body computes: the elementwise outputs, then what else is reduced."""
    stored = [group.outputs[place] for place in arrangement.stored]
    return tuple(dict.fromkeys([*stored, *(step.input for step in group.reductions)]))


def body_text(group: Group, options: CompileOptions, arrangement: Arrangement, name: str = "body") -> str:
    """Write ``void body(inputs..., &results...)``, on numbers in registers.

    Args:
        group: What to compute.
        options: Under ``fast_math`` halves are rounded when they are stored, not after every operation.
        arrangement: The arrays of the kernel.
        name: Of the function.
    """
    inputs = [group.inputs[place] for place in (*arrangement.walked, *arrangement.numbers)]
    parameters = [f"const {storage(value.dtype).register} v{value.id}" for value in inputs]
    outputs = computed(group, arrangement)
    parameters += [f"{storage(value.dtype).register} &r{place}" for place, value in enumerate(outputs)]
    used = {each.id for step in group.steps for each in _read(step)}
    loose = {group.outputs[place].id for place in arrangement.stored} - used
    steps = [step for step in group.steps if isinstance(step, Elementwise)]
    lines = [line for step in steps for line in _lines(step, options, loose)]
    lines += [f"r{place} = v{value.id};" for place, value in enumerate(outputs)]
    how = "__forceinline__" if arrangement.cost <= _INLINED else "__noinline__"
    signature = f"__device__ {how} void {name}({', '.join(parameters)}) {{"
    return "\n".join([signature, *(f"    {line}" for line in lines), "}"])


def _read(step: GroupStep) -> list[Value]:
    operands = step.inputs if isinstance(step, Elementwise) else (step.input,)
    return [operand for operand in operands if isinstance(operand, Value)]


def _lines(step: Elementwise, options: CompileOptions, loose: Collection[int]) -> Iterator[str]:
    """Write one operation, with what it is as a comment."""
    operands = [_operand(operand) for operand in step.inputs]
    if step.op == "cast":
        texts = [cast(step.inputs[0].dtype, step.outputs[0].dtype, operands[0])]
    else:
        texts = results(step, operands, rounded=not options.fast_math, loose=loose)
    for value, text in zip(step.outputs, texts, strict=True):
        yield f"const {storage(value.dtype).register} v{value.id} = {text};  // {format_step(step)}"


def _operand(operand: Operand) -> str:
    return literal(operand.value) if isinstance(operand, Constant) else f"v{operand.id}"
