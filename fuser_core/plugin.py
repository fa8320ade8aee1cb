"""Plugin: one loaded backend, with its hooks as typed methods and its defects contained.

This is the only place that calls hooks. Whatever comes out of one other than an answer of the contract is recorded
against the plugin and becomes a `Decline`, so that the next backend serves the call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

import pluggy

from fuser_core.backend import (
    Accept,
    ArrayDesc,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Role,
    Verdict,
)
from fuser_core.config import strict
from fuser_core.errors import PluginHookError
from fuser_core.location import warn_user

__all__ = ["Launch", "Plugin"]

Launch = Callable[[FusedKernel, Sequence[ArrayDesc], Sequence[ArrayDesc], int], None]

_log = logging.getLogger("fuser_core.dispatch")


class Plugin:
    """A loaded backend.

    Attributes:
        name: The backend's name.
        distribution: Name and version of its distribution.
        role: Compiler or fallback.
        priority: Its rank among the compilers, the highest first.
        defects: What its hooks did wrong so far, in words.
    """

    def __init__(self, name: str, distribution: str, role: Role, priority: int, manager: pluggy.PluginManager) -> None:
        self.name = name
        self.distribution = distribution
        self.role = role
        self.priority = priority
        self.defects: list[str] = []
        self._manager = manager

    def __repr__(self) -> str:
        return f"<backend {self.name} of {self.distribution}>"

    def has_fusion_backend(self, device: Device) -> Verdict:
        """Ask whether it can serve a device."""
        return self._verdict("has_fusion_backend", device=device)

    def supports(self, step: GroupStep, device: Device) -> Verdict:
        """Ask whether its kernels can hold a step; a plugin without this hook accepts."""
        if not self._implementation("supports"):
            return Accept()
        return self._verdict("supports", step=step, device=device)

    def compile(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        """Ask for a kernel."""
        kernel: FusedKernel | Decline = self._contained("compile", group=group, options=options)
        if isinstance(kernel, Decline) or hasattr(kernel, "artifacts"):
            return kernel
        return self._defect("compile", f"returned {kernel!r} instead of a kernel with artifacts or a Decline")

    @property
    def launch(self) -> Launch:
        """The function that launches its kernels: the hook itself, unless another plugin wraps it."""
        implementation = self._implementation("launch")
        wrapped = any(impl.wrapper or impl.hookwrapper for impl in self._manager.hook.launch.get_hookimpls())
        if implementation is None or wrapped:
            return self._wrapped_launch
        return cast("Launch", implementation.function)

    def _wrapped_launch(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> None:
        self._caller("launch")(kernel=kernel, inputs=inputs, outputs=outputs, threads=threads)

    def _verdict(self, hook: str, **arguments: Any) -> Verdict:
        result = self._contained(hook, **arguments)
        if isinstance(result, Accept | Decline):
            return result
        return self._defect(hook, f"returned {result!r} instead of Accept() or Decline(reason)")

    def _contained(self, hook: str, **arguments: Any) -> Any:
        try:
            results = self._caller(hook)(**arguments)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its defect, not the user's
            return self._defect(hook, f"raised {type(error).__name__}: {error}", error)
        return results[0] if results else None  # pluggy leaves out a result of None

    def _defect(self, hook: str, what: str, error: Exception | None = None) -> Decline:
        message = f"backend {self.name!r} of {self.distribution}: its hook {hook} {what}"
        if strict():
            raise PluginHookError(f"{message}; report this to its author") from error
        if message not in self.defects:
            self.defects.append(message)
            _log.debug("%s", message, exc_info=error)
            warn_user(f"{message}; the next backend serves the call")
        return Decline(f"a defect of the plugin: its hook {hook} {what}")

    def _implementation(self, hook: str) -> pluggy.HookImpl | None:
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        return next((impl for impl in implementations if impl.plugin_name == self.name), None)

    def _caller(self, hook: str) -> pluggy.HookCaller:
        """Return the hook restricted to this plugin and to plugins that wrap it."""
        others = [
            impl.plugin
            for impl in getattr(self._manager.hook, hook).get_hookimpls()
            if impl.plugin_name != self.name and not impl.wrapper and not impl.hookwrapper
        ]
        return self._manager.subset_hook_caller(hook, others)
