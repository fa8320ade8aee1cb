"""Eigenvalues of matrices of any kind, which are complex wherever the trace can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.library import call
from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.refusals import untraceable

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


def _decomposition(name: str) -> None:
    @implements(f"linalg.{name}")
    def decompose(trace: Trace, a: Any) -> Any:
        array = as_array(trace, a)
        told = np.linalg.eigvals(np.ones((1, 1))).dtype.kind == "c"  # or are real ones real, as long as they are?
        if array.dtype.kind != "c" and not told:
            raise untraceable(
                f"numpy.linalg.{name} of real numbers",
                "whether its result is complex depends on values; convert to complex, or use eigh or eigvalsh",
            )
        return call(trace, f"linalg.{name}", a=array)


_decomposition("eig")
_decomposition("eigvals")
