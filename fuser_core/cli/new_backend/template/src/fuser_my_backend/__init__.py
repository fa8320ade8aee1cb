"""my_backend, a backend of fuser_core: the hooks, which the core calls.

Importing this module must be cheap: what is heavy, such as an engine or a driver, is imported in a hook.
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
    GroupStep,
    Role,
    Verdict,
    hookimpl,
)

from fuser_my_backend.kernel import Kernel
from fuser_my_backend.operations import refusal

__all__ = ["DEVICES", "FUSER_API", "PRIORITY", "ROLE", "compile_group", "has_fusion_backend", "launch", "supports"]

FUSER_API = 1  # the contract that this module keeps
ROLE = Role.COMPILER
PRIORITY = 0  # among the installed backends the highest is asked first
DEVICES = ("cpu",)


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Say whether there is all that the backend needs on this machine; for a library, whether it is installed."""
    if device.kind != "cpu":
        return Decline(f"it computes on the CPU, and these arrays are on {device}")
    return Accept()


@hookimpl
def supports(step: GroupStep, device: Device) -> Verdict:
    """Say whether a kernel can hold one step; what is declined goes to the next backend, with the reason."""
    reason = refusal(step)
    return Decline(reason) if reason else Accept()


@hookimpl(specname="compile")
def compile_group(group: Group, options: CompileOptions) -> Kernel | Decline:
    """Make a kernel of steps that `supports` accepted, once; sizes, strides and values come with each launch."""
    return Kernel(group)


@hookimpl
def launch(kernel: Kernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
    """Run a kernel on NumPy's arrays; whatever is raised here reaches the user."""
    kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs])
