"""Items that lie a step apart, brought together in registers: the step known and small, or any.

Of a small step all that lies between is loaded, and shuffled away: up to two, for bytes four times as fast as one item
after the other. Between items that are there memory can be read, but behind the last one it may end.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuser_cpu_llvm.driver import ir_text

__all__ = ["gather_text", "gathered"]

_REGISTER = 32
"""Bytes that are stored at once."""

_STEPS = (-1, 2, 3, 4)
"""In items; backwards the next one lies in front."""

_LARGEST = 8
"""Bytes of an item that is a lane; larger ones are stored as fast one by one."""

_PUT_TOGETHER = (4, 8)
"""Bytes of an item for which a lane of a register takes less than a store."""


def gathered(size: int) -> int:
    """Return how many items of ``size`` bytes are gathered at a time."""
    return max(_REGISTER // size, 4)


def gather_text(size: int, item: str) -> str:
    """Return the IR of ``gather(to, from, f0, n0)``: items ``f0`` bytes apart become contiguous.

    ``n0`` is a positive multiple of `gathered`. What lies between the items, and between the last and one that would
    follow it, is read as well.

    Args:
        size: Bytes of an item.
        item: Its LLVM type.
    """
    steps = _STEPS if size <= _LARGEST else ()
    cases = " ".join(f"i64 {step * size}, label %case.{place}" for place, step in enumerate(steps))
    lines = ["define internal void @gather(ptr %to, ptr %from, i64 %f0, i64 %n0) {", "entry:"]
    lines.append(f"  switch i64 %f0, label %other [ {cases} ]")
    for place, step in enumerate(steps):
        copy = _shuffled(f"%step.{place}", size, item, step)
        lines += [f"case.{place}:", _loop(f"step.{place}", f"case.{place}", size, item, copy)]
    copy = _together("%any", size, item) if size in _PUT_TOGETHER else _one_by_one("%any", size, item)
    lines += ["other:", _loop("any", "other", size, item, copy), "done:", "  ret void", "}"]
    return "\n".join(lines)


def _loop(name: str, before: str, size: int, item: str, copy: Iterator[str]) -> str:
    return ir_text("gather", name=name, before=before, item=item, count=gathered(size), copy="\n".join(copy))


def _shuffled(name: str, size: int, item: str, step: int) -> Iterator[str]:
    """Lines that copy items of a known step."""
    count, apart = gathered(size), abs(step)
    places = [place * apart for place in range(count)]
    if step < 0:
        places.reverse()
    some, everything = f"<{count} x {item}>", f"<{count * apart} x {item}>"
    mask = f"<{count} x i32> <{', '.join(f'i32 {place}' for place in places)}>"
    yield f"  {name}.first = getelementptr i8, ptr {name}.from, i64 {min(step, 0) * (count - 1) * size}"
    yield f"  {name}.all = load {everything}, ptr {name}.first, align 1"
    yield f"  {name}.some = shufflevector {everything} {name}.all, {everything} poison, {mask}"
    yield f"  store {some} {name}.some, ptr {name}.to, align 1"


def _loads(name: str, size: int, item: str) -> Iterator[str]:
    above = f"ptr {name}.from, i64 0"
    for place in range(gathered(size)):
        yield f"  {name}.at{place} = getelementptr i8, {above}"
        yield f"  {name}.v{place} = load {item}, ptr {name}.at{place}, align 1"
        above = f"ptr {name}.at{place}, i64 %f0"


def _together(name: str, size: int, item: str) -> Iterator[str]:
    """Lines that copy items of any step by one store."""
    yield from _loads(name, size, item)
    kind, so_far = f"<{gathered(size)} x {item}>", "poison"
    for place in range(gathered(size)):
        yield f"  {name}.s{place} = insertelement {kind} {so_far}, {item} {name}.v{place}, i64 {place}"
        so_far = f"{name}.s{place}"
    yield f"  store {kind} {so_far}, ptr {name}.to, align 1"


def _one_by_one(name: str, size: int, item: str) -> Iterator[str]:
    """Lines that copy items of any step by a store each."""
    yield from _loads(name, size, item)
    for place in range(gathered(size)):
        yield f"  {name}.to{place} = getelementptr {item}, ptr {name}.to, i64 {place}"
        yield f"  store {item} {name}.v{place}, ptr {name}.to{place}, align 1"
