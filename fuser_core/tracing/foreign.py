"""Calls of opaque functions inside a fused function: which of their arguments are operands, and what they return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.foreign import OpaqueFunction
from fuser_core.semantics.foreign import OPERAND, ForeignCall, is_rule
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tree import flatten

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["record"]


def record(trace: Trace, function: OpaqueFunction[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Record a call of an opaque function, and return its results as tracers.

    Where the shape or the dtype of the result may depend on a number, or where there is no array, the trace rests on
    the values of the numbers.
    """
    leaves: list[Any] = []
    structure = flatten((tuple(args), dict(kwargs)), leaves)
    arrays = any(isinstance(leaf, np.ndarray) for leaf in leaves)
    fixed = function.shape is not None or is_rule(function.dtype) or not arrays
    leaves = [trace.concretize(leaf) if fixed and isinstance(leaf, NumberTracer) else leaf for leaf in leaves]
    operands = [leaf for leaf in leaves if isinstance(leaf, NumberTracer | ArrayTracer | np.ndarray)]
    statics = tuple(OPERAND if any(leaf is item for item in operands) else leaf for leaf in leaves)
    key = (
        *(id(function.__wrapped__), id(function.shape), repr(function.dtype), id(function.dtype)),
        *(structure, tuple(map(_key, statics))),
    )
    call = ForeignCall(function.name, function.__wrapped__, function.shape, function.dtype, structure, statics, key, {})
    answer = trace.foresee(call, operands)
    results = trace.apply(f"opaque::{call.name}", operands, outputs=len(answer.results), function=call)
    if answer.container is None:
        return results[0]
    return answer.container(*results) if hasattr(answer.container, "_fields") else answer.container(results)


def _key(leaf: Any) -> object:
    """Return a value that is equal for constants that are the same: numbers by their text, which tells -0.0 from 0."""
    plain = isinstance(leaf, bool | int | float | complex | str | bytes | np.generic | None)
    return (type(leaf), repr(leaf)) if plain else id(leaf)
