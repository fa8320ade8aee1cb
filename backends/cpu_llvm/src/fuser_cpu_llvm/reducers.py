"""The functions that consume values to reduce, as IR: one small module per operation and dtype.

``rows`` reduces each row of a dense tile to one partial result: a vector of `_LANES` accumulators, a fixed halving
tree, then the sum of the elements that fill no vector. ``columns`` adds the rows of a tile to a row of accumulators.
``combine`` joins partial results pairwise by their place. The order of evaluation depends on sizes only. A complex
number is a vector of two: pairs stay side by side, half as many to a vector of accumulators.

What needs several numbers for a partial result (see `deviations`) has them in planes: in memory all first numbers come
before all second ones. ``combine`` makes results of them, of single ones too, and ``join`` takes the place of
``columns`` where whole sets of accumulators are joined.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable

import numpy as np

from fuser_core.plan import DType
from fuser_cpu_llvm import deviations
from fuser_cpu_llvm.driver import ir_text
from fuser_cpu_llvm.halving import halving_tree
from fuser_cpu_llvm.ir import hex_float, memory_type
from fuser_cpu_llvm.machine import Machine

__all__ = ["BLOCK_VECTORS", "LANES", "Reducer", "reducer"]

LANES = 16
"""Accumulators of a row; four AVX2 registers of doubles hide the latency of an addition."""

_WIDE = {"f": np.dtype(np.float64), "c": np.dtype(np.complex128)}
"""What sums and products are held in."""

BLOCK_VECTORS = 32
"""Vectors of a row that are added one after another before their sum goes to the sum of all."""


class Reducer:
    """Machine code that reduces values of one dtype.

    Attributes:
        accumulator: The dtype of partial results: sums and products of float32 are held in float64, of complex64
            in complex128.
        identity: What accumulators start with.
        planes: How many numbers a partial result has.
        text: The module.
    """

    planes = 1

    def __init__(self, op: str, dtype: DType) -> None:
        self._op, self._dtype = op, dtype
        self.accumulator: DType = _WIDE.get(dtype.kind, dtype) if op in ("sum", "prod") else dtype
        self.identity = _identity(op, self.accumulator)
        self.text = _text(op, dtype, self.accumulator, self.identity)
        self._load("rows", "columns", "combine")

    def _load(self, *names: str) -> None:
        self.machine = Machine(self.text, lambda: self.text, names)
        self.rows, self.columns, self.combine = map(self.machine.address, names[:3])

    # What a body needs that adds up real values itself, in vectors of `LANES` of them.

    @property
    def vector(self) -> str:
        """LLVM type of a vector of accumulators."""
        return _type(self.accumulator, LANES)

    @property
    def start(self) -> str:
        """Such a vector before anything is added."""
        return _start(self.identity, _type(self.accumulator), LANES)

    def widened(self, values: str) -> str:
        """Instruction that makes accumulators of a vector of values."""
        return _widening(self._dtype, self.accumulator).format(_type(self._dtype, LANES), values, self.vector)

    def joined(self, name: str, left: str, right: str) -> str:
        """IR of ``name = left op right``, vectors of accumulators."""
        return _join(self._op, self.vector, self.accumulator, name, left, right)

    @functools.cached_property
    def join(self) -> int:
        """Address of ``columns`` for values that are accumulators themselves."""
        return self.columns if self._dtype == self.accumulator else reducer(self._op, self.accumulator).columns


class _Deviations(Reducer):
    """Squared deviations from the mean."""

    planes = deviations.PLANES

    def __init__(self, dtype: DType) -> None:
        self.accumulator = deviations.ACCUMULATOR
        self.identity = self.accumulator.type(0)
        self.text = deviations.deviations_text(dtype)
        self._load("rows", "columns", "combine", "join")

    @functools.cached_property
    def join(self) -> int:
        return self.machine.address("join")


def reducer(op: str, dtype: DType) -> Reducer:
    """The reducer of an operation and a dtype, made once per process."""
    made = _made.get((op, dtype))
    if made is None:
        # Of threads that come first together one wins: whoever holds an address takes it from what is kept here.
        new = _Deviations(dtype) if op == "squared_deviations" else Reducer(op, dtype)
        made = _made.setdefault((op, dtype), new)
    return made


_made: dict[tuple[str, DType], Reducer] = {}


def _identity(op: str, dtype: DType) -> np.generic:
    """The neutral element; a sum starts with +0.0, as NumPy's."""
    value: float | int
    if op not in ("min", "max"):
        value = int(op in ("prod", "all"))
    elif dtype.kind == "f":
        value = -math.inf if op == "max" else math.inf
    elif dtype.kind == "b":
        value = int(op == "min")
    else:
        limits = np.iinfo(dtype)
        value = limits.min if op == "max" else limits.max
    identity: np.generic = dtype.type(value)
    return identity


def _literal(value: np.generic) -> str:
    if value.dtype.kind == "c":
        return f"<double {_literal(value.real)}, double {_literal(value.imag)}>"
    return hex_float(float(value)) if value.dtype.kind == "f" else str(int(value))


def _parts(dtype: DType) -> int:
    return 2 if dtype.kind == "c" else 1


def _type(dtype: DType, count: int = 1) -> str:
    """LLVM type of some elements in memory."""
    count *= _parts(dtype)
    return memory_type(dtype) if count == 1 else f"<{count} x {memory_type(dtype)}>"


def _product(kind: str, name: str, left: str, right: str) -> str:
    """IR of complex products; ``kind`` is a vector of pairs."""
    width = int(kind.strip("<").split()[0])

    def shuffled(first: str, second: str, places: Iterable[int]) -> str:
        mask = ", ".join(f"i32 {place}" for place in places)
        return f"shufflevector {kind} {first}, {kind} {second}, <{width} x i32> <{mask}>"

    return "\n".join(
        (
            f"  {name}.real = {shuffled(left, 'poison', (place & ~1 for place in range(width)))}",
            f"  {name}.imag = {shuffled(left, 'poison', (place | 1 for place in range(width)))}",
            f"  {name}.swapped = {shuffled(right, 'poison', (place ^ 1 for place in range(width)))}",
            f"  {name}.straight = fmul {kind} {name}.real, {right}",
            f"  {name}.crossed = fmul {kind} {name}.imag, {name}.swapped",
            f"  {name}.less = fsub {kind} {name}.straight, {name}.crossed",
            f"  {name}.more = fadd {kind} {name}.straight, {name}.crossed",
            f"  {name} = {shuffled(f'{name}.less', f'{name}.more', (at + width * (at & 1) for at in range(width)))}",
        )
    )


def _join(op: str, kind: str, dtype: DType, name: str, left: str, right: str) -> str:
    """IR of ``name = left op right``; ``kind`` is the LLVM type, a scalar or a vector."""
    mask = kind.replace(kind.strip("<>").split()[-1], "i1")
    if dtype.kind == "c" and op == "prod":
        return _product(kind, name, left, right)
    if dtype.kind == "f" and op in ("min", "max"):
        predicate = "ogt" if op == "max" else "olt"
        return (
            f"  {name}.first = fcmp {predicate} {kind} {left}, {right}\n"
            f"  {name}.nan = fcmp uno {kind} {left}, {left}\n"
            f"  {name}.left = or {mask} {name}.first, {name}.nan\n"
            f"  {name} = select {mask} {name}.left, {kind} {left}, {kind} {right}"
        )
    if op in ("sum", "prod"):
        opcode = {"sum": "add", "prod": "mul"}[op]
        return f"  {name} = {'f' if dtype.kind in 'fc' else ''}{opcode} {kind} {left}, {right}"
    if op in ("any", "all"):
        return f"  {name} = {'or' if op == 'any' else 'and'} {kind} {left}, {right}"
    predicate = ("s" if dtype.kind == "i" else "u") + ("gt" if op == "max" else "lt")
    return (
        f"  {name}.left = icmp {predicate} {kind} {left}, {right}\n"
        f"  {name} = select {mask} {name}.left, {kind} {left}, {kind} {right}"
    )


def _start(identity: np.generic, kind: str, lanes: int) -> str:
    """A vector of accumulators before anything is added."""
    if identity.dtype.kind == "c":
        return f"<{', '.join([_literal(identity).strip('<>')] * lanes)}>"
    return f"splat ({kind} {_literal(identity)})"


def _widening(dtype: DType, accumulator: DType) -> str:
    return "fpext {} {} to {}" if dtype != accumulator else "bitcast {} {} to {}"


def _text(op: str, dtype: DType, accumulator: DType, identity: np.generic) -> str:
    value, kind = _type(dtype), _type(accumulator)
    join = functools.partial(_join, op, dtype=accumulator)
    lanes = LANES // _parts(dtype)
    wide, vector = _type(dtype, lanes), _type(accumulator, lanes)
    widen = _widening(dtype, accumulator)
    return ir_text(
        "reducer",
        value=value,
        kind=kind,
        wide=wide,
        vector=vector,
        lanes=lanes,
        alignment=accumulator.itemsize // _parts(accumulator),
        identity=_literal(identity),
        start=_start(identity, kind, lanes),
        widen_vector=widen.format(wide, "%raw", vector),
        widen_element=widen.format(value, "%element.raw", kind),
        widen_column_vector=widen.format(wide, "%v.raw", vector),
        widen_deep=widen.format(wide, "%d.raw", vector),
        widen_column=widen.format(value, "%c.raw", kind),
        block=lanes * BLOCK_VECTORS,
        block_less=lanes * BLOCK_VECTORS - 1,
        join_block=join(kind=vector, name="%whole", left="%whole.so.far", right="%total.next"),
        join_held=join(kind=vector, name="%held", left="%held.before", right="%held.block"),
        join_vector=join(kind=vector, name="%total.next", left="%total.so.far", right="%loaded"),
        tree=halving_tree(join, memory_type(accumulator), LANES, _parts(accumulator), "%total", "%tree"),
        join_rest=join(kind=kind, name="%joined", left="%start", right="%sum.next"),
        join_element=join(kind=kind, name="%sum.next", left="%sum.so.far", right="%element"),
        join_column_vector=join(kind=vector, name="%v.sum", left="%v.old", right="%v.new"),
        join_deep=join(kind=vector, name="%d.sum", left="%d.so.far", right="%d.new"),
        join_column=join(kind=kind, name="%c.sum", left="%c.old", right="%c.new"),
        join_pair=join(kind=kind, name="%pair", left="%left", right="%right"),
    )
