"""``np::argmax`` and ``np::argmin``: where the extremes are, which no kernel says; NumPy is called for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from fuser_core.plan import Opaque
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype

__all__: list[str] = []


def _rule(function: Callable[..., Any]) -> None:
    name = function.__name__

    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """The indices along ``axis``, or without one into the flat array; the first of several equal extremes.

        Raises:
            numpy.exceptions.AxisError: The axis is out of bounds.
        """
        require_arity(f"np::{name}", terms, 1)
        array = builder.convert(terms[0], default_dtype(terms[0]))
        shape, axis, keepdims = shape_of(array), attributes.get("axis"), attributes.get("keepdims", False)
        sample = function(np.ones((1,) * len(shape), array.dtype), axis=axis, keepdims=keepdims)
        gone = range(len(shape)) if axis is None else (axis % max(len(shape), 1),)
        kept = tuple(dim for place, dim in enumerate(shape) if place not in gone)
        whole = tuple(1 if place in gone else dim for place, dim in enumerate(shape))
        output = builder.value(np.asarray(sample).dtype, whole if keepdims else kept)
        builder.steps.append(
            Opaque(f"numpy.{name}", partial(function, axis=axis, keepdims=keepdims), (array,), (output,))
        )
        if output.shape == () and not isinstance(sample, np.ndarray):
            builder.unboxed.add(output.id)
        return (output,)


for _function in (np.argmax, np.argmin):
    _rule(_function)
