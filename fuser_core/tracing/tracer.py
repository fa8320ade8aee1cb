"""What all stand-ins of a trace have in common: NumPy's protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__ = ["Tracer"]


class Tracer:
    """Anything that a trace follows.

    Attributes:
        record: The trace it belongs to; arrays have a method `trace`.
        value: Its number in the graph.
        term: What it is in the plan.
    """

    record: Trace
    value: int
    term: Any

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        from fuser_core.tracing.ufuncs import apply_ufunc  # it builds on the classes of this package

        return apply_ufunc(self.record, ufunc, method, inputs, options)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        from fuser_core.tracing.functions import apply_function

        return apply_function(self.record, function, args, kwargs)
