"""numexpr, a backend of fuser_core: the hooks.

Numexpr is imported with the first kernel, not with this module.
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
    Limits,
    Role,
    Verdict,
    hookimpl,
)
from fuser_numexpr.capabilities import refusal
from fuser_numexpr.kernel import NumExprKernel, defect_of_engine

__all__ = [
    "DEVICES",
    "FUSER_API",
    "LIMITS",
    "PRIORITY",
    "ROLE",
    "compile_group",
    "has_fusion_backend",
    "launch",
    "supports",
]

FUSER_API = 1
ROLE = Role.COMPILER
PRIORITY = -100  # after the compilers: it interprets, though in blocks and on all cores
DEVICES = ("cpu",)
LIMITS = Limits(steps=100)  # results between its expressions are whole arrays


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Accept the CPU where numexpr is installed; it is looked for and not imported."""
    if device.kind != "cpu":
        return Decline(f"it computes on the CPU, and these arrays are on {device}")
    if importlib.util.find_spec("numexpr") is None:
        return Decline("the package numexpr is not installed; pip install numexpr")
    return Accept()


@hookimpl
def supports(step: GroupStep, device: Device) -> Verdict:
    """Accept what numexpr computes as NumPy does, to the bit where the core asks for that."""
    reason = refusal(step)
    return Decline(reason) if reason else Accept()


@hookimpl(specname="compile")
def compile_group(group: Group, options: CompileOptions) -> NumExprKernel | Decline:
    """Translate a group; the options change nothing."""
    reason = defect_of_engine()
    return Decline(reason) if reason else NumExprKernel(group)


@hookimpl
def launch(kernel: NumExprKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
    """Run a kernel on NumPy's arrays."""
    kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs], threads)
