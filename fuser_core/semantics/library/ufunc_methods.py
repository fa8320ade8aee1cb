"""Methods of ufuncs: running values and reductions that no kernel holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.calls import Binding, emit_call
from fuser_core.semantics.library.extents import changed, reduced
from fuser_core.semantics.table import rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__: list[str] = []


def _kept(array: Shape, _: Mapping[str, Any]) -> Shape:
    return array


def _method(name: str, given: tuple[str, ...], sizes: Callable[..., Shape]) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """The first operands are arrays; the ufunc and its options are attributes."""
        options = {option: value for option, value in attributes.items() if option != "ufunc"}
        operands = [builder.convert(term, default_dtype(term)) for term in terms]
        method = getattr(getattr(np, attributes["ufunc"]), name)
        named = given[: len(terms)] if len(terms) > 1 and name == "reduce" else ()
        binding = Binding(method, named, tuple(options.items()))

        def shape(*shapes: Shape) -> Shape:
            return sizes(*shapes[: 2 if name == "reduceat" else 1], options)

        return emit_call(builder, f"numpy.{attributes['ufunc']}.{name}", binding, operands, shape, (1, 0))


_method("accumulate", ("array",), _kept)
_method("reduce", ("array", "where"), lambda array, options: reduced(array, options["axis"], options.get("keepdims")))
_method("reduceat", ("array", "indices"), lambda array, indices, options: changed(array, options["axis"], indices[0]))
