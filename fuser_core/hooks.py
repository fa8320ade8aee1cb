"""The hooks of one plugin, through pluggy: its own implementations, and those of other plugins that wrap them."""

from __future__ import annotations

import pluggy

__all__ = ["Hooks"]


class Hooks:
    """What pluggy knows of one plugin."""

    def __init__(self, name: str, manager: pluggy.PluginManager) -> None:
        self._name, self._manager = name, manager
        self._callers: dict[str, pluggy.HookCaller] = {}
        self._own: dict[str, pluggy.HookImpl | None] = {}

    def own(self, hook: str) -> pluggy.HookImpl | None:
        """Return its own implementation of a hook, wrappers aside; ``None`` where it has none."""
        if hook not in self._own:
            known = getattr(self._manager.hook, hook).get_hookimpls()
            own = (impl for impl in known if impl.plugin_name == self._name and not _wraps(impl))
            self._own[hook] = next(own, None)
        return self._own[hook]

    def are_wrapped(self, hook: str) -> bool:
        """Say whether anybody wraps implementations of a hook."""
        return any(_wraps(impl) for impl in getattr(self._manager.hook, hook).get_hookimpls())

    def caller(self, hook: str) -> pluggy.HookCaller:
        """Return the hook restricted to this plugin and to plugins that wrap it; all are loaded before one is asked."""
        if hook not in self._callers:
            others = [
                impl.plugin
                for impl in getattr(self._manager.hook, hook).get_hookimpls()
                if impl.plugin_name != self._name and not _wraps(impl)
            ]
            self._callers[hook] = self._manager.subset_hook_caller(hook, others)
        return self._callers[hook]


def _wraps(implementation: pluggy.HookImpl) -> bool:
    return implementation.wrapper or implementation.hookwrapper
