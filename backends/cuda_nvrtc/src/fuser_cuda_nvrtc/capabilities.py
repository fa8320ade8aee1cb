"""What the backend can hold: a verdict, with the reason in plain words, for each step."""

from __future__ import annotations

from fuser_core.backend import Accept, Decline, Device, Group, GroupStep, Reduce, Verdict
from fuser_core.plan import DType
from fuser_cuda_nvrtc.source.operations import OPERATIONS, kind_of
from fuser_cuda_nvrtc.source.reducers import REDUCTIONS
from fuser_cuda_nvrtc.source.storage import BFLOAT16

__all__ = ["MOST_ARRAYS", "MOST_STEPS", "can_compile", "can_hold", "can_hold_together"]

MOST_STEPS = 500
MOST_ARRAYS = 64
"""A kernel has a bit of a word for each array."""

_MOST_WORDS = 4000
"""Of a kernel's argument, which CUDA bounds by 32,764 bytes."""

_KINDS = {"b": "bool", "i": "signed integers", "u": "unsigned integers", "f": "floats", "c": "complex numbers"}


def can_compile(device: Device) -> Verdict:
    """Whether kernels for a device can be made and launched here; nothing is initialised to find out."""
    if device.kind != "cuda":
        return _elsewhere(device)
    from fuser_cuda_nvrtc.driver.choice import obstacle

    return obstacle(device.index)


def can_hold(step: GroupStep, device: Device) -> Verdict:
    """Whether a kernel for a device can hold one step."""
    if device.kind != "cuda":
        return _elsewhere(device)
    for operand in (*step.inputs, *step.outputs):
        if reason := _unsupported(operand.dtype):
            return Decline(f"{operand.dtype} {step.op}: cuda_nvrtc {reason}")
    if isinstance(step, Reduce):
        return _within(step.op, REDUCTIONS.get(step.op), step.input.dtype)
    if step.op == "cast":
        return Accept()
    operation = OPERATIONS.get(step.op)
    if operation and not operation.mixed and len({operand.dtype for operand in step.inputs}) > 1:
        dtypes = ", ".join(str(operand.dtype) for operand in step.inputs)
        return Decline(f"{step.op} of {dtypes}: cuda_nvrtc takes operands of one dtype only")
    if operation and (obstacle := operation.obstacle(step)):
        return Decline(f"{step.inputs[-1].dtype} {step.op}: {obstacle}")
    return _within(step.op, operation.kinds if operation else None, step.inputs[-1].dtype)


def can_hold_together(group: Group) -> Verdict:
    """Whether one kernel can hold a group: each of its steps, a size for each of its axes, and its argument."""
    if group.device.kind != "cuda":
        return _elsewhere(group.device)
    for step in group.steps:
        verdict = can_hold(step, group.device)
        if isinstance(verdict, Decline):
            return verdict
    arrays = len(group.inputs) + len(group.outputs)
    words = (2 if group.reductions else 1) * (len(group.shape) + 2) * (arrays + 3) + 3 * arrays
    if arrays > MOST_ARRAYS or words > _MOST_WORDS:
        return Decline(f"{arrays} arrays of {len(group.shape)} axes: more than the argument of a CUDA kernel holds")
    if group.reductions and len(group.reductions) == len(group.outputs):
        for axis in group.reductions[0].axes:
            place = axis % len(group.shape) - len(group.shape)
            covered = any(len(value.shape) >= -place and value.shape[place] != 1 for value in group.inputs)
            if not covered and group.shape[place] != 1:
                return Decline(f"reduction of axis {axis}: no input of the group says how long it is")
    return Accept()


def _elsewhere(device: Device) -> Decline:
    return Decline(f"cuda_nvrtc compiles for cuda only, not for {device}")


def _within(op: str, kinds: str | None, dtype: DType) -> Verdict:
    if kinds is None:
        return Decline(f"{op}: cuda_nvrtc does not have this operation")
    if kind_of(dtype) not in kinds:
        known = ", ".join(_KINDS[kind] for kind in kinds)
        return Decline(f"{dtype} {op}: cuda_nvrtc has it for {known} only")
    return Accept()


def _unsupported(dtype: DType) -> str | None:
    """Why a dtype cannot be held, or ``None``."""
    if dtype.name == BFLOAT16:
        return None
    if not dtype.isnative:
        return "reads native byte order only"
    if dtype.kind not in "biufc" or dtype.itemsize > (16 if dtype.kind == "c" else 8):
        return "has no such dtype"
    return None
