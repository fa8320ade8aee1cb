"""Covariances and correlations: of a single variable they have no matrix, so the trace looks at the number of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fuser_core.tracing.functions.library import call
from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []


@implements("cov")
def _cov(
    trace: Trace,
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    given = {"y": y, "fweights": fweights, "aweights": aweights, "ddof": ddof, "dtype": dtype}
    given = {name: value for name, value in given.items() if value is not None}
    return call(trace, "cov", m=_counted(trace, m, rowvar), rowvar=bool(rowvar), bias=bool(bias), **given)


@implements("corrcoef")
def _corrcoef(trace: Trace, x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    given = {name: value for name, value in {"y": y, "dtype": dtype}.items() if value is not None}
    return call(trace, "corrcoef", x=_counted(trace, x, rowvar), rowvar=bool(rowvar), **given)


def _counted(trace: Trace, variables: Any, rowvar: Any) -> Any:
    """Return variables as an array; whether there is only one of them is known from now on."""
    array = as_array(trace, variables)
    if array.ndim == 2:
        trace.is_one(array, 0 if rowvar else 1)
    return array
