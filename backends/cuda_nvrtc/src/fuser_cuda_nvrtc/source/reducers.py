"""The accumulators of reductions: which one an operation and a dtype take, and how its result is stored."""

from __future__ import annotations

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.operations import cast, kind_of
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["FINISHED", "REDUCTIONS", "Reducer", "reducer"]

REDUCTIONS = {"sum": "iufc", "prod": "iufc", "min": "biuf", "max": "biuf", "any": "b", "all": "b"}
REDUCTIONS["squared_deviations"] = "f"

FINISHED = frozenset(("NarrowSum",))
"""Accumulators with something to do when the last number of a block was added."""

_DOUBLE = np.dtype(np.float64)


@frozen
class Reducer:
    """An accumulator.

    Attributes:
        name: Its type in CUDA C++; what has to be done with blocks of it stands in ``text/reducers.cu``.
        size: Bytes of one.
        stored: Expression of a result as an element of the result's array; ``{}`` is the accumulator.
        sums: The type of the accumulator of a sum of the same floats.
        is_blocked: Whether numbers are taken a block at a time, since one after another they would lose digits.
    """

    name: str
    size: int
    stored: str
    sums: str = ""
    is_blocked: bool = False

    @property
    def is_aimed(self) -> bool:
        """Whether it has to be shown a number before it takes any."""
        return self.name.startswith("Deviations")


def reducer(op: str, dtype: DType, *, is_narrow: bool = False) -> Reducer:
    """Return the accumulator of a reduction: sums and products of floats are held in double precision.

    Args:
        op: What is reduced with.
        dtype: Of the numbers and of the result.
        is_narrow: Whether the numbers are floats of 16 bits, whatever their dtype.
    """
    kind, store = kind_of(dtype), storage(dtype).store
    sums, wide = "NarrowSum" if is_narrow else "Sum<f64>", dtype in (np.float64, np.complex128)
    if op == "squared_deviations":
        name = f"Deviations<{str(wide).lower()}>"
        return Reducer(name, 32, store.format(cast(_DOUBLE, dtype, "{}.result()")), sums, wide)
    if kind == "c":
        part = "f64"
        name = {"sum": "ComplexSum", "prod": "ComplexProduct"}[op]
        result = cast(np.dtype(np.complex128), dtype, "{0}.result()")
        return Reducer(f"{name}<{part}>", 16, result, is_blocked=wide)
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
    result = store.format(cast(_DOUBLE, dtype, "{}.result()"))
    if op == "sum":
        return Reducer(sums, 16 if is_narrow else 8, result, sums, wide or is_narrow)
    return Reducer("Product<f64>", 8, result, is_blocked=wide)
