"""Backend ``cpu_llvm`` of fuser_core: groups become vector loops in LLVM IR, compiled in process through llvmlite.

This module holds the hooks; importing it imports no compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fuser_core.backend import (
    ArrayDesc,
    CallEntry,
    Chain,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Limits,
    Role,
    Verdict,
    hookimpl,
)
from fuser_cpu_llvm.capabilities import can_compile, can_hold, can_hold_together

if TYPE_CHECKING:
    from fuser_cpu_llvm.chain import ChainKernel
    from fuser_cpu_llvm.kernel import Kernel

__all__ = ["DEVICES", "FUSER_API", "LIMITS", "PRIORITY", "ROLE", "__version__"]

__version__ = "0.1.0"

FUSER_API = 1
ROLE = Role.COMPILER
PRIORITY = 100
DEVICES = ("cpu",)
# LLVM's time grows faster than a block of instructions, and with the square of the arrays that it loads and stores.
LIMITS = Limits(steps=500, arrays=128)


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Accept the CPU, where llvmlite is installed."""
    return can_compile(device)


@hookimpl
def supports(step: GroupStep, device: Device) -> Verdict:
    """Say whether a kernel can hold one step."""
    return can_hold(step, device)


@hookimpl(specname="compile")
def compile_group(group: Group, options: CompileOptions) -> FusedKernel | Decline:
    """Make the kernel of a group, or say which step cannot be held."""
    verdict = can_hold_together(group)
    if isinstance(verdict, Decline):
        return verdict
    from fuser_cpu_llvm.kernel import Kernel

    return Kernel(group, options)


@hookimpl(specname="chain")
def chain_kernels(chain: Chain, kernels: Sequence[Kernel]) -> FusedKernel | Decline:
    """Make one kernel of several: nothing is compiled, the driver takes them in turn."""
    from fuser_cpu_llvm.chain import ChainKernel

    return ChainKernel(chain, kernels)


@hookimpl(specname="entry")
def make_entry(slow: Callable[..., Any]) -> CallEntry | Decline:
    """Serve small calls in machine code that reads NumPy's arrays and makes new ones."""
    from fuser_cpu_llvm.entry import Entry, obstacle

    reason = obstacle()
    return Decline(reason) if reason else Entry(slow)


@hookimpl
def launch(
    kernel: Kernel | ChainKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
) -> Decline | None:
    """Run a kernel on arrays in this process's memory, with the GIL released."""
    return kernel.launch(inputs, outputs, threads)
