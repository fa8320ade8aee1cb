"""Elementary functions as vector polynomials: no tables, no calls, no branches on the usual path.

All formulas are in double precision. For single precision the argument is widened, shorter polynomials do, and the
result is rounded once: it is correct to little more than half a unit of the last place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fuser_cpu_llvm.ir import Code, Vector
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.exponentials import cosh, exp, exp2, expm1, sinh, tanh
from fuser_cpu_llvm.mathematics.inverses import arccos, arcsin, arctan, arctan2, hypot
from fuser_cpu_llvm.mathematics.logarithms import log, log1p, log2, log10
from fuser_cpu_llvm.mathematics.trigonometry import cos, sin, tan

__all__ = ["FUNCTIONS"]


def _on_vectors(function: Callable[..., Real]) -> Callable[..., Vector]:
    """Turn a formula into an emitter; where the code wants it, of a call of a function that holds the formula."""

    def emit(code: Code, *operands: Vector) -> Vector:
        if not code.outline:
            return _evaluate(code, function, operands)
        element = operands[0].element
        kind, name = code.vector_type(element), f"@{function.__name__}.{element}"
        if name not in code.declarations:
            _define(code, function, name, element, len(operands))
        arguments = ", ".join(f"{kind} {operand.name}" for operand in operands)
        return Vector(code.emit(f"call {kind} {name}({arguments})", operands), element)

    return emit


def _evaluate(code: Code, function: Callable[..., Real], operands: Sequence[Vector]) -> Vector:
    if operands[0].element == "double":
        return function(*(Real(code, operand) for operand in operands)).vector
    wide = (Real(code, code.convert("fpext", operand, "double"), single=True) for operand in operands)
    return code.convert("fptrunc", function(*wide).vector, "float")


def _define(code: Code, function: Callable[..., Real], name: str, element: str, arity: int) -> None:
    """Add the function of a formula to the module."""
    kind, inner = code.vector_type(element), Code(code.lanes)
    parameters = [Vector(f"%x{place}", element) for place in range(arity)]
    result = _evaluate(inner, function, parameters)
    signature = ", ".join(f"{kind} {parameter.name}" for parameter in parameters)
    entry, loop = ["entry:", *inner.entry, "  br label %loop"], ["loop:", *inner.loop]
    lines = [f"define internal {kind} {name}({signature}) {{", *entry, *loop, f"  ret {kind} {result.name}", "}"]
    code.declare(name, "\n".join(lines))
    for declared, text in inner.declarations.items():
        code.declare(declared, text)


FUNCTIONS: Mapping[str, Callable[..., Vector]] = MappingProxyType(
    {
        function.__name__: _on_vectors(function)
        for function in (
            *(exp, exp2, expm1, log, log2, log10, log1p, sin, cos, tan),
            *(arcsin, arccos, arctan, arctan2, sinh, cosh, tanh, hypot),
        )
    }
)
"""Every function by NumPy's name; it takes and gives vectors of doubles or of floats."""
