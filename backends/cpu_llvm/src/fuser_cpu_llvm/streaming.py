"""Streaming: when a kernel had better write past the cache.

A plain store reads the line that it writes first. A streaming store does not, and does not push the inputs out of the
cache either; but what it wrote is not in the cache for the next reader. It pays where the data would not have stayed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

__all__ = ["LINE", "pays"]

LINE = 64
"""Addresses that are streamed to must be multiples of this."""

_USUAL_CACHE = 32 << 20


def pays(moved: int, outputs: Sequence[int]) -> bool:
    """Say whether to write past the cache.

    Args:
        moved: Bytes that the launch reads and writes.
        outputs: Addresses of what it writes.
    """
    return moved >= _cache_size() and all(address % LINE == 0 for address in outputs)


@functools.cache
def _cache_size() -> int:
    """Return the bytes of the last cache before memory."""
    sizes = []
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        factor = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:], 0)
        if factor and text[:-1].isdecimal():
            sizes.append(int(text[:-1]) * factor)
    return max(sizes, default=_USUAL_CACHE)
