"""``aten::`` special functions: no NumPy ufunc has them, so they are calls of SciPy's, or of Python's own.

SciPy is taken where it is installed; the functions of Python's `math` are exact to the last digit or two as well, but
are called once per element.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fuser_core.plan import Opaque
from fuser_core.semantics.aten.promotion import floating
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, dtype_of, materialise, require
from fuser_core.semantics.builder import PlanBuilder, Term

__all__: list[str] = []

_SQRT_HALF = math.sqrt(0.5)


def _log_gamma(value: float) -> float:
    try:
        return math.lgamma(value)
    except ValueError:  # at the poles
        return math.inf


_OF_PYTHON: dict[str, Callable[[float], float]] = {"erf": math.erf, "erfc": math.erfc, "gammaln": _log_gamma}


@functools.cache
def _function(name: str) -> Callable[[Any], Any]:
    """Return a function of arrays, by SciPy's name."""
    try:
        special = importlib.import_module("scipy.special")
    except ImportError:
        one = np.frompyfunc(_OF_PYTHON[name], 1, 1)
        return lambda array: np.asarray(one(array)).astype(array.dtype)
    ufunc = getattr(special, name)
    return lambda array: np.asarray(ufunc(array)).astype(array.dtype, copy=False)  # it has no loop for float16


def _special(builder: PlanBuilder, name: str, array: Formula) -> Formula:
    operand = materialise(builder, array.operand)

    def emit() -> Any:
        output = builder.value(operand.dtype, operand.shape)
        builder.steps.append(Opaque(f"scipy.special.{name}", functools.partial(_run, name), (operand,), (output,)))
        return output

    return Formula(builder, builder.once(("special", name, operand), emit))


def _run(name: str, array: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray(_function(name)(np.asarray(array)))


def _special_rule(name: str, function: str) -> None:
    @operation(f"aten::{name}", "self")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        array = Formula(builder, args.term("self"), floating(dtype_of(args.term("self"))))
        require(name, array.dtype, "f")
        result = _special(builder, function, array)
        if name == "lgamma":  # SciPy says -inf
            result = array.test("equal", -math.inf).choose(array.like(math.inf), result)
        return result.operand


for _name, _function_name in {"erf": "erf", "erfc": "erfc", "lgamma": "gammaln"}.items():
    _special_rule(_name, _function_name)


@operation("aten::gelu", "self .approximate=None")
def _gelu(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("gelu", array.dtype, "f")
    if args.static("approximate") == "tanh":
        inner = (array + 0.044715 * (array * array * array)) * (math.sqrt(2.0) * (2.0 / math.sqrt(math.pi)) * 0.5)
        return (0.5 * array * (1 + inner.apply("tanh"))).operand
    return (array * 0.5 * (1 + _special(builder, "erf", array * _SQRT_HALF))).operand
