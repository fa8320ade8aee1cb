"""NumPy's functions that no kernel holds, one module per family; importing them makes them known to the table."""

from fuser_core.semantics.library import (
    along,
    contraction,
    covariance,
    fourier,
    indexing,
    linear_algebra,
    lookup,
    quantiles,
    ufunc_methods,
    windows,
)
from fuser_core.semantics.library.table import CALLED, Called, function_named

__all__ = [
    "CALLED",
    "Called",
    "along",
    "contraction",
    "covariance",
    "fourier",
    "function_named",
    "indexing",
    "linear_algebra",
    "lookup",
    "quantiles",
    "ufunc_methods",
    "windows",
]
