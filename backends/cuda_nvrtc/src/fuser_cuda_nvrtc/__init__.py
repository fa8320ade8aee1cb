"""Backend ``cuda_nvrtc`` of fuser_core: groups become CUDA C++, compiled in process by NVRTC.

This module holds the hooks; importing it imports no compiler and no driver, and makes no context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuser_core.backend import (
    ArrayDesc,
    Chain,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Limits,
    Pool,
    PreparedLaunch,
    Role,
    Verdict,
    hookimpl,
)
from fuser_cuda_nvrtc.capabilities import MOST_ARRAYS, MOST_STEPS, can_compile, can_hold, can_hold_together

if TYPE_CHECKING:
    from fuser_cuda_nvrtc.chain import ChainKernel
    from fuser_cuda_nvrtc.kernel import Kernel

__all__ = ["DEVICES", "FUSER_API", "LIMITS", "PRIORITY", "ROLE", "__version__"]

__version__ = "0.1.0"

FUSER_API = 1
ROLE = Role.COMPILER
PRIORITY = 100
DEVICES = ("cuda",)
LIMITS = Limits(steps=MOST_STEPS, arrays=MOST_ARRAYS)


@hookimpl
def has_fusion_backend(device: Device) -> Verdict:
    """Accept CUDA devices, where there is a driver, a package to reach it, and NVRTC."""
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
    from fuser_cuda_nvrtc.driver.choice import driver
    from fuser_cuda_nvrtc.kernel import Kernel
    from fuser_cuda_nvrtc.machine import code_for

    return Kernel(group, options, driver(), code_for)


@hookimpl(specname="chain")
def chain_kernels(chain: Chain, kernels: Sequence[Kernel]) -> FusedKernel | Decline:
    """Make one kernel of several that keep rows apart; it is compiled when arrays come that it fits."""
    from fuser_cuda_nvrtc.chain import ChainKernel
    from fuser_cuda_nvrtc.source.chain_values import arrange_chain

    values = arrange_chain(chain)
    return values if isinstance(values, Decline) else ChainKernel(chain, kernels, values)


@hookimpl
def pool(device: Device) -> Pool | Decline:
    """Lend memory on a device, in the order of a stream of its own."""
    from fuser_cuda_nvrtc.driver.interface import DriverError
    from fuser_cuda_nvrtc.driver.pool import pool_on

    try:
        return pool_on(device.index)
    except DriverError as error:
        return Decline(str(error))


@hookimpl
def prepare(
    kernel: Kernel | ChainKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
) -> PreparedLaunch | Decline:
    """Choose the kernels for arrays that lie like these, and bind them to their grids and sizes."""
    return kernel.prepare(inputs, outputs)


@hookimpl
def launch(
    kernel: Kernel | ChainKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
) -> Decline | None:
    """Launch a kernel on arrays in the device's memory, on the stream that they are in use on."""
    return kernel.launch(inputs, outputs)
