"""``np::`` names of functions along one axis that no kernel holds: running totals, sorting, places of extremes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from fuser_core.plan import Opaque
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__: list[str] = []

_FUNCTIONS = ("cumsum", "cumprod", "sort", "argsort")


def _same(shape: Shape, attributes: Mapping[str, Any]) -> Shape:
    return shape


def _reduced(shape: Shape, attributes: Mapping[str, Any]) -> Shape:
    """Return a shape without the axis, or without any if none is given; ``keepdims`` leaves 1 in its place."""
    axis = attributes.get("axis")
    gone = range(len(shape)) if axis is None else (axis % len(shape),) if shape else ()
    if attributes.get("keepdims"):
        return tuple(1 if place in gone else dim for place, dim in enumerate(shape))
    return tuple(dim for place, dim in enumerate(shape) if place not in gone)


def _rule(
    name: str,
    choose: Callable[[Mapping[str, Any]], Callable[..., Any]],
    result: Callable[[Shape, Mapping[str, Any]], Shape] = _same,
) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """Which dtype the function's result has is NumPy's decision, and whether it is a scalar.

        Raises:
            numpy.exceptions.AxisError: The axis is out of bounds.
        """
        require_arity(f"np::{name}", terms, 1)
        array = builder.convert(terms[0], default_dtype(terms[0]))
        function = choose(attributes)
        options = {option: value for option, value in attributes.items() if option != "ufunc"}
        shape = shape_of(array)
        sample = function(np.ones((1,) * len(shape), array.dtype), **options)
        output = builder.value(sample.dtype, result(shape, attributes))
        builder.steps.append(Opaque(_title(name, attributes), partial(function, **options), (array,), (output,)))
        if isinstance(sample, np.generic):
            builder.unboxed.add(output.id)
        return (output,)


def _title(name: str, attributes: Mapping[str, Any]) -> str:
    return f"numpy.{attributes['ufunc']}.accumulate" if "ufunc" in attributes else f"numpy.{name}"


def _fixed(name: str) -> Callable[[Mapping[str, Any]], Callable[..., Any]]:
    return lambda _: getattr(np, name)


for _name in _FUNCTIONS:
    _rule(_name, _fixed(_name))
for _name in ("argmax", "argmin"):
    _rule(_name, _fixed(_name), _reduced)
_rule("accumulate", lambda attributes: getattr(np, attributes["ufunc"]).accumulate)
