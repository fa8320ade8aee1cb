"""Checks of data: steps of a plan that raise what NumPy raises when it sees the elements.

A kernel cannot raise. What it would have to refuse is looked for before it runs, by a reduction that any backend
holds, and what it gets has passed; so nothing is written that an error would leave half done.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.plan import Check, Operand, Value
from fuser_core.semantics.builder import PlanBuilder, shape_of

__all__ = ["refuse_negative_exponents"]


def refuse_negative_exponents(builder: PlanBuilder, base: Operand, exponent: Operand) -> Operand:
    """Return the exponent of a power, checked where it is an array of signed integers.

    NumPy raises where an element of the result has a negative exponent; a result without elements has none. A literal
    that is negative is left to NumPy, by the fallback.

    Args:
        builder: Of the plan.
        base: In the dtype of the power.
        exponent: In the dtype of the power.
    """
    if not isinstance(exponent, Value) or exponent.dtype.kind != "i":
        return exponent
    shape = builder.broadcast([shape_of(base), exponent.shape], "power")
    if 0 in shape:
        return exponent

    def emit() -> Value:
        inputs = [exponent]
        if shape != tuple(map(builder.canonical, exponent.shape)):
            sizes = [dim if isinstance(dim, int) else builder.host("size", [dim], int) for dim in shape]
            boxed = [builder.convert(size, np.dtype(np.intp)) for size in sizes if size != 1]
            inputs = [*(size for size in boxed if isinstance(size, Value)), exponent]
        output = builder.value(exponent.dtype, exponent.shape)
        checked = (_some_negative(builder, exponent), *inputs)
        builder.steps.append(Check("no negative powers", _refuse_negative, checked, output))
        return output

    checked: Value = builder.once(("no negative powers", exponent, shape), emit)
    return checked


def _some_negative(builder: PlanBuilder, array: Value) -> Value:
    """Return whether some element is negative; of one that has no dimensions itself, which needs no kernel."""
    if not array.shape:
        return array
    boolean = np.dtype(bool)
    (negative,) = builder.elementwise("less", [array, builder.convert(0, array.dtype)], [boolean])
    return builder.reduce("any", negative, tuple(range(len(array.shape))), boolean)


def _refuse_negative(found: Any, *others: Any) -> None:
    """Raise what NumPy does if ``found`` is true, or negative; ``others`` are sizes of the result, and the exponent."""
    if (found if found.dtype == bool else found < 0) and all(size for size in others[:-1]):
        raise ValueError("Integers to negative integer powers are not allowed.")
