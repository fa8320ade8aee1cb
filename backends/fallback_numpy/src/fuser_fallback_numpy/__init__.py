"""The fallback backend: evaluates any group on the CPU with NumPy, in cache-sized blocks.

It serves whatever no compiler accepts, so it declines nothing but other devices.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.backend import (
    Accept,
    ArrayDesc,
    CompileOptions,
    Decline,
    Device,
    Group,
    Limits,
    Role,
    Verdict,
    hookimpl,
)
from fuser_fallback_numpy.evaluate import NumPyKernel

__all__ = ["DEVICES", "FUSER_API", "LIMITS", "PRIORITY", "ROLE", "compile_group", "has_fusion_backend", "launch"]

__version__ = "0.1.0"

FUSER_API = 1
ROLE = Role.FALLBACK
PRIORITY = -1000
DEVICES = ("cpu",)
LIMITS = Limits(arrays=256)  # every output has to be compared with every input: one may lie in the other's memory


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Accept the CPU."""
    if device.kind != "cpu":
        return Decline(f"fallback_numpy evaluates arrays on the CPU, and these are on {device}")
    return Accept()


@hookimpl(specname="compile")
def compile_group(group: Group, options: CompileOptions) -> NumPyKernel:
    """Prepare the evaluation of a group; the options change nothing."""
    return NumPyKernel(group)


@hookimpl
def launch(kernel: NumPyKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
    """Evaluate; NumPy runs in the caller's thread."""
    kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs])
