"""The functions that reduce values to the squared deviations from their mean, in one pass over memory, as IR.

The squares of the distances from a pivot near the mean are summed together with the distances, and ``squares - sum**2 /
count`` is what the former would be from the mean itself. What is taken away must be little, or digits go with it. Here
it is at most half:

    Let *a* numbers have the mean p, and b <= a more have the distances d from p. The squares of all are ``M +
    sum(d**2)``, M those of the a numbers, and ``sum(d)**2 / (a + b)`` is taken away. By Cauchy's inequality
    ``sum(d)**2 <= b * sum(d**2)``, so that is at most ``b / (a + b) <= 1/2`` of ``sum(d**2)``.

So the pivot is the mean of what came before, and a new one is taken before the count has doubled. ``columns`` does so
whenever the count is a power of two, beginning with the first number, and every `_SHORT` rows. It takes one row after
another, so that its bits do not depend on how rows are cut. ``rows`` takes a row in blocks no longer than all before
them; of the first one the mean is found beforehand, while it lies in the first cache. Either begins with distances from
one of the numbers, so equal ones deviate by exactly 0. Partial results are joined by Chan, Golub and LeVeque's formula,
which takes nothing away.

All is held in doubles. A pivot is a rounded mean, and what it lacks of the true one is known by the sum of the
distances from it. Without that the distance of two means, which is small where numbers are many, would bring back what
rounding lost, and spoil half of the digits of a variance that is small against the mean.

Where squares are beyond all numbers the result is infinite, as NumPy's, and NaN where a number is not finite itself.
"""

from __future__ import annotations

import math

import numpy as np

from fuser_core.plan import DType
from fuser_cpu_llvm.driver import ir_text
from fuser_cpu_llvm.halving import halving_tree
from fuser_cpu_llvm.ir import hex_float, memory_type

__all__ = ["ACCUMULATOR", "PLANES", "deviations_text"]

ACCUMULATOR = np.dtype(np.float64)

PLANES = 5
"""Doubles for each result: the squares of the distances from a pivot, the pivot, the sum of the distances, the squares
that came last and are in the first sum not yet, and the count."""

_LANES = 16

_FIRST = 256
"""Length of the first block of a row; a multiple of the lanes, as all blocks but the last are."""

_MOST = 2048
"""Length of the longest block: 16 KiB of doubles, whose squares lose few digits in 128 additions to each lane."""

_SHORT = 64
"""A new pivot is taken after so many rows at most; a power of two."""

_AHEAD, _LINE = 512, 64
"""Bytes by which columns are fetched ahead, a line at a time: down the rows of a tile, hardware sees no stream."""


def deviations_text(dtype: DType) -> str:
    """Return the module of the functions that `reducers.Reducer` names, for values of a dtype."""
    value = memory_type(dtype)
    vector, wide = f"<{_LANES} x double>", f"<{_LANES} x {value}>"
    sides = (_moments_text("vector", _LANES, value), _moments_text("element", 1, value))
    main = ir_text(
        "deviations",
        value=value,
        wide=wide,
        vector=vector,
        lanes=_LANES,
        first=_FIRST,
        most=_MOST,
        widen_vector=_widened(wide, vector, "%v.raw"),
        widen_element=_widened(value, "double", "%e.raw"),
        sum_tree=halving_tree(_add, "double", _LANES, 1, "%sums.next", "%sum.tree"),
        square_tree=halving_tree(_add, "double", _LANES, 1, "%squares.next", "%square.tree"),
        grow_element=_grown(),
        load_own=_loaded("%own", "double"),
    )
    return "\n".join((main, *sides))


def _moments_text(name: str, lanes: int, value: str) -> str:
    """Return the functions for some results side by side."""
    several = lanes > 1
    kind, wide = (f"<{lanes} x double>", f"<{lanes} x {value}>") if several else ("double", value)
    return ir_text(
        "moments",
        suffix=name,
        lanes=lanes,
        value=value,
        kind=kind,
        kind_name=f"v{lanes}f64" if several else "f64",
        wide=wide,
        mask=_mask(kind),
        infinity=_literal(math.inf, kind),
        widen_top=_widened(wide, kind, "%top.raw"),
        fetch=_fetch(lanes * (8 if value == "double" else 4)) if several else "",
        widen_row=_widened(wide, kind, "%row.raw"),
        spread_n=_spread("%n", kind),
        spread_share=_spread("%share", kind),
        spread_counts=_spread("%counts", kind),
        centred=_centred(kind),
        lane_good=f"extractelement <{lanes} x i1> %good, i64 %k" if several else "bitcast i1 %good to i1",
        short=_SHORT,
        short_less=_SHORT - 1,
        load_left=_loaded("%left", kind),
        load_right=_loaded("%right", kind),
    )


def _fetch(size: int) -> str:
    """IR that fetches what is ahead of a vector of so many bytes at ``%at``."""
    lines = (
        f"  %ahead{at} = getelementptr i8, ptr %at, i64 {_AHEAD + at}\n"
        f"  call void @llvm.prefetch.p0(ptr %ahead{at}, i32 0, i32 3, i32 1)"
        for at in range(0, size, _LINE)
    )
    return "\n".join(lines)


def _centred(kind: str) -> str:
    """IR that moves the pivot of ``%n`` numbers to their mean, where they are finite."""
    mask = _mask(kind)
    return "\n".join(
        (
            f"  %centred.step = fmul {kind} %sum, %share",
            f"  %centred.mean = fadd {kind} %pivot, %centred.step",
            f"  %centred.moved = fsub {kind} %centred.mean, %pivot",
            f"  %centred.shift = fmul {kind} %centred.moved, %n",
            f"  %centred.rest = fsub {kind} %sum, %centred.shift",
            f"  %centred.sums = fadd {kind} %sum, %centred.rest",
            f"  %centred.less = fmul {kind} %centred.moved, %centred.sums",
            _difference("%centred.squares", "%square", "%centred.less", kind),
            f"  %centred.good = fcmp olt {kind} %square, {_literal(math.inf, kind)}",
            f"  %centred.pivot = select {mask} %centred.good, {kind} %centred.mean, {kind} %pivot",
            f"  %centred.sum = select {mask} %centred.good, {kind} %centred.rest, {kind} %sum",
            f"  %centred.square = select {mask} %centred.good, {kind} %centred.squares, {kind} %held",
            f"  %centred.recent = select {mask} %centred.good, {kind} {_literal(0.0, kind)}, {kind} %recent",
        )
    )


def _loaded(place: str, kind: str) -> str:
    """IR that loads moments: the pivot, what it lacks of the mean, the squares from that, and the count."""
    lines = []
    at = place
    for name in ("pivot", "sum", "recent", "n"):
        lines.append(f"  {place}.{name}.at = getelementptr i8, ptr {at}, i64 %plane")
        at = f"{place}.{name}.at"
        lines.append(f"  {place}.{name} = load {kind}, ptr {at}, align 1")
    lines += (
        f"  {place}.gathered = load {kind}, ptr {place}, align 1",
        f"  {place}.square = fadd {kind} {place}.gathered, {place}.recent",
        f"  {place}.none = fcmp oeq {kind} {place}.n, {_literal(0.0, kind)}",
        f"  {place}.some = select {_mask(kind)} {place}.none, {kind} {_literal(1.0, kind)}, {kind} {place}.n",
        f"  {place}.rest = fdiv {kind} {place}.sum, {place}.some",
        f"  {place}.less = fmul {kind} {place}.sum, {place}.rest",
        _difference(f"{place}.squares", f"{place}.square", f"{place}.less", kind),
    )
    return "\n".join(lines)


def _difference(name: str, squares: str, less: str, kind: str) -> str:
    """IR of squares less what they are too many; not below 0, where subnormal squares were rounded."""
    zero = _literal(0.0, kind)
    return (
        f"  {name}.raw = fsub {kind} {squares}, {less}\n"
        f"  {name}.negative = fcmp olt {kind} {name}.raw, {zero}\n"
        f"  {name} = select {_mask(kind)} {name}.negative, {kind} {zero}, {kind} {name}.raw"
    )


def _grown() -> str:
    """IR that takes a block into moments: its ``%sum`` and ``%square`` are of distances from ``%old.mean``."""
    return "\n".join(
        (
            "  %shift = fmul double %count.before, %old.rest",
            "  %sum.all = fadd double %shift, %sum",
            "  %step = fmul double %sum.all, %share",
            "  %shift.square = fmul double %shift, %old.rest",
            "  %squares.both = fadd double %old.squares, %square",
            "  %squares.all = fadd double %squares.both, %shift.square",
            "  %taken.away = fmul double %sum.all, %step",
            _difference("%new.squares", "%squares.all", "%taken.away", "double"),
            "  %new.mean = fadd double %old.mean, %step",
            "  %moved = fsub double %new.mean, %old.mean",
            "  %new.rest = fsub double %step, %moved",
            f"  %new.good = fcmp olt double %new.squares, {hex_float(math.inf)}",
        )
    )


def _add(*, kind: str, name: str, left: str, right: str) -> str:
    return f"  {name} = fadd {kind} {left}, {right}"


def _mask(kind: str) -> str:
    return kind.replace("double", "i1")


def _literal(value: float, kind: str) -> str:
    text = hex_float(value)
    return text if kind == "double" else f"splat (double {text})"


def _widened(source: str, kind: str, register: str) -> str:
    return f"{'bitcast' if source == kind else 'fpext'} {source} {register} to {kind}"


def _spread(register: str, kind: str) -> str:
    """IR that puts a number, whose register ends in ``.number``, into every lane of another."""
    if kind == "double":
        return f"  {register} = bitcast double {register}.number to double"
    lanes = kind.strip("<").split()[0]
    return (
        f"  {register}.lane = insertelement {kind} poison, double {register}.number, i64 0\n"
        f"  {register} = shufflevector {kind} {register}.lane, {kind} poison, <{lanes} x i32> zeroinitializer"
    )
