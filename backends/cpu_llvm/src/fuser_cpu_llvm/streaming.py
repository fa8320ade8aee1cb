"""Streaming: when a kernel had better write past the cache.

A plain store reads the line that it writes first. A streaming store does not, and does not push the inputs out of the
cache either; but what it wrote is not in the cache for the next reader. It pays where the data would not have stayed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from fuser_core.records import derived, frozen
from fuser_cpu_llvm.geometry import Space
from fuser_cpu_llvm.tiling import OperandSpec, Role, Tiling

__all__ = ["LINE", "Traffic", "cache_size", "is_too_much", "pays", "traffic"]

LINE = 64
"""Bytes of a cache line, which had better be written past the cache as a whole."""

_USUAL_CACHE = 32 << 20
_SHARE = 7 / 8
"""Of the last cache; the rest holds other things."""


@frozen
class Traffic:
    """The memory that a kernel without reductions reads and writes, if it could write past the cache.

    Attributes:
        spans: Per operand, the lowest byte relative to its pointer, and how many from there on.
        units: Per operand, what its address must be a multiple of.
        bytes: Of all spans.
    """

    spans: tuple[tuple[int, int], ...]
    units: tuple[int, ...]
    bytes: int = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "bytes", sum(size for _, size in self.spans))


def traffic(space: Space, tiling: Tiling, operands: Sequence[OperandSpec]) -> Traffic | None:
    """Describe a nest that writes every output where it lies; ``None`` where its rows do not suit.

    A single output may begin anywhere within a line, since the driver writes the first elements of a row otherwise.
    Several need a common place to begin, which is a line's beginning here.
    """
    outputs = [place for place, operand in enumerate(operands) if operand.role is Role.OUTPUT]
    units = [1] * len(operands)
    for place in outputs:
        unit = operands[place].itemsize if len(outputs) == 1 else LINE
        strides = space.strides[place]
        steps = [*strides[:-1], strides[-1] * tiling.columns]
        if tiling.flat:
            steps[-2:] = [tiling.rows * strides[-2]]
        if any(step % unit for step in steps):
            return None
        units[place] = unit
    return Traffic(tuple(_span(space, place, each.itemsize) for place, each in enumerate(operands)), tuple(units))


def _span(space: Space, place: int, itemsize: int) -> tuple[int, int]:
    walked = [(size, stride) for size, stride in zip(space.sizes, space.strides[place], strict=True) if stride]
    reach = [(size - 1) * stride for size, stride in walked]
    elements = 1
    for size, _ in walked:
        elements *= size
    return sum(min(each, 0) for each in reach), min(sum(map(abs, reach)) + itemsize, elements * LINE)


def pays(moved: Traffic, pointers: Sequence[int]) -> bool:
    """Say whether to write past the cache, given the operands' addresses."""
    if not is_too_much(moved.bytes):
        return False
    if any(pointer % unit for pointer, unit in zip(pointers, moved.units, strict=True)):
        return False
    total = end = 0  # views of one array are read from memory once
    for start, size in sorted(
        (pointer + first, size) for pointer, (first, size) in zip(pointers, moved.spans, strict=True)
    ):
        total += max(start + size - max(start, end), 0)
        end = max(end, start + size)
    return is_too_much(total)


def is_too_much(size: int) -> bool:
    """Say whether so many bytes do not stay in the last cache."""
    return size >= cache_size() * _SHARE


@functools.cache
def cache_size() -> int:
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
