"""The backends that serve the CPU here."""

from __future__ import annotations

from fuser_core.backend import Accept, Device, Role
from fuser_core.discovery import registry

__all__ = ["backends", "compilers"]


def _plugins():
    plugins = [record.plugin for record in registry.records() if record.plugin is not None]
    return [plugin for plugin in plugins if isinstance(plugin.has_fusion_backend(Device("cpu")), Accept)]


def backends():
    """Return their names."""
    return [plugin.name for plugin in _plugins()]


def compilers():
    """Return the names of those that compile."""
    return [plugin.name for plugin in _plugins() if plugin.role is Role.COMPILER]
