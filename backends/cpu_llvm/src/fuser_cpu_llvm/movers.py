"""Strided copies for the driver, by the size of an item: compiled when the first operand of that size is packed."""

from __future__ import annotations

from collections.abc import Iterator

from fuser_cpu_llvm.driver import ir_text
from fuser_cpu_llvm.gathering import gather_text, gathered
from fuser_cpu_llvm.machine import Machine

__all__ = ["mover", "mover_text"]

_HALF = 16
"""Bytes of half a register: of what a shuffle works on by itself, whatever the processor."""

_PIECES = (32, 16, 8)
"""Bytes of a piece, for rows that have one or more."""

_machines: dict[int, Machine] = {}


def mover(size: int) -> int:
    """Return the address of ``move(to, t1, t0, from, f1, f0, n1, n0)`` for items of ``size`` bytes, 1 to 16."""
    machine = _machines.get(size)
    if machine is None:
        text = mover_text(size)
        # Of threads that come first together one wins: nests hold the address, this module the machine.
        machine = _machines.setdefault(size, Machine(text, lambda: text, ("move",)))
    return machine.address("move")


def mover_text(size: int) -> str:
    """Return the IR of the copies of items of ``size`` bytes."""
    high, unit = _HALF // size, min(size, 8)
    item = f"i{8 * size}" if size == unit else f"<{size // unit} x i{8 * unit}>"
    return ir_text(
        "move",
        size=size,
        item=item,
        wide=_vector(2 * _HALF // unit, unit),
        repeated=2 * high,
        high=high,
        across=2 * high,
        splat="\n".join(_splat(size, unit, item)),
        turn="\n".join(_turn(high, unit)),
        pieces="\n".join(ir_text("pieces", width=width) for width in _PIECES),
        gathered=gathered(size),
        gather=gather_text(size, item),
    )


def _splat(size: int, unit: int, item: str) -> Iterator[str]:
    """Lines that repeat ``%value`` over a whole register, ``%all.lanes``."""
    value, units = "%value", size // unit
    kind = _vector(units, unit)
    if units == 1:
        yield f"  %first = insertelement {kind} poison, {item} %value, i64 0"
        value = "%first"
    places = [place % units for place in range(2 * _HALF // unit)]
    yield f"  %all.lanes = shufflevector {kind} {value}, {kind} poison, {_mask(places)}"


def _turn(high: int, unit: int) -> Iterator[str]:
    """Lines that load ``2 * high`` pieces of columns, turn them and store ``high`` pieces of rows.

    A register holds pieces of column j and of column j + high. Interleaving the items of registers j and j + high / 2,
    in each half by itself, over and over, brings together what lies in one row.
    """
    units = _HALF // unit
    piece, wide = _vector(units, unit), _vector(2 * units, unit)
    yield "  %c0.at = getelementptr i8, ptr %from.block, i64 0"
    for place in range(1, 2 * high):
        yield f"  %c{place}.at = getelementptr i8, ptr %c{place - 1}.at, i64 %f0"
    for place in range(2 * high):
        yield f"  %c{place} = load {piece}, ptr %c{place}.at, align 1"
    both = _mask(list(range(2 * units)))
    for place in range(high):
        yield f"  %s0.{place} = shufflevector {piece} %c{place}, {piece} %c{place + high}, {both}"
    stage = 0
    while 1 << stage < high:
        for place in range(high // 2):
            left, right = f"{wide} %s{stage}.{place}", f"{wide} %s{stage}.{place + high // 2}"
            for upper in (0, 1):
                mask = _mask(_interleaved(units, upper))
                yield f"  %s{stage + 1}.{2 * place + upper} = shufflevector {left}, {right}, {mask}"
        stage += 1
    for place in range(high):
        above = f"ptr %r{place - 1}.at, i64 %t1" if place else "ptr %to.block, i64 0"
        yield f"  %r{place}.at = getelementptr i8, {above}"
        yield f"  store {wide} %s{stage}.{place}, ptr %r{place}.at, align 1"


def _interleaved(units: int, upper: int) -> list[int]:
    """Return the places of two registers' items, in turn, out of the lower or upper part of either half."""
    start = upper * units // 2
    return [
        half + register + place
        for half in (0, units)
        for place in range(start, start + units // 2)
        for register in (0, 2 * units)
    ]


def _vector(units: int, unit: int) -> str:
    return f"<{units} x i{8 * unit}>"


def _mask(places: list[int]) -> str:
    return f"<{len(places)} x i32> <{', '.join(f'i32 {place}' for place in places)}>"
