"""Selection: which backends are asked for a device, in which order, and why the others are not.

The order is total: the names given by ``backend=``, `use_backends` or ``FUSER_BACKENDS``; else declared priority,
highest first; then the name. Fallbacks come last. Pure functions of records and policy.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.backend import Decline, Device, Role
from fuser_core.discovery import BackendRecord, State
from fuser_core.errors import UnknownBackendError
from fuser_core.plugin import Plugin
from fuser_core.records import frozen

__all__ = ["Candidates", "Policy", "select_backends"]


@frozen
class Policy:
    """What the caller wants of the selection.

    Attributes:
        order: The compilers to consider, in order; ``None`` for all, by priority.
        fallback: Whether a fallback may serve what they decline.
        enabled: Whether the device's enable flag is on; when it is off, no compiler is asked.
        set_up: The backends that the caller has set options of.
    """

    order: tuple[str, ...] | None = None
    fallback: bool = True
    enabled: bool = True
    set_up: tuple[str, ...] = ()


@frozen
class Candidates:
    """The backends to ask.

    Attributes:
        plugins: In the order of asking; the fallbacks last.
        refused: Why the other backends are not asked, by name.
    """

    plugins: tuple[Plugin, ...]
    refused: tuple[tuple[str, str], ...]


def select_backends(records: Sequence[BackendRecord], policy: Policy, device: Device) -> Candidates:
    """Return the backends to ask about a device.

    Raises:
        UnknownBackendError: The policy names a backend that is not installed.
    """
    by_name = {record.name: record for record in records}
    for name in (*(policy.order or ()), *policy.set_up):
        if name not in by_name:
            raise UnknownBackendError(_unknown(name, by_name))
    asked: list[Plugin] = []
    refused: list[tuple[str, str]] = []
    for record in _ordered(records, policy):
        if _is_for_others(record, policy, device):
            continue
        reason = _refusal(record, policy, device)
        if reason is None and record.plugin is not None:
            asked.append(record.plugin)
        else:
            refused.append((record.name, reason or ""))
    return Candidates(tuple(asked), tuple(refused))


def _is_for_others(record: BackendRecord, policy: Policy, device: Device) -> bool:
    """Say whether a backend has nothing to do with a device, so that nobody need hear of it."""
    devices = None if record.plugin is None else record.plugin.devices
    return devices is not None and device.kind not in devices and record.name not in (policy.order or ())


def _ordered(records: Sequence[BackendRecord], policy: Policy) -> list[BackendRecord]:
    order = policy.order or ()

    def rank(record: BackendRecord) -> tuple[bool, int, int, str]:
        plugin = record.plugin
        last = plugin is not None and plugin.role is Role.FALLBACK and record.name not in order
        named = order.index(record.name) if record.name in order else len(order)
        return last, named, -(plugin.priority if plugin else 0), record.name

    return sorted(records, key=rank)


def _refusal(record: BackendRecord, policy: Policy, device: Device) -> str | None:
    if record.state is not State.LOADED or record.plugin is None:
        return record.reason
    fallback = record.plugin.role is Role.FALLBACK
    named = policy.order is not None and record.name in policy.order
    if policy.order is not None and not named and not (fallback and policy.fallback):
        return f"not among the backends in use: {', '.join(policy.order) or 'none'}"
    if fallback and not policy.fallback and not named:
        return "the caller ruled the fallback out"
    if not fallback and not policy.enabled:
        switch = "override_can_fuse_on_cpu" if device.kind == "cpu" else "override_can_fuse_on_gpu"
        return f"fusion on {device.kind} is switched off; {switch}(True) switches it on"
    verdict = record.plugin.has_fusion_backend(device)
    return verdict.reason if isinstance(verdict, Decline) else None


def _unknown(name: str, known: dict[str, BackendRecord]) -> str:
    import difflib  # which a name that is right does not need

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no backend named {name!r} is installed; {hint}installed: {', '.join(known) or 'none'}"
