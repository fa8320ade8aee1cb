"""The contract of a plugin: what its module must state, and how its hooks must be written."""

from __future__ import annotations

import inspect
from typing import Any

import pluggy

from fuser_core.backend import API_VERSION, ENTRY_POINT_GROUP, Limits, Role
from fuser_core.hookspecs import BackendHooks

__all__ = ["breach", "register"]

_REQUIRED_HOOKS = ("has_fusion_backend", "compile", "launch")


def breach(module: Any) -> str:
    """Return what a plugin does not state as it should, in words; empty when all is well."""
    api = getattr(module, "FUSER_API", None)
    if api is None:
        return f"it does not state FUSER_API; write `FUSER_API = {API_VERSION}` in its module"
    if api != API_VERSION:
        older = "fuser-core" if isinstance(api, int) and api > API_VERSION else "the plugin"
        return (
            f"it is written for version {api} of the plugin API and this fuser-core offers version {API_VERSION}; "
            f"upgrade {older}"
        )
    if not isinstance(getattr(module, "ROLE", None), Role):
        return "it does not state ROLE; write `ROLE = Role.COMPILER` in its module"
    if not isinstance(getattr(module, "PRIORITY", 0), int):
        return f"its PRIORITY is {module.PRIORITY!r}; write an integer"
    if not isinstance(getattr(module, "LIMITS", Limits()), Limits):
        return f"its LIMITS are {module.LIMITS!r}; write `LIMITS = Limits(steps=..., arrays=...)`"
    devices = getattr(module, "DEVICES", None)
    if devices is not None and not (isinstance(devices, tuple) and all(isinstance(kind, str) for kind in devices)):
        return f'its DEVICES are {devices!r}; write a tuple of kinds of devices, as in `DEVICES = ("cpu",)`'
    return ""


def register(manager: pluggy.PluginManager, name: str, module: Any) -> str:
    """Register a plugin's hooks and return what is wrong with them, in words; then it is not registered.

    Raises:
        Exception: Whatever the plugin raises when its attributes are read.
    """
    other = manager.get_name(module)
    if other is not None:
        return f"the same module provides the backend {other!r}; give each a module of its own"
    reason = _try(name, module)
    if not reason:
        manager.register(module, name=name)
    return reason


def _try(name: str, module: Any) -> str:
    """Register the hooks with nobody else, since a failure half-way would leave some of them behind."""
    manager = pluggy.PluginManager(ENTRY_POINT_GROUP)
    manager.add_hookspecs(BackendHooks)
    reasons: list[str] = []
    try:
        manager.register(module, name=name)
        reasons += (_missing(manager) or _not_given(manager))[:1]
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        reasons.append(f"its hooks do not match fuser_core.hookspecs: {error}")
    return "; ".join(reasons)


def _missing(manager: pluggy.PluginManager) -> list[str]:
    return [
        f"it does not implement the hook {hook}; see fuser_core.hookspecs"
        for hook in _REQUIRED_HOOKS
        if not getattr(manager.hook, hook).get_hookimpls()
    ]


def _not_given(manager: pluggy.PluginManager) -> list[str]:
    """Name the parameters that pluggy gives no argument to: it passes each by its name, and none that has a default."""
    found: list[str] = []
    for hook in ("supports", *_REQUIRED_HOOKS):
        caller = getattr(manager.hook, hook)
        for impl in caller.get_hookimpls():
            parameters = inspect.signature(impl.function).parameters.values()
            gathers = [each for each in parameters if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
            optional = [each for each in impl.kwargnames if each in caller.spec.argnames]
            if gathers:
                found.append(f"its hook {hook} takes {gathers[0]}, which gets nothing; name the parameters")
            if optional:
                found.append(f"its hook {hook} has a default for {optional[0]}, so it gets nothing; remove the default")
    return found
