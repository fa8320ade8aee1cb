"""``fuser-core cache``: where compiled code is kept, how much of it, and why it is not; and its removal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fuser_core.cli.layout import fold, table
from fuser_core.disk_cache import DiskCache, cache_folder, switched_off

__all__ = ["clear_cache", "show_cache"]

_NO_FOLDER = "this system says of no folder for caches; set FUSER_CACHE_DIR to one"
_SWITCHED_OFF = "FUSER_CACHE=0 stands in the environment"


def show_cache(*, as_json: bool) -> int:
    """Print what is known of the cache and return the exit status, 0."""
    facts = _facts()
    print(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(facts)))
    return 0


def clear_cache(*, as_json: bool) -> int:
    """Remove all entries, say how many, and return the exit status: 1 where some remain."""
    folder = cache_folder()
    cache = DiskCache(folder) if folder is not None else None
    entries, size = cache.size() if cache else (0, 0)
    if cache:
        cache.clear()
    left, left_size = cache.size() if cache else (0, 0)
    removed, freed = max(entries - left, 0), max(size - left_size, 0)
    if as_json:
        where = None if folder is None else str(folder)
        print(json.dumps({"folder": where, "removed": removed, "bytes": freed, "left": left}, indent=2))
    elif cache is None:
        print(f"There is no cache: {_NO_FOLDER}.")
    else:
        print(f"Removed {removed:,} {_entries(removed)} of {freed:,} bytes from {folder}.")
        if left:
            print(f"{left:,} {_entries(left)} could not be removed; you may lack the right to write there.")
    return 1 if left else 0


def _facts() -> dict[str, Any]:
    """Return what is known of the cache, as JSON's types: what there is none of is ``None``."""
    folder = cache_folder()
    if folder is None:
        return {"folder": None, "entries": 0, "bytes": 0, "limit": None, "disabled": _NO_FOLDER}
    cache = DiskCache(folder)
    entries, size = cache.size()
    why = _SWITCHED_OFF if switched_off() else cache.obstacle()
    return {"folder": str(folder), "entries": entries, "bytes": size, "limit": cache.most_bytes, "disabled": why}


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    if facts["folder"] is not None:
        yield from table(
            [
                ("folder", facts["folder"]),
                ("entries", f"{facts['entries']:,}"),
                ("bytes", f"{facts['bytes']:,}"),
                ("limit", f"{facts['limit']:,}"),
            ]
        )
    if facts["disabled"]:
        yield from fold(f"It is not used: {facts['disabled']}.")


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"
