"""opencl, a backend of fuser_core: the hooks.

Pyopencl is imported with the first kernel, and OpenCL looked for then, not with this module.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from fuser_core.backend import (
    Accept,
    ArrayDesc,
    CompileOptions,
    Decline,
    Device,
    Group,
    GroupStep,
    Layout,
    Limits,
    Role,
    Verdict,
    hookimpl,
)
from fuser_opencl.engine import EngineError, forget_engine, missing_engine
from fuser_opencl.kernel import OpenCLKernel
from fuser_opencl.operations import refusal

__all__ = [
    "DEVICES",
    "FUSER_API",
    "LAYOUT",
    "LIMITS",
    "PRIORITY",
    "ROLE",
    "after_fork",
    "compile_group",
    "has_fusion_backend",
    "launch",
    "supports",
]

FUSER_API = 1
ROLE = Role.COMPILER
PRIORITY = -50
DEVICES = (
    "cpu",
)  # the OpenCL device is the processor, and its memory the host's: NumPy's arrays are where they belong
LAYOUT = Layout.CONTIGUOUS  # a buffer has no strides
LIMITS = Limits(steps=500, arrays=48)  # arguments of a kernel take 1,024 bytes, on the smallest devices


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Accept the CPU where pyopencl is installed and, if it was looked for, a device was found."""
    if device.kind != "cpu":
        return Decline(f"it computes on the CPU, and these arrays are on {device}")
    if importlib.util.find_spec("pyopencl") is None:
        return Decline("the package pyopencl is not installed; pip install 'pyopencl[pocl]'")
    reason = missing_engine()
    return Decline(reason) if reason else Accept()


@hookimpl
def supports(step: GroupStep, device: Device) -> Verdict:
    """Accept what OpenCL C computes as NumPy does."""
    reason = refusal(step)
    return Decline(reason) if reason else Accept()


@hookimpl(specname="compile")
def compile_group(group: Group, options: CompileOptions) -> OpenCLKernel | Decline:
    """Write a group as a kernel in OpenCL C, and have it built; the options change nothing."""
    try:
        return OpenCLKernel(group)
    except EngineError as error:
        return Decline(str(error))


@hookimpl
def launch(kernel: OpenCLKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
    """Run a kernel on NumPy's arrays, all contiguous, in so many parts."""
    kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs], threads)


@hookimpl
def after_fork() -> None:
    """Forget the device, whose threads are the parent's."""
    forget_engine()
