"""Discovery: from entry points to loaded backends, with every failure kept as a state that can be shown.

Nothing is scanned at import. The first dispatch reads the entry points of the group ``fuser_core.backends`` once and
imports each plugin once; a plugin that cannot be used becomes a record with a reason and disturbs nobody else.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pluggy

from fuser_core.backend import API_VERSION, Role
from fuser_core.config import disabled_backends, strict
from fuser_core.errors import ArgumentError, PluginLoadError
from fuser_core.hookspecs import ENTRY_POINT_GROUP, BackendHooks
from fuser_core.location import warn_user
from fuser_core.plugin import Plugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["BackendRecord", "Registry", "State", "refresh_backends", "registry"]

_REQUIRED_HOOKS = ("has_fusion_backend", "compile", "launch")


class State(enum.Enum):
    """How far a backend came."""

    LOADED = "loaded"
    DISABLED = "disabled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BackendRecord:
    """What is known of one installed backend.

    Attributes:
        name: The entry point's name.
        distribution: Name and version of the distribution that provides it.
        state: Whether it can be asked.
        reason: Why not, when it cannot.
        plugin: The loaded plugin, when it can.
    """

    name: str
    distribution: str
    state: State
    reason: str = ""
    plugin: Plugin | None = None


class Registry:
    """The installed backends; loads them at the first question and again after `refresh`."""

    def __init__(self) -> None:
        self.generation = 0
        self._lock = threading.RLock()
        self._records: dict[str, BackendRecord] | None = None
        self._added: dict[str, object] = {}

    def records(self) -> tuple[BackendRecord, ...]:
        """Return every backend that is installed, by name."""
        records = self._records
        if records is None:
            with self._lock:
                if self._records is None:
                    self._records = self._load()
                records = self._records
        return tuple(records.values())

    def refresh(self) -> None:
        """Forget what was found, so that the next call sees backends installed or removed since."""
        with self._lock:
            self._records = None
            self.generation += 1

    def add(self, name: str, plugin: object) -> None:
        """Register a plugin object that no distribution provides (for tests and notebooks).

        Raises:
            ArgumentError: There is a backend of that name.
        """
        with self._lock:
            if any(record.name == name for record in self.records()):
                raise ArgumentError(f"there is a backend named {name!r} already; choose another name")
            self._added[name] = plugin
            self.refresh()

    def remove(self, name: str) -> None:
        """Undo `add`."""
        with self._lock:
            del self._added[name]
            self.refresh()

    def _load(self) -> dict[str, BackendRecord]:
        manager = pluggy.PluginManager(ENTRY_POINT_GROUP)
        manager.add_hookspecs(BackendHooks)
        records = [_load_entry_points(manager, name, points) for name, points in _installed_entry_points()]
        records += [_load(manager, name, "added in this process", plugin) for name, plugin in self._added.items()]
        for record in records:
            if record.state is State.FAILED:
                warn_user(f"fuser_core backend {record.name!r}: {record.reason}")
        return {record.name: record for record in sorted(records, key=lambda record: record.name)}


registry = Registry()
"""The process's backends."""


def refresh_backends() -> None:
    """Look for backends again, after a package was installed or removed while Python runs."""
    registry.refresh()


def _installed_entry_points() -> list[tuple[str, list[EntryPoint]]]:
    from importlib.metadata import entry_points  # 30 ms of imports that only discovery needs

    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        points = found.setdefault(point.name, [])
        # An editable install can show the same distribution twice; that is no contest.
        if _distribution(point) not in map(_distribution, points):
            points.append(point)
    return sorted(found.items())


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"


def _load_entry_points(manager: pluggy.PluginManager, name: str, points: Sequence[EntryPoint]) -> BackendRecord:
    distributions = " and ".join(sorted(map(_distribution, points)))
    if name in disabled_backends():
        return BackendRecord(name, distributions, State.DISABLED, "named in FUSER_DISABLE")
    if len(points) > 1:
        return _failed(name, distributions, "both provide a backend of this name; uninstall one of them")
    try:
        module = points[0].load()
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its defect, not the user's
        return _failed(name, distributions, f"cannot be imported: {type(error).__name__}: {error}", error)
    return _load(manager, name, distributions, module)


def _load(manager: pluggy.PluginManager, name: str, distribution: str, module: Any) -> BackendRecord:
    """Check a plugin against the contract and register its hooks."""
    if name in disabled_backends():
        return BackendRecord(name, distribution, State.DISABLED, "named in FUSER_DISABLE")
    try:
        reason = _contract_breach(module) or _register(manager, name, module)
        if not reason:
            priority = getattr(module, "PRIORITY", 0)
            return BackendRecord(
                name, distribution, State.LOADED, plugin=Plugin(name, distribution, module.ROLE, priority, manager)
            )
    except Exception as error:  # noqa: BLE001 - reading a plugin's names can run its code
        return _failed(name, distribution, f"cannot be inspected: {type(error).__name__}: {error}", error)
    return _failed(name, distribution, reason)


def _failed(name: str, distribution: str, reason: str, error: Exception | None = None) -> BackendRecord:
    if strict():
        raise PluginLoadError(f"backend {name!r} of {distribution}: {reason}") from error
    return BackendRecord(name, distribution, State.FAILED, f"{distribution}: {reason}")


def _register(manager: pluggy.PluginManager, name: str, module: Any) -> str:
    """Register a plugin's hooks and return what is wrong with them, or nothing."""
    other = manager.get_name(module)
    if other is not None:
        return f"the same module provides the backend {other!r}; give each a module of its own"
    reason = ""
    try:
        manager.register(module, name=name)
        missing = [hook for hook in _REQUIRED_HOOKS if not _implements(manager, hook, name)]
        reason = f"it does not implement the hook {missing[0]}; see fuser_core.hookspecs" if missing else ""
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        separator = "; " if reason else ""
        reason += f"{separator}its hooks do not match fuser_core.hookspecs: {error}"
    if reason and manager.has_plugin(name):
        manager.unregister(name=name)
    return reason


def _contract_breach(module: Any) -> str:
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
    return ""


def _implements(manager: pluggy.PluginManager, hook: str, name: str) -> bool:
    return any(impl.plugin_name == name for impl in getattr(manager.hook, hook).get_hookimpls())
