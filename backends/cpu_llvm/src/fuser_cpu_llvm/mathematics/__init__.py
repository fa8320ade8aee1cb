"""Elementary functions as vector polynomials: no tables, no calls, no branches on the usual path.

A formula serves both precisions, with shorter polynomials for the single one. The functions outside `SINGLE` are
computed in double precision even then: the argument is widened, small terms drop out, and the result is rounded once,
which makes it correct to little more than half a unit of the last place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.mathematics.error_functions import erf, erfc
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.exponentials import cosh, exp, exp2, expm1, sinh, tanh
from fuser_cpu_llvm.mathematics.gamma import gammaln
from fuser_cpu_llvm.mathematics.inverse_hyperbolic import arccosh, arcsinh, arctanh
from fuser_cpu_llvm.mathematics.inverses import arccos, arcsin, arctan, arctan2, hypot
from fuser_cpu_llvm.mathematics.literal_powers import is_short
from fuser_cpu_llvm.mathematics.logaddexp import logaddexp, logaddexp2
from fuser_cpu_llvm.mathematics.logarithms import log, log1p, log2, log10
from fuser_cpu_llvm.mathematics.powers import cbrt, power
from fuser_cpu_llvm.mathematics.trigonometry import cos, sin, tan

__all__ = ["FUNCTIONS", "SINGLE", "is_short"]


def _on_vectors(function: Callable[..., Real]) -> Callable[..., Vector]:
    """Turn a formula into an emitter."""
    return lambda code, *operands: _evaluate(code, function, operands)


def _evaluate(code: Code, function: Callable[..., Real], operands: Sequence[Vector]) -> Vector:
    if operands[0].element == "double":
        return function(*(Real(code, operand) for operand in operands)).vector
    if function.__name__ in SINGLE:
        return function(*(Real(code, operand, single=True) for operand in operands)).vector
    wide = (Real(code, code.convert("fpext", operand, "double"), single=True) for operand in operands)
    return code.convert("fptrunc", function(*wide).vector, "float")


SINGLE = frozenset(
    function.__name__
    for function in (
        *(exp, exp2, expm1, log, log2, log10, log1p, sin, cos),
        *(arcsin, arccos, arctan, arctan2, sinh, cosh, tanh, erf),
    )
)
"""Functions that are computed in single precision for arguments of single precision: twice the lanes."""

_FORMULAS: tuple[Callable[..., Real], ...] = (
    *(exp, exp2, expm1, log, log2, log10, log1p, logaddexp, logaddexp2, power, cbrt, hypot, sin, cos, tan),
    *(arcsin, arccos, arctan, arctan2, sinh, cosh, tanh, arcsinh, arccosh, arctanh, erf, erfc, gammaln),
)

FUNCTIONS: Mapping[str, Callable[..., Vector]] = MappingProxyType(
    {
        **{function.__name__: _on_vectors(function) for function in _FORMULAS},
        "float_power": _on_vectors(power),
    }
)
"""Every function by NumPy's name; it takes and gives vectors of doubles or of floats."""
