"""Compilation: a plan becomes a program, by grouping it and asking backends for the kernels."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from fuser_core.backend import CompileOptions, Decline, Device, Role
from fuser_core.chaining import chain_groups
from fuser_core.config import verify
from fuser_core.copies import CopyKernels
from fuser_core.core_steps import bind_core_step
from fuser_core.device_program import DeviceProgram
from fuser_core.discovery import registry
from fuser_core.errors import FusionDeclinedError
from fuser_core.grouping import Assigned, Turned, form_groups
from fuser_core.instructions import BoundGroup, CoreStep, Instruction
from fuser_core.joining import reserve_wholes
from fuser_core.kernels import compile_group
from fuser_core.location import warn_user
from fuser_core.plan import HostValue, Opaque, Plan, Value, format_step
from fuser_core.program import Program
from fuser_core.selection import Candidates, Policy, select_backends

__all__ = ["compile_plan"]

_CPU = Device("cpu")


def compile_plan(plan: Plan, device: Device, policy: Policy, options: CompileOptions) -> Program:
    """Return the program of a plan.

    Raises:
        FusionDeclinedError: Some step is accepted by no backend that the policy allows; every reason is listed.
        UnknownBackendError: The policy, or an option, names a backend that is not installed.
        ArgumentError: The user set an option that a backend has not, or to what it does not take.
    """
    candidates = select_backends(registry.records(), policy, device)
    returned = {output.id: place for place, output in enumerate(plan.outputs) if isinstance(output, Value)}
    instructions: list[Instruction] = []
    for item in form_groups(plan, candidates.plugins, device):
        if isinstance(item, Assigned):
            instructions.append(_bind_group(item, candidates, options, returned))
        else:
            assert isinstance(item, CoreStep)
            if isinstance(item, Opaque) and device != _CPU:
                raise FusionDeclinedError(_no_call(item, device))
            instructions.append(bind_core_step(item))
    instructions = reserve_wholes(plan, instructions)
    if not verify():  # which judges every kernel by itself
        instructions = chain_groups(plan, instructions)
    ready = tuple(zip(instructions, _last_uses(plan, instructions), strict=True))
    if device == _CPU:
        return Program(plan, ready, candidates.refused)
    copies = CopyKernels(candidates.plugins, options, device)
    return DeviceProgram(plan, ready, candidates.refused, device, copies)


def _bind_group(
    assigned: Assigned, candidates: Candidates, options: CompileOptions, returned: Mapping[int, int]
) -> BoundGroup:
    turned = list(assigned.turned)
    for plugin in assigned.plugins:
        compiled, fresh = compile_group(plugin, assigned.group, options)
        if not isinstance(compiled, Decline):
            if verify() and assigned.group.device != _CPU:
                _tell_unverified(assigned.group.device)
            elif verify() and plugin.role is Role.COMPILER and not options.fast_math:  # which differs on purpose
                from fuser_core.verification import verified  # seldom needed, and it imports much

                compiled = verified(compiled, assigned.group, returned)
            return BoundGroup(assigned.group, compiled, tuple(turned), fresh=fresh)
        turned.append(Turned(plugin.name, compiled.reason))
    reasons = [f"  {item.backend}: {item.reason}" for item in turned]
    reasons += [f"  {name}: {reason}" for name, reason in candidates.refused]
    header = f"no backend in use accepts `{format_step(assigned.group.steps[0])}` on {assigned.group.device}:"
    lines = [header, *(reasons or ["  none is installed"])]
    if assigned.group.device != _CPU:
        lines.append(_no_fallback(assigned.group.device))
    raise FusionDeclinedError("\n".join(lines))


@functools.cache
def _tell_unverified(device: Device) -> None:
    """Say, once, that kernels on a device are not verified."""
    warn_user(
        f"FUSER_VERIFY verifies nothing on {device}: kernels are compared with what NumPy computes, which does not "
        "reach that memory; call the function with NumPy arrays to have it verified"
    )


def _no_fallback(device: Device) -> str:
    return (
        f"NumPy cannot stand in, since it does not reach the memory of {device}. Install a backend for {device.kind} "
        f"(fuser-core's extra of that name, if there is one: pip install 'fuser-core[{device.kind}]'), or copy the "
        "arrays to the host and pass NumPy's"
    )


def _no_call(step: Opaque, device: Device) -> str:
    return (
        f"{step.name} is no part of a kernel, and what it calls takes NumPy arrays, not those on {device}; call the "
        "function of the arrays' own library between two fused functions, or copy the arrays to the host"
    )


def _last_uses(plan: Plan, instructions: Sequence[Instruction]) -> list[tuple[int, ...]]:
    """Return, per instruction, the values that nobody reads after it."""
    kept = {output.id for output in plan.outputs if isinstance(output, Value | HostValue)}
    kept |= {value.id for value in plan.inputs}  # sizes are read from the inputs until the end
    dead: list[tuple[int, ...]] = []
    for instruction in reversed(instructions):
        touched = instruction.numbers
        dead.append(tuple(sorted(touched - kept)))
        kept |= touched
    return list(reversed(dead))
