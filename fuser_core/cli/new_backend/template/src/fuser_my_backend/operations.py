"""What the backend can do, and in which words it declines the rest."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from fuser_core.backend import GroupStep, Reduce

__all__ = ["OPERATIONS", "refusal"]

OPERATIONS: Mapping[str, np.ufunc] = MappingProxyType(
    {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "negative": np.negative}
)
"""By the name of the operation in `fuser_core.ops.ELEMENTWISE`."""


def refusal(step: GroupStep) -> str:
    """Return why no kernel of this backend can hold a step; empty if one can. Whoever tells it names the backend first."""
    if isinstance(step, Reduce):
        return f"it has no reductions, and this is {step.op}"
    if step.op not in OPERATIONS:
        return f"it has no {step.op}, only {', '.join(OPERATIONS)}"
    other = {value.dtype for value in (*step.inputs, *step.outputs)} - {np.dtype(np.float64)}
    if other:
        return f"it computes in float64, and this is {step.op} of {', '.join(sorted(map(str, other)))}"
    return ""
