"""Reductions in the registers of a body: values are added up where they are computed, and never reach memory.

The order of evaluation is that of ``rows`` of `reducers`, which goes on where the body ends: for each reduction the
body leaves two vectors at the beginning of the operand that would hold the values, what all blocks but the last have
come to, and the last one. What fills no vector of the body's is stored by a body without accumulators.
"""

from __future__ import annotations

from collections.abc import Mapping

from fuser_core.plan import DType
from fuser_cpu_llvm.ir import Code, Vector, memory_type
from fuser_cpu_llvm.reducers import BLOCK_VECTORS, LANES, Reducer

__all__ = ["Accumulators"]


class Accumulators:
    """The accumulators of a body.

    Args:
        code: The body.
        reducers: By the operand that would hold the values.
    """

    def __init__(self, code: Code, reducers: Mapping[int, Reducer]) -> None:
        self._code, self._reducers = code, dict(reducers)

    def __contains__(self, place: int) -> bool:
        return place in self._reducers

    def add(self, place: int, value: Vector, dtype: DType) -> None:
        """Add a vector of the body's to an operand's accumulators, which may be fewer: one part after the other."""
        code, reducer, kind = self._code, self._reducers[place], memory_type(dtype)
        value = code.convert("zext", value, kind) if value.element == "i1" else value
        total, count = f"%total{place}.so.far", code.lanes // LANES
        for part in range(count):
            lanes = ", ".join(f"i32 {part * LANES + lane}" for lane in range(LANES))
            name, result = f"%part{place}.{part}", f"%total{place}" if part == count - 1 else f"%total{place}.{part}"
            whole = f"{code.vector_type(kind)} {value.name}"
            code.loop += [
                f"  {name}.raw = shufflevector {whole}, {code.vector_type(kind)} poison, <{LANES} x i32> <{lanes}>",
                f"  {name} = {reducer.widened(f'{name}.raw')}",
                reducer.joined(result, total, name),
            ]
            total = result

    def loops(self) -> list[str]:
        """Return the body's loop inside one over blocks, and the stores behind both."""
        code, last = self._code, self._code.block
        held = [(place, each.vector, each.start) for place, each in self._reducers.items()]
        return [
            "  br label %block",
            "block:",
            "  %b = phi i64 [ 0, %entry ], [ %i.next, %block.end ]",
            *[f"  %whole{p}.so.far = phi {v} [ {start}, %entry ], [ %whole{p}, %block.end ]" for p, v, start in held],
            f"  %b.end = add i64 %b, {LANES * BLOCK_VECTORS}",
            "  %is.last = icmp ugt i64 %b.end, %count",
            "  %b.limit = select i1 %is.last, i64 %count, i64 %b.end",
            "  br label %loop",
            "loop:",
            f"  %i = phi i64 [ %b, %block ], [ %i.next, %{last} ]",
            *[f"  %total{p}.so.far = phi {v} [ {start}, %block ], [ %total{p}, %{last} ]" for p, v, start in held],
            *code.loop,
            f"  %i.next = add i64 %i, {code.lanes}",
            "  %more = icmp ult i64 %i.next, %b.limit",
            "  br i1 %more, label %loop, label %block.end",
            "block.end:",
            *[each.joined(f"%whole{p}", f"%whole{p}.so.far", f"%total{p}") for p, each in self._reducers.items()],
            "  %b.more = icmp ult i64 %i.next, %count",
            "  br i1 %b.more, label %block, label %done",
            "done:",
            *[line for p, v, _ in held for line in _stores(p, v)],
        ]


def _stores(place: int, vector: str) -> list[str]:
    return [
        f"  store {vector} %whole{place}.so.far, ptr %p{place}, align 1",
        f"  %last{place}.at = getelementptr {vector}, ptr %p{place}, i64 1",
        f"  store {vector} %total{place}, ptr %last{place}.at, align 1",
    ]
