"""Lenders: the backends that lend memory on a device."""

from __future__ import annotations

from fuser_core.backend import Decline, Device, Role
from fuser_core.discovery import registry
from fuser_core.forks import in_child
from fuser_core.pools import Pool
from fuser_core.selection import Policy, select_backends

__all__ = ["pool_for"]

_found: dict[Device, tuple[int, Pool | None]] = {}
"""By device, with the generation of the registry that was asked."""


def pool_for(device: Device) -> Pool | None:
    """Return memory on a device, of the first backend that lends some; ``None`` where none does."""
    found = _found.get(device)
    if found is None or found[0] != registry.generation:
        found = _found[device] = registry.generation, _ask(device)
    return found[1]


def _ask(device: Device) -> Pool | None:
    for plugin in select_backends(registry.records(), Policy(), device).plugins:
        if plugin.role is Role.COMPILER:
            pool = plugin.pool(device)
            if not isinstance(pool, Decline):
                return pool
    return None


in_child(_found.clear)
