"""The table of neutral operations: the only vocabulary of a typed plan.

A neutral operation has its operands already cast to the dtypes of one NumPy loop, so it carries no promotion rule;
those belong to the names of a graph (``np::add``) and live in :mod:`fuser_core.semantics`. Each row names the NumPy
callable that defines the operation, and whether results must agree with it bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["ELEMENTWISE", "REDUCTIONS", "ElementwiseOp", "ReductionOp", "cast_array"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class ElementwiseOp:
    """One neutral elementwise operation.

    Attributes:
        name: NumPy's name of the operation.
        arity: Number of operands.
        outputs: Number of results.
        exact: Results agree with NumPy bit for bit; otherwise within the bound published for the backend.
        ufunc: The NumPy ufunc that defines it; ``None`` for ``where`` and ``cast``, which are no ufuncs.
    """

    name: str
    arity: int
    outputs: int
    exact: bool
    ufunc: np.ufunc | None = None


@dataclass(frozen=True, slots=True)
class ReductionOp:
    """One neutral reduction.

    Attributes:
        name: NumPy's name of the reduction.
        exact: Results do not depend on the order of evaluation.
        ufunc: The ufunc whose ``reduce`` method defines it.
    """

    name: str
    exact: bool
    ufunc: np.ufunc


_EXACT = """
    add subtract multiply divide floor_divide remainder fmod divmod negative positive absolute fabs sign
    square sqrt reciprocal floor ceil trunc rint copysign nextafter spacing ldexp frexp modf heaviside
    maximum minimum fmax fmin equal not_equal less less_equal greater greater_equal
    logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor invert
    left_shift right_shift bitwise_count isnan isinf isfinite signbit gcd lcm conjugate
""".split()

_ROUNDED = """
    exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh
    arcsinh arccosh arctanh hypot cbrt power float_power logaddexp logaddexp2
""".split()


def _from_ufunc(name: str, *, exact: bool) -> ElementwiseOp:
    ufunc = getattr(np, name)
    return ElementwiseOp(name, ufunc.nin, ufunc.nout, exact, ufunc)


ELEMENTWISE: Mapping[str, ElementwiseOp] = MappingProxyType(
    {
        **{name: _from_ufunc(name, exact=True) for name in _EXACT},
        **{name: _from_ufunc(name, exact=False) for name in _ROUNDED},
        "where": ElementwiseOp("where", 3, 1, True),
        "cast": ElementwiseOp("cast", 1, 1, True),
    }
)
"""Every neutral elementwise operation by name."""

REDUCTIONS: Mapping[str, ReductionOp] = MappingProxyType(
    {
        "sum": ReductionOp("sum", False, np.add),
        "prod": ReductionOp("prod", False, np.multiply),
        "min": ReductionOp("min", True, np.minimum),
        "max": ReductionOp("max", True, np.maximum),
        "any": ReductionOp("any", True, np.logical_or),
        "all": ReductionOp("all", True, np.logical_and),
    }
)
"""Every neutral reduction by name."""


def cast_array(source: Array, out: Array) -> None:
    """Store ``source`` into ``out``, converting as every backend converts.

    All conversions are NumPy's, but one: from a float to an integer that cannot hold it NumPy's result depends on
    the machine and even on the position in the array. Here NaN becomes 0 and other values the nearest representable
    integer (the rule of LLVM's ``fptosi.sat`` and of WebAssembly).

    Args:
        source: Values of any numeric dtype.
        out: Array to fill; ``source`` must broadcast to its shape.
    """
    if source.dtype.kind != "f" or out.dtype.kind not in "iu":
        np.copyto(out, source, casting="unsafe")
        return
    info = np.iinfo(out.dtype)
    wide = np.trunc(source, dtype=np.float64)
    # 2**bits is exact in float64 where the largest integer itself may not be.
    above, below = wide >= float(int(info.max) + 1), wide < float(info.min)
    with np.errstate(invalid="ignore"):
        np.copyto(out, np.where(above | below | np.isnan(wide), 0.0, wide), casting="unsafe")
    np.copyto(out, info.max, where=above)
    np.copyto(out, info.min, where=below)
