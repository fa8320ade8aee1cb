"""Whether a function works on each element alone: then labels need not be known to what computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.carriers import InnerDispatcher, Unserved
from fuser_core.entries import Entry
from fuser_core.errors import FuserError
from fuser_core.following import follow

__all__ = ["require_elementwise", "stand_in"]

_SIZE = 2
"""Of the axes of stand-ins; a trace that looks at one is not elementwise."""


def require_elementwise(
    inner: InnerDispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], rank: int, library: str
) -> Entry:
    """Return what serves calls of a function with stand-ins, all of one shape, in the place of labelled arrays.

    Raises:
        Unserved: The function needs more than single elements, or cannot be traced.
    """
    try:
        _, entry = inner.entry_for(args, kwargs)
    except (FuserError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise Unserved(f"of {library}'s objects only elementwise functions are fused ({error})") from error
    following = None if any(step.op == "size" for step in entry.trace.host_steps) else follow(entry.program.plan)
    axes = None if following is None else next((labels for labels in following.inputs if len(labels) == rank), None)
    arguments = 0 if following is None else len(following.inputs) - len(entry.trace.captured)
    if (
        following is None
        or following.whole
        or any(following.inputs[arguments:])
        or any(labels != axes for labels in following.outputs)
    ):
        raise Unserved(f"of {library}'s objects only elementwise functions are fused, and this one works along an axis")
    return entry


def stand_in(dtype: Any, rank: int) -> Any:
    """Return an array that shows the dtype and the rank of a labelled one."""
    return np.zeros((_SIZE,) * rank, dtype)
