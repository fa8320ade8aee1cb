"""Discovery: from entry points to loaded backends, with every failure kept as a state that can be shown.

Nothing is scanned at import. The first dispatch reads the entry points of the group ``fuser_core.backends`` once and
imports each plugin once; a plugin that cannot be used becomes a record with a reason and disturbs nobody else.
"""

from __future__ import annotations

import atexit
import enum
import functools
import logging
import threading
from collections.abc import Mapping, Sequence

import pluggy

from fuser_core.config import disabled_backends, strict
from fuser_core.contract import breach, new_manager, register, stated
from fuser_core.epoch import begin_epoch
from fuser_core.errors import ArgumentError, PluginLoadError
from fuser_core.forks import in_child, undivided
from fuser_core.location import warn_user
from fuser_core.log import logger
from fuser_core.offers import Offer, obstacle, read_offers
from fuser_core.plugin import Plugin
from fuser_core.records import frozen

__all__ = ["BackendRecord", "Registry", "State", "refresh_backends", "registry"]


class State(enum.Enum):
    """How far a backend came."""

    LOADED = "loaded"
    DISABLED = "disabled"
    FAILED = "failed"


_LEVELS = {State.LOADED: logging.INFO, State.DISABLED: logging.INFO, State.FAILED: logging.WARNING}


@frozen
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

    def __str__(self) -> str:
        if self.plugin is None:
            return f"backend {self.name}: {self.state.value}: {self.reason}"
        return f"backend {self.name} of {self.distribution}: {self.plugin.role.value}, priority {self.plugin.priority}"


class Registry:
    """The installed backends; loads them at the first question and again after `refresh`."""

    def __init__(self) -> None:
        self.generation = 0
        self._records: dict[str, BackendRecord] | None = None
        self._loading = False
        self._added: dict[str, object] = {}
        self.make_lock()

    def records(self) -> tuple[BackendRecord, ...]:
        """Return every backend that is installed, by name.

        Raises:
            PluginLoadError: A plugin asks while it is being imported; or one cannot be used, under ``FUSER_STRICT=1``.
        """
        records = self._records
        if records is None:
            with undivided(), self._lock:
                found = self._records
                records = self._records = self._load() if found is None else found
            if found is None:
                atexit.unregister(self.close)
                atexit.register(self.close)  # after whatever a plugin registered while it was imported, so before it
                _warn_of_failures(records)
        return tuple(records.values())

    def refresh(self) -> None:
        """Forget what was found, so that the next call sees backends installed or removed since."""
        with self._lock:
            self._records = None
            self.generation += 1
            begin_epoch()

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
        if self._loading:
            raise PluginLoadError(
                "a fused function is called, or backends are asked for, by a plugin that is being imported; a plugin "
                "must not do so before it is loaded"
            )
        self._loading = True
        try:
            records = _load_all(self._added)
        finally:
            self._loading = False
        for record in records:
            logger().log(_LEVELS[record.state], "found %s", record)
        return {record.name: record for record in sorted(records, key=lambda record: record.name)}

    def make_lock(self) -> None:
        """Make the lock anew: in a forked child the thread that held it is not there."""
        self._lock = threading.RLock()

    def begin_child(self) -> None:
        """Go on in a forked child, and tell the plugins."""
        self.make_lock()
        for plugin in self._plugins():
            plugin.after_fork()

    def close(self) -> None:
        """Tell the plugins that the process ends."""
        for plugin in self._plugins():
            plugin.close()

    def _plugins(self) -> list[Plugin]:
        """Return what is loaded by now."""
        return [record.plugin for record in (self._records or {}).values() if record.plugin is not None]


registry = Registry()
"""The process's backends."""

in_child(registry.begin_child)


def refresh_backends() -> None:
    """Look for backends again, after a package was installed or removed while Python runs."""
    registry.refresh()


def _load_all(added: Mapping[str, object]) -> list[BackendRecord]:
    """Load what is installed, by name, and what was added in this process."""
    manager = new_manager()
    offers, unreadable = read_offers()
    for name, plugin in added.items():
        offers.append(Offer(name, "added in this process", "", functools.partial(_itself, plugin)))
    by_name: dict[str, list[Offer]] = {}
    for offer in sorted(offers, key=lambda offer: offer.name):
        by_name.setdefault(offer.name, []).append(offer)
    records = [_load_offers(manager, name, offered) for name, offered in by_name.items()]
    for each in unreadable:
        reason = f"its entry points cannot be read: {type(each.error).__name__}: {each.error}"
        records.append(_failed(each.distribution, each.distribution, reason, each.error))
    return records


def _itself(plugin: object) -> object:
    return plugin


def _warn_of_failures(records: Mapping[str, BackendRecord]) -> None:
    for record in records.values():
        if record.state is State.FAILED:
            warn_user(f"fuser_core backend {record.name!r}: {record.reason}")


def _load_offers(manager: pluggy.PluginManager, name: str, offers: Sequence[Offer]) -> BackendRecord:
    """Import the one plugin of a name, check it against the contract and register its hooks."""
    distribution = " and ".join(sorted({offer.distribution for offer in offers}))
    if name in disabled_backends():
        return BackendRecord(name, distribution, State.DISABLED, "named in FUSER_DISABLE")
    if len(offers) > 1:
        return _failed(name, distribution, _contest(offers))
    try:
        module = offers[0].load()
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its defect, not the user's
        return _failed(name, distribution, obstacle(offers[0], error), error)
    try:
        reason = breach(module) or register(manager, name, module)
        if not reason:
            plugin = Plugin(name, distribution, stated(module), manager)
            return BackendRecord(name, distribution, State.LOADED, plugin=plugin)
    except Exception as error:  # noqa: BLE001 - reading a plugin's names can run its code
        return _failed(name, distribution, f"cannot be inspected: {type(error).__name__}: {error}", error)
    return _failed(name, distribution, reason)


def _contest(offers: Sequence[Offer]) -> str:
    if len({offer.distribution for offer in offers}) == 1:
        targets = " and ".join(sorted(offer.target for offer in offers))
        return f"it declares several backends of this name, {targets}; give each a name of its own"
    if len(offers) > 2:
        return "all provide a backend of this name; uninstall all but one of them"
    return "both provide a backend of this name; uninstall one of them"


def _failed(name: str, distribution: str, reason: str, error: Exception | None = None) -> BackendRecord:
    if strict():
        raise PluginLoadError(f"backend {name!r} of {distribution}: {reason}") from error
    return BackendRecord(name, distribution, State.FAILED, f"{distribution}: {reason}")
