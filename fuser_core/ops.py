"""The table of neutral operations: the only vocabulary of a typed plan.

A neutral operation has its operands already cast to the dtypes of one NumPy loop, so it carries no promotion rule;
those belong to the names of a graph (``np::add``) and live in :mod:`fuser_core.semantics`. Each row holds the
function that defines the operation, and says whether results must agree with it bit for bit. Where the function raises
at the sight of the data, which is a ``power`` of integers with a negative exponent, the plan has a check before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core import definitions
from fuser_core.records import frozen

__all__ = ["ELEMENTWISE", "REDUCTIONS", "ElementwiseOp", "ReductionOp"]


@frozen
class ElementwiseOp:
    """One neutral elementwise operation.

    Attributes:
        name: NumPy's name of the operation, or SciPy's.
        arity: Number of operands.
        outputs: Number of results.
        exact: Results agree with the definition bit for bit; otherwise within the bound published for the backend.
        function: The definition; called with operands in the dtypes of one loop and a tuple of arrays as ``out``.
    """

    name: str
    arity: int
    outputs: int
    exact: bool
    function: Callable[..., Any]

    @property
    def ufunc(self) -> np.ufunc | None:
        """The definition if it is an ufunc of NumPy's: such a function may write over its operands."""
        return self.function if isinstance(self.function, np.ufunc) else None


@frozen
class ReductionOp:
    """One neutral reduction.

    Attributes:
        name: NumPy's name of the reduction, if it has one.
        exact: Results do not depend on the order of evaluation.
        function: The definition; called with an array, ``axis``, ``dtype`` and perhaps ``out``, as NumPy's are.
    """

    name: str
    exact: bool
    function: Callable[..., Any]

    @property
    def ufunc(self) -> np.ufunc | None:
        """The ufunc whose ``reduce`` method is the definition, if there is one: it joins partial results as well."""
        owner = getattr(self.function, "__self__", None)
        return owner if isinstance(owner, np.ufunc) else None


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
        "where": ElementwiseOp("where", 3, 1, True, definitions.where),
        "cast": ElementwiseOp("cast", 1, 1, True, definitions.cast),
        "real": ElementwiseOp("real", 1, 1, True, definitions.real),
        "imag": ElementwiseOp("imag", 1, 1, True, definitions.imag),
        "erf": ElementwiseOp("erf", 1, 1, False, definitions.erf),
        "erfc": ElementwiseOp("erfc", 1, 1, False, definitions.erfc),
        "gammaln": ElementwiseOp("gammaln", 1, 1, False, definitions.gammaln),
    }
)
"""Every neutral elementwise operation by name."""

REDUCTIONS: Mapping[str, ReductionOp] = MappingProxyType(
    {
        "sum": ReductionOp("sum", False, np.add.reduce),
        "prod": ReductionOp("prod", False, np.multiply.reduce),
        "min": ReductionOp("min", True, np.minimum.reduce),
        "max": ReductionOp("max", True, np.maximum.reduce),
        "any": ReductionOp("any", True, np.logical_or.reduce),
        "all": ReductionOp("all", True, np.logical_and.reduce),
        "squared_deviations": ReductionOp("squared_deviations", False, definitions.squared_deviations),
    }
)
"""Every neutral reduction by name."""
