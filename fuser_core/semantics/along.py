"""``np::`` names of functions along one axis that no kernel holds: running totals, sorting."""

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

_FUNCTIONS = ("cumsum", "cumprod", "sort", "argsort")


def _rule(name: str, choose: Callable[[Mapping[str, Any]], Callable[..., Any]]) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """The function's result has the shape of its operand; which dtype it has is NumPy's decision.

        Raises:
            numpy.exceptions.AxisError: The axis is out of bounds.
        """
        require_arity(f"np::{name}", terms, 1)
        array = builder.convert(terms[0], default_dtype(terms[0]))
        function = choose(attributes)
        options = {option: value for option, value in attributes.items() if option != "ufunc"}
        shape = shape_of(array)
        dtype = function(np.ones((1,) * len(shape), array.dtype), **options).dtype
        output = builder.value(dtype, shape)
        builder.steps.append(Opaque(_title(name, attributes), partial(function, **options), (array,), (output,)))
        return (output,)


def _title(name: str, attributes: Mapping[str, Any]) -> str:
    return f"numpy.{attributes['ufunc']}.accumulate" if "ufunc" in attributes else f"numpy.{name}"


def _fixed(name: str) -> Callable[[Mapping[str, Any]], Callable[..., Any]]:
    return lambda _: getattr(np, name)


for _name in _FUNCTIONS:
    _rule(_name, _fixed(_name))
_rule("accumulate", lambda attributes: getattr(np, attributes["ufunc"]).accumulate)
