"""``np::full_like``: an array that is like another in all but its values."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.plan import Operand, Value
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.table import require_arity, rule, rule_of
from fuser_core.semantics.ufuncs import default_dtype, weak_dtype

__all__: list[str] = []


@rule("np::full_like")
def _full_like(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The second operand, converted as an assignment converts it, repeated to the shape of the first.

    Raises:
        ShapeError: It does not fit there.
    """
    require_arity("np::full_like", terms, 2)
    prototype = builder.convert(terms[0], default_dtype(terms[0]))
    dtype = attributes.get("dtype") or prototype.dtype
    filling = _as_assigned(builder, _without_ones(builder, terms[1], len(shape_of(prototype))), dtype)
    given, wanted = (tuple(map(builder.size, shape_of(operand))) for operand in (filling, prototype))
    if len(given) > len(wanted) or any(
        own not in (1, size) for own, size in zip(given[::-1], wanted[::-1], strict=False)
    ):
        raise ShapeError(f"could not broadcast input array from shape {given} into shape {wanted}; reduce or slice it")
    if prototype.dtype != dtype:  # only its shape is read, and every value is a truth value, in every dtype
        prototype = builder.convert(builder.cast(prototype, np.dtype(bool)), dtype)
    return builder.elementwise("where", [builder.convert(True, np.dtype(bool)), filling, prototype], [dtype])


def _without_ones(builder: PlanBuilder, term: Term, rank: int) -> Term:
    """Drop axes of size 1 at the left that the array to fill does not have."""
    while isinstance(term, Value) and len(term.shape) > rank and term.shape[0] == 1:
        (term,) = rule_of("np::getitem")(builder, [term], {"index": (0, Ellipsis)})
    return term


def _as_assigned(builder: PlanBuilder, term: Term, dtype: np.dtype[Any]) -> Operand:
    """Convert by force, but check the range of a Python integer where NumPy does."""
    number = weak_dtype(term)
    if number is int and (dtype.kind not in "iu" or not _filling_wraps()):
        return builder.convert(term, dtype)
    return builder.convert(builder.convert(term, default_dtype(term)), dtype)


@functools.cache
def _filling_wraps() -> bool:
    """Ask NumPy whether filling wraps a Python integer that the dtype cannot hold; from 2.1 on it raises."""
    try:
        np.full_like(np.zeros(1, np.uint8), 300)
    except OverflowError:
        return False
    return True
