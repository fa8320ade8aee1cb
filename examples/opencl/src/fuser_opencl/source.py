"""The source of a kernel: one loop over the elements of a part, in OpenCL C."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fuser_core.backend import Constant, Group, Value
from fuser_opencl.operations import TYPES, write

__all__ = ["NAME", "write_kernel"]

NAME = "fused"


def write_kernel(group: Group) -> str:
    """Return the source of a group's kernel.

    Its arguments are the inputs, the outputs, and the sizes of the iteration space, one `long` each. A work group
    computes one part; there are as many parts as work groups.
    """
    rank = len(group.shape)
    arguments = [f"__global const {TYPES[value.dtype.name]} *restrict a{value.id}" for value in group.inputs]
    arguments += [f"__global {TYPES[value.dtype.name]} *restrict b{value.id}" for value in group.outputs]
    arguments += [f"const long n{axis}" for axis in range(rank)]
    lines = [
        "#pragma OPENCL EXTENSION cl_khr_fp64 : enable",
        "#pragma OPENCL FP_CONTRACT OFF",
        f"__kernel void {NAME}({', '.join(arguments)}) {{",
        f"  const long count = {' * '.join(f'n{axis}' for axis in range(rank)) or '1'};",
        "  const long part = get_group_id(0), parts = get_num_groups(0);",
        "  for (long i = count * part / parts; i < count * (part + 1) / parts; ++i) {",
        *(f"    {line}" for line in _body(group)),
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _body(group: Group) -> Iterator[str]:
    if any(_repeats(value, group) for value in group.inputs):
        yield "long rest = i;"
        for axis in reversed(range(len(group.shape))):
            yield f"const long i{axis} = rest % n{axis}; rest /= n{axis};"
    for value in group.inputs:
        yield f"const {TYPES[value.dtype.name]} v{value.id} = a{value.id}[{_place(value, group)}];"
    for step in group.steps:
        operands = [f"v{item.id}" if isinstance(item, Value) else _number(item) for item in step.inputs]
        yield f"const {TYPES[step.outputs[0].dtype.name]} v{step.outputs[0].id} = {write(step, operands)};"
    for value in group.outputs:
        yield f"b{value.id}[i] = v{value.id};"


def _kept(value: Value, group: Group) -> list[int]:
    """Return the axes of the space along which a value does not repeat."""
    missing = len(group.shape) - len(value.shape)
    return [missing + axis for axis, size in enumerate(value.shape) if size != 1 or group.shape[missing + axis] == 1]


def _repeats(value: Value, group: Group) -> bool:
    return 0 < len(_kept(value, group)) < len(group.shape)


def _place(value: Value, group: Group) -> str:
    """Return where in its array the element of an input is."""
    kept = _kept(value, group)
    if len(kept) in (0, len(group.shape)):
        return "i" if kept else "0"
    text = f"i{kept[0]}"
    for axis in kept[1:]:
        text = f"({text}) * n{axis} + i{axis}"
    return text


def _number(constant: Constant) -> str:
    """Write a number by its bits, so that NaN, infinities and -0.0 are what they are."""
    kind, name = constant.dtype.kind, TYPES[constant.dtype.name]
    bits = int.from_bytes(np.asarray(constant.value).astype(constant.dtype.newbyteorder("<")).tobytes(), "little")
    if kind == "f":
        return f"as_{name}(0x{bits:x}{'UL' if name == 'double' else 'U'})"
    return f"(({name})0x{bits:x}UL)"
