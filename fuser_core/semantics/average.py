"""``np::average``: a weighted mean, and the check that NumPy makes of its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.plan import Check, Value
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import require_arity, rule, rule_of
from fuser_core.semantics.ufuncs import default_dtype

__all__: list[str] = []


@rule("np::average")
def _average(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """The mean of the first operand weighted by the second, which broadcasts to it, and the sum of the weights."""
    require_arity("np::average", terms, 2)
    dtypes = [default_dtype(term) for term in terms]
    dtype = np.result_type(*dtypes, *(["f8"] if dtypes[0].kind in "biu" else []))
    shape = {"axis": attributes.get("axis"), "keepdims": attributes.get("keepdims", False)}
    product = rule_of("np::multiply")(builder, terms, {"dtype": dtype})
    (dividend,) = rule_of("np::sum")(builder, product, shape)
    (divisor,) = rule_of("np::sum")(builder, [terms[1]], {**shape, "dtype": dtype})
    assert isinstance(divisor, Value)
    checked = builder.value(divisor.dtype, divisor.shape)
    builder.steps.append(Check("no weights of sum 0", _refuse_zeros, (divisor,), checked))
    if divisor.id in builder.unboxed:
        builder.unboxed.add(checked.id)
    (mean,) = rule_of("np::divide")(builder, [dividend, checked], {})
    assert isinstance(mean, Value)
    if mean.shape == checked.shape:
        return mean, checked
    return mean, *rule_of("np::full_like")(builder, [mean, checked], {})


def _refuse_zeros(weights: Any) -> None:
    """Raise what NumPy does where weights have the sum zero."""
    if np.any(weights == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
