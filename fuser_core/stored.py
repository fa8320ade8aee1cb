"""Stored kernels: those of backends that can write their code down outlive the process, without a cache of their own.

A backend that implements the hooks ``cache_token``, ``save`` and ``restore`` gets this from the core. An entry of the
disk cache is named by a digest of the backend, its distribution and version, the token, the group and the options.
"""

from __future__ import annotations

from fuser_core.backend import API_VERSION, CompileOptions, Decline, FusedKernel, Group
from fuser_core.disk_cache import digest, disk_cache
from fuser_core.fingerprint import fingerprint
from fuser_core.log import logger
from fuser_core.plugin import Plugin

__all__ = ["restore_kernel", "store_kernel"]


def restore_kernel(plugin: Plugin, group: Group, options: CompileOptions) -> FusedKernel | None:
    """Return a kernel that an earlier process stored; ``None`` where there is none that the backend can use."""
    name, cache = _name(plugin, group, options), disk_cache()
    code = None if name is None or cache is None else cache.load(name)
    if code is None:
        return None
    kernel = plugin.restore(code, group, options)
    if isinstance(kernel, Decline):
        logger().info("%s does not restore a kernel: %s", plugin.name, kernel.reason)
        return None
    return kernel


def store_kernel(plugin: Plugin, group: Group, options: CompileOptions, kernel: FusedKernel) -> None:
    """Store a kernel for later processes, if its backend can write it down."""
    name, cache = _name(plugin, group, options), disk_cache()
    if name is None or cache is None:
        return
    code = plugin.save(kernel)
    if isinstance(code, Decline):
        logger().info("%s does not store a kernel: %s", plugin.name, code.reason)
    else:
        cache.store(name, code)


def _name(plugin: Plugin, group: Group, options: CompileOptions) -> str | None:
    token = plugin.cache_token(group.device) if plugin.stores else Decline("it stores no kernels")
    if isinstance(token, Decline):
        return None
    maker = f"{plugin.name} of {plugin.distribution} for API {API_VERSION}"
    return digest(maker, token, repr(options), fingerprint(group))
