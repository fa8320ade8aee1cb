"""The accumulators of reductions: which one an operation and a dtype take, and how its result is stored."""

from __future__ import annotations

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.operations import cast, kind_of
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["REDUCTIONS", "Reducer", "reducer"]

REDUCTIONS = {"sum": "iufc", "prod": "iufc", "min": "biuf", "max": "biuf", "any": "b", "all": "b"}
REDUCTIONS["squared_deviations"] = "f"

_DOUBLE = np.dtype(np.float64)


@frozen
class Reducer:
    """An accumulator.

    Attributes:
        name: Its type in CUDA C++; what has to be done with blocks of it stands in ``text/reducers.cu``.
        size: Bytes of one.
        stored: Expression of a result as an element of the result's array; ``{}`` is the accumulator.
    """

    name: str
    size: int
    stored: str

    @property
    def finishes_blocks(self) -> bool:
        """Whether something is to be done when the last number of a block was added."""
        return self.name == "Deviations"


def reducer(op: str, dtype: DType) -> Reducer:
    """Return the accumulator of a reduction: sums and products of floats are held in double precision."""
    kind, store = kind_of(dtype), storage(dtype).store
    if op == "squared_deviations":
        return Reducer("Deviations", 40, store.format(cast(_DOUBLE, dtype, "{}.result()")))
    if kind == "c":
        part = "f64"
        name = {"sum": "ComplexSum", "prod": "ComplexProduct"}[op]
        return Reducer(f"{name}<{part}>", 16, cast(np.dtype(np.complex128), dtype, "{0}.result()"))
    if kind == "b":
        name = {"any": "Any", "all": "All", "max": "Any", "min": "All"}[op]
        return Reducer(name, 1, store.format("{}.result()"))
    if op in ("min", "max"):
        name = {"min": "Least", "max": "Greatest"}[op]
        register = storage(dtype).register
        return Reducer(f"{name}<{register}>", int(register[1:]) // 8, store.format("{}.result()"))
    if kind in "iu":
        name = {"sum": "WholeSum", "prod": "WholeProduct"}[op]
        return Reducer(f"{name}<{storage(dtype).register}>", dtype.itemsize, "{}.result()")
    name = {"sum": "Sum", "prod": "Product"}[op]
    return Reducer(f"{name}<f64>", 8, store.format(cast(_DOUBLE, dtype, "{}.result()")))
