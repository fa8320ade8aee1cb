"""``np::clip``: NumPy's rules for bounds of another dtype, bounds beyond the dtype, and complex numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.plan import HostValue, Operand, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype, result_type

__all__: list[str] = []


@rule("np::clip")
def _clip(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """``minimum(maximum(x, low), high)`` in one common dtype; an absent bound is a missing operand.

    With both bounds NumPy orders complex numbers in another way than ``maximum`` and ``minimum`` do.
    """
    require_arity("np::clip", terms, 1 + len(attributes["bounds"]))
    first = terms[0] if isinstance(terms[0], Value) else builder.convert(terms[0], default_dtype(terms[0]))
    bounds = dict(zip(attributes["bounds"], terms[1:], strict=True))
    dtype = result_type(first, *bounds.values())
    dtype = np.clip(np.empty(0, dtype), dtype.type(0), dtype.type(0)).dtype  # which has no loop of its own for bfloat16
    result: Operand = builder.convert(first, dtype)
    for bound, op in (("low", "maximum"), ("high", "minimum")):
        if bound in bounds and not _is_idle(bounds[bound], bound, first.dtype):
            limit = builder.convert(_tighten(builder, bounds[bound], bound, first.dtype), dtype)
            if dtype.kind == "c" and len(bounds) == 2:
                result = _limit_complex(builder, result, limit, "greater" if bound == "low" else "less")
            else:
                result = builder.elementwise(op, [result, limit], [dtype], unboxed=True)[0]
    if not isinstance(result, Value) or result is first:
        result = builder.cast(result, dtype, unboxed=True)
    return (result,)


def _limit_complex(builder: PlanBuilder, operand: Operand, bound: Operand, beyond: str) -> Value:
    """Keep complex numbers that are NaN or beyond a bound by their real or else imaginary parts; others become it."""

    def emit(op: str, *operands: Operand, dtype: np.dtype[Any]) -> Value:
        return builder.elementwise(op, operands, [dtype], unboxed=True)[0]

    part, boolean = operand.dtype.type(0).real.dtype, np.dtype(bool)
    reals = [emit("real", item, dtype=part) for item in (operand, bound)]
    imags = [emit("imag", item, dtype=part) for item in (operand, bound)]
    tie, nan = emit("equal", *reals, dtype=boolean), emit("isnan", operand, dtype=boolean)
    first, second = (emit(beyond, *parts, dtype=boolean) for parts in (reals, imags))
    kept = emit("logical_or", nan, emit("where", tie, second, first, dtype=boolean), dtype=boolean)
    return emit("where", kept, operand, bound, dtype=operand.dtype)


def _tighten(builder: PlanBuilder, bound: Term, which: str, dtype: np.dtype[Any]) -> Term:
    """Move a run-time bound that could be idle to the end of the dtype's range, where it is idle too."""
    if not isinstance(bound, HostValue) or bound.type is not int or dtype.kind not in "iu":
        return bound
    info = np.iinfo(dtype)
    if which == "low":
        return builder.host("max", [bound, int(info.min)], int)
    return builder.host("min", [bound, int(info.max)], int)


def _is_idle(bound: Term, which: str, dtype: np.dtype[Any]) -> bool:
    """Say whether NumPy drops a bound: a Python integer that no element of an integer array is beyond."""
    if type(bound) is not int or dtype.kind not in "iu":
        return False
    info = np.iinfo(dtype)
    return bound <= int(info.min) if which == "low" else bound >= int(info.max)
