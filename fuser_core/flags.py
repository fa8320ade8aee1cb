"""The two enable flags of the original fuser: whether compilers may be used for the CPU, and for GPUs.

The GPU flag starts on. The CPU flag starts on when a CPU compiler is installed, as the original's was on when PyTorch
was built with LLVM.
"""

from __future__ import annotations

from collections.abc import Mapping

from fuser_core.backend import Accept, Device, Role
from fuser_core.discovery import registry
from fuser_core.epoch import begin_epoch

__all__ = ["can_fuse", "enabled", "override", "overrides", "restore"]

_overrides: dict[str, bool] = {}


def can_fuse(device: Device) -> bool:
    """Say whether a compiler for the device is available and the device's flag is on."""
    return enabled(device) and _has_compiler(device)


def enabled(device: Device) -> bool:
    """Say whether the device's flag is on. Without a compiler it makes no difference, so it starts on."""
    return _overrides.get(device.kind, True)


def override(kind: str, value: bool) -> None:
    """Set the flag of all devices of a kind."""
    _overrides[kind] = bool(value)
    begin_epoch()


def overrides() -> dict[str, bool]:
    """Return the flags that were set, by kind of device."""
    return dict(_overrides)


def restore(flags: Mapping[str, bool]) -> None:
    """Set the flags as they were when `overrides` returned them."""
    _overrides.clear()
    _overrides.update(flags)
    begin_epoch()


def _has_compiler(device: Device) -> bool:
    plugins = [record.plugin for record in registry.records() if record.plugin is not None]
    compilers = [plugin for plugin in plugins if plugin.role is Role.COMPILER]
    return any(isinstance(plugin.has_fusion_backend(device), Accept) for plugin in compilers)
