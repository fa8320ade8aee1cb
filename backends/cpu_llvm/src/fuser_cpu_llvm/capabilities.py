"""What the backend can hold: a verdict, with the reason in plain words, for each step."""

from __future__ import annotations

import importlib.util

from fuser_core.backend import Accept, Decline, Device, Group, GroupStep, Reduce, Verdict
from fuser_core.plan import DType
from fuser_cpu_llvm.image import MAPPABLE
from fuser_cpu_llvm.operations import OPERATIONS

__all__ = ["can_compile", "can_hold", "can_hold_together"]

_REDUCTIONS = {"sum": "iufc", "prod": "iufc", "min": "biuf", "max": "biuf", "any": "b", "all": "b"}
_REDUCTIONS["squared_deviations"] = "f"
_KINDS = {"b": "bool", "i": "signed integers", "u": "unsigned integers", "f": "floats", "c": "complex numbers"}


def can_compile(device: Device) -> Verdict:
    """Whether kernels for a device can be made here."""
    if device.kind != "cpu":
        return _elsewhere(device)
    if importlib.util.find_spec("llvmlite") is None:
        return Decline("llvmlite is not installed: pip install llvmlite")
    how = "mapped into memory without LLVM" if MAPPABLE else "loaded through llvmlite"
    return Accept(f"kernels from the disk cache are {how}")


def can_hold(step: GroupStep, device: Device) -> Verdict:
    """Whether a kernel for a device can hold one step."""
    if device.kind != "cpu":
        return _elsewhere(device)
    for operand in (*step.inputs, *step.outputs):
        if reason := _unsupported(operand.dtype):
            return Decline(f"{operand.dtype} {step.op}: cpu_llvm {reason}")
    if isinstance(step, Reduce):
        if step.input.dtype.kind == "f" and step.input.dtype.itemsize == 2:
            return Decline(f"{step.input.dtype} {step.op}: cpu_llvm reduces float32 and float64 only")
        return _within(step.op, _REDUCTIONS.get(step.op), step.input.dtype)
    if step.op == "cast":
        return Accept()
    operation = OPERATIONS.get(step.op)
    if operation and not operation.mixed and len({operand.dtype for operand in step.inputs}) > 1:
        dtypes = ", ".join(str(operand.dtype) for operand in step.inputs)
        return Decline(f"{step.op} of {dtypes}: cpu_llvm takes operands of one dtype only")
    if operation and (obstacle := operation.obstacle(step)):
        return Decline(f"{step.inputs[-1].dtype} {step.op}: {obstacle}")
    return _within(step.op, operation.kinds if operation else None, step.inputs[-1].dtype)


def _elsewhere(device: Device) -> Decline:
    return Decline(f"cpu_llvm compiles for cpu only, not for {device}")


def _within(op: str, kinds: str | None, dtype: DType) -> Verdict:
    if kinds is None:
        return Decline(f"{op}: cpu_llvm does not have this operation yet")
    if dtype.kind not in kinds:
        known = ", ".join(_KINDS[kind] for kind in kinds)
        return Decline(f"{dtype} {op}: cpu_llvm has it for {known} only")
    return Accept()


def _unsupported(dtype: DType) -> str | None:
    """Why a dtype cannot be held, or ``None``."""
    if not dtype.isnative:
        return "reads native byte order only"
    if dtype.kind not in "biufc" or dtype.itemsize > (16 if dtype.kind == "c" else 8):
        return "has no such dtype"
    return None


def can_hold_together(group: Group) -> Verdict:
    """Whether one kernel can hold a group: each of its steps, and a size for each of its axes."""
    verdict = can_compile(group.device)
    for step in group.steps:
        if isinstance(verdict, Accept):
            verdict = can_hold(step, group.device)
    if isinstance(verdict, Accept) and group.reductions and len(group.reductions) == len(group.outputs):
        for axis in group.reductions[0].axes:
            place = axis % len(group.shape) - len(group.shape)
            covered = any(len(value.shape) >= -place and value.shape[place] != 1 for value in group.inputs)
            if not covered and group.shape[place] != 1:
                return Decline(f"reduction of axis {axis}: no input of the group says how long it is")
    return verdict
