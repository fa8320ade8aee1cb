"""Placement: the parts of a `Concat` become results that kernels can write where they belong.

A part that is also returned, or taken twice, or not computed at all, gets a copy of its own; the copy joins the kernel
that computes the other parts, so no data moves twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fuser_core.plan import Concat, Elementwise, Reduce, Step
from fuser_core.semantics import PlanBuilder

__all__ = ["place_parts"]


def place_parts(builder: PlanBuilder, steps: Sequence[Step], kept: frozenset[int]) -> list[Step]:
    """Return the steps with copies of those parts that no kernel could write in their place.

    Args:
        builder: Numbers new values.
        steps: In an order in which they can be executed.
        kept: Numbers of the values that the program returns.
    """
    concats = [step for step in steps if isinstance(step, Concat)]
    if not concats:
        return list(steps)
    uses = Counter(part.id for step in concats for part in step.inputs)
    computed = {value.id for step in steps if isinstance(step, Elementwise | Reduce) for value in step.outputs}
    result: list[Step] = []
    for step in steps:
        if not isinstance(step, Concat):
            result.append(step)
            continue
        spaces = {part.shape for part in step.inputs if part.id in computed}
        parts = list(step.inputs)
        for position, part in enumerate(parts):
            bound = part.id not in computed or part.id in kept or uses[part.id] > 1
            if bound and part.shape in spaces:
                parts[position] = builder.value(part.dtype, part.shape)
                result.append(Elementwise("cast", (part,), (parts[position],)))
        result.append(Concat(tuple(parts), step.axis, step.output))
    return result
