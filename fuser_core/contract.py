"""The contract of a plugin: what its module must state, and how its hooks must be written."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pluggy

from fuser_core.backend import API_VERSION, ENTRY_POINT_GROUP, Layout, Limits, Role
from fuser_core.hookspecs import BackendHooks
from fuser_core.options import defect_of
from fuser_core.records import frozen

__all__ = ["Statement", "breach", "new_manager", "register", "stated"]

_OLDEST = API_VERSION
"""The oldest version of the plugin API that this core still speaks."""

_REQUIRED_HOOKS = ("has_fusion_backend", "compile", "launch")
_TOGETHER = ("cache_token", "save", "restore")
"""Hooks that a plugin implements all or none of."""

_STANDARD: Mapping[str, Any] = MappingProxyType(
    {"PRIORITY": 0, "LIMITS": Limits(), "DEVICES": None, "LAYOUT": Layout.ANY, "OPTIONS": None}
)
"""What holds where a plugin states nothing."""


@frozen
class Statement:
    """What a plugin states besides its hooks; see `fuser_core.hookspecs`."""

    role: Role
    priority: int
    limits: Limits
    devices: tuple[str, ...] | None
    layout: Layout
    options: Any


def stated(module: Any) -> Statement:
    """Return what a plugin states, of which `breach` has found nothing wrong."""
    return Statement(module.ROLE, *(getattr(module, name, default) for name, default in _STANDARD.items()))


def breach(module: Any) -> str:
    """Return what a plugin does not state as it should, in words; empty when all is well."""
    return _breach_of_version(module, getattr(module, "FUSER_API", None)) or _breach_of_statement(module)


def _breach_of_version(module: Any, api: object) -> str:
    if api is None:
        loaded = getattr(module, "__name__", None) or f"an object of the class {type(module).__qualname__}"
        return f"it does not state FUSER_API; write `FUSER_API = {API_VERSION}` in its module (it loaded {loaded})"
    if type(api) is not int:
        return f"its FUSER_API is {api!r}; write an integer, `FUSER_API = {API_VERSION}`"
    if _OLDEST <= api <= API_VERSION:
        return ""
    offered = f"version {API_VERSION}" if _OLDEST == API_VERSION else f"versions {_OLDEST} to {API_VERSION}"
    older = "fuser-core" if api > API_VERSION else "the plugin"
    return (
        f"it is written for version {api} of the plugin API and this fuser-core offers {offered}; upgrade {older} "
        "(docs/plugins.md tells what changed)"
    )


def _breach_of_statement(module: Any) -> str:
    if not isinstance(getattr(module, "ROLE", None), Role):
        return "it does not state ROLE; write `ROLE = Role.COMPILER` in its module"
    own: Any = stated(module)
    if type(own.priority) is not int:
        return f"its PRIORITY is {own.priority!r}; write an integer"
    if not isinstance(own.limits, Limits):
        return f"its LIMITS are {own.limits!r}; write `LIMITS = Limits(steps=..., arrays=...)`"
    devices = own.devices
    if devices is not None and not (isinstance(devices, tuple) and all(isinstance(kind, str) for kind in devices)):
        return f'its DEVICES are {devices!r}; write a tuple of kinds of devices, as in `DEVICES = ("cpu",)`'
    if not isinstance(own.layout, Layout):
        return f"its LAYOUT is {own.layout!r}; write `LAYOUT = Layout.CONTIGUOUS`, or nothing for any layout"
    if getattr(module, "__hash__", None) is None:
        return "it cannot be hashed, which hooks take; write a module, or a class that defines no __eq__"
    return "" if own.options is None else defect_of(own.options)


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


def new_manager() -> pluggy.PluginManager:
    """Return a manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(ENTRY_POINT_GROUP)
    manager.add_hookspecs(BackendHooks)
    return manager


_spare: list[pluggy.PluginManager] = []
"""A manager for trials that nobody is registered with: to make one takes as long as all else that is looked at."""


def _try(name: str, module: Any) -> str:
    """Register the hooks with nobody else, since a failure half-way would leave some of them behind."""
    manager = _spare.pop() if _spare else new_manager()
    try:
        manager.register(module, name=name)
        reasons = (_missing(manager, module) or _incomplete(manager) or _not_given(manager))[:1]
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        return f"its hooks do not match fuser_core.hookspecs: {error}{_hint(manager, module)}"
    if not reasons:
        manager.unregister(module)
        _spare.append(manager)
    return "".join(reasons)


def _hint(manager: pluggy.PluginManager, module: Any) -> str:
    """Return what was probably meant by a hook that there is not, or that takes other parameters."""
    hooks = {name: each.spec.argnames for name, each in vars(manager.hook).items() if getattr(each, "spec", None)}
    for name in dir(module):
        marks = manager.parse_hookimpl_opts(module, name)
        if marks is None:
            continue
        hook = marks.get("specname") or name
        if hook not in hooks:
            (meant, *_) = (*difflib.get_close_matches(hook, hooks, 1), "")
            return f"; did you mean {meant}?" if meant else f"; the hooks are {', '.join(sorted(hooks))}"
        if not set(inspect.signature(getattr(module, name)).parameters) <= set(hooks[hook]):
            return f"; the parameters of {hook} are {', '.join(hooks[hook]) or 'none'}"
    return ""


def _missing(manager: pluggy.PluginManager, module: Any) -> list[str]:
    absent = [hook for hook in _REQUIRED_HOOKS if not getattr(manager.hook, hook).get_hookimpls()]
    for hook in absent:
        for name, mark in ((hook, "@hookimpl"), (f"{hook}_group", f'@hookimpl(specname="{hook}")')):
            if callable(getattr(module, name, None)):
                return [f"there is a function {name} without {mark}; write that above it"]
    return [f"it does not implement the hook {hook}; see fuser_core.hookspecs" for hook in absent]


def _incomplete(manager: pluggy.PluginManager) -> list[str]:
    absent = [hook for hook in _TOGETHER if not getattr(manager.hook, hook).get_hookimpls()]
    if not absent or len(absent) == len(_TOGETHER):
        return []
    own = " and ".join(hook for hook in _TOGETHER if hook not in absent)
    return [f"it implements the hook {own} and not {' and '.join(absent)}; to store kernels takes all three"]


def _not_given(manager: pluggy.PluginManager) -> list[str]:
    """Name the parameters that pluggy gives no argument to: it passes each by its name, and none that has a default."""
    found: list[str] = []
    for hook, caller in vars(manager.hook).items():
        if not isinstance(caller, pluggy.HookCaller) or caller.spec is None:
            continue
        for impl in caller.get_hookimpls():
            parameters = inspect.signature(impl.function).parameters.values()
            gathers = [each for each in parameters if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
            optional = [each for each in impl.kwargnames if each in caller.spec.argnames]
            if gathers:
                found.append(f"its hook {hook} takes {gathers[0]}, which gets nothing; name the parameters")
            if optional:
                found.append(f"its hook {hook} has a default for {optional[0]}, so it gets nothing; remove the default")
    return found
