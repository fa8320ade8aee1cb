"""Offers: the backends that installed distributions declare as entry points, read and not yet imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.installed import UnusualError, declared
from fuser_core.records import frozen
from fuser_core.wording import origin, raised

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

__all__ = ["Offer", "Unreadable", "obstacle", "read_offers"]

_TARGET = re.compile(r"\w+(\.\w+)*\s*(:\s*\w+(\.\w+)*)?\s*(\[.*\])?")


@frozen
class Offer:
    """A backend as a distribution declares it.

    Attributes:
        name: The entry point's name.
        distribution: Name and version of the distribution.
        target: Where the plugin is, as ``module:attribute``.
        load: Imports and returns the plugin.
    """

    name: str
    distribution: str
    target: str
    load: Callable[[], Any]


@frozen
class Unreadable:
    """A distribution that declares a backend in entry points which cannot be read.

    Attributes:
        distribution: Name and version of it.
        error: Why not.
    """

    distribution: str
    error: Exception


def obstacle(offer: Offer, error: Exception) -> str:
    """Return why a plugin cannot be imported, in words: by its own doing, or by that of its entry point."""
    point = f"its entry point `{offer.name} = {offer.target}`"
    if offer.target and not _TARGET.fullmatch(offer.target):
        return f"cannot be imported: {point} names no module; write `{offer.name} = module` or `= module:name`"
    told, place = f"cannot be imported: {raised(error)}", origin(error)
    if place or not offer.target or not isinstance(error, ModuleNotFoundError | AttributeError):
        return told + place
    missing = "a module" if isinstance(error, ModuleNotFoundError) else "an attribute"
    return f"{told}; {point} names {missing} that is not there"


def read_offers() -> tuple[list[Offer], list[Unreadable]]:
    """Return what is declared in the group ``fuser_core.backends``, and what cannot be read there."""
    try:
        return [_offer(*point) for point in dict.fromkeys(declared(ENTRY_POINT_GROUP))], []
    except UnusualError:
        return _read_metadata()


def _offer(name: str, distribution: str, target: str) -> Offer:
    def load() -> Any:
        module, _, attribute = target.partition(":")
        plugin = import_module(module)
        return attrgetter(attribute)(plugin) if attribute else plugin

    return Offer(name, distribution, target, load)


def _read_metadata() -> tuple[list[Offer], list[Unreadable]]:
    """Ask ``importlib.metadata``, which takes longer and knows every way to install a distribution."""
    from importlib.metadata import entry_points

    unreadable: list[Unreadable] = []
    try:
        points = list(entry_points(group=ENTRY_POINT_GROUP))
    except Exception:  # noqa: BLE001 - one damaged distribution, of any project, fails the whole question
        points = list(_one_by_one(unreadable))
    offers: list[Offer] = []
    for point in points:
        offer = Offer(point.name, _title(point.dist), point.value, point.load)
        # An editable install can show the same distribution twice; that is no contest.
        if (offer.name, offer.distribution, offer.target) not in [(o.name, o.distribution, o.target) for o in offers]:
            offers.append(offer)
    return offers, unreadable


def _one_by_one(unreadable: list[Unreadable]) -> Iterator[EntryPoint]:
    from importlib.metadata import distributions

    seen: set[str | None] = set()
    for distribution in distributions():
        title = _title(distribution)
        try:
            points = list(distribution.entry_points)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others can be read
            if _concerns_us(distribution):
                unreadable.append(Unreadable(title, error))
            continue
        if title not in seen:
            seen.add(title)
            yield from (point for point in points if point.group == ENTRY_POINT_GROUP)


def _concerns_us(distribution: Distribution) -> bool:
    try:
        return ENTRY_POINT_GROUP in (distribution.read_text("entry_points.txt") or "")
    except Exception:  # noqa: BLE001 - not even text: some other project's damage
        return False


def _title(distribution: Distribution | None) -> str:
    """Return name and version; a distribution may lack its metadata, or hold nonsense there."""
    try:
        name = distribution.name if distribution is not None else None
        version = distribution.version if distribution is not None else None
    except Exception:  # noqa: BLE001 - see above
        name = version = None
    return f"{name} {version}" if name else "an unknown distribution"
