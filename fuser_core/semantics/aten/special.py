"""``aten::`` special functions."""

from __future__ import annotations

import math

from fuser_core.semantics.aten.promotion import floating
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, dtype_of, require, rounded_once
from fuser_core.semantics.builder import PlanBuilder, Term

__all__: list[str] = []

_SQRT_HALF = math.sqrt(0.5)


def _special_rule(name: str, function: str) -> None:
    @operation(f"aten::{name}", "self")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        array = Formula(builder, args.term("self"), floating(dtype_of(args.term("self"))))
        require(name, array.dtype, "f")
        result = array.apply(function)
        if name == "lgamma":  # SciPy says -inf
            result = array.test("equal", -math.inf).choose(array.like(math.inf), result)
        return result.operand


for _name, _function_name in {"erf": "erf", "erfc": "erfc", "lgamma": "gammaln"}.items():
    _special_rule(_name, _function_name)


@operation("aten::gelu", "self .approximate=None", around=rounded_once)
def _gelu(builder: PlanBuilder, args: Arguments) -> Term:
    array = Formula(builder, args.term("self"))
    require("gelu", array.dtype, "f")
    if args.static("approximate") == "tanh":
        inner = (array + 0.044715 * (array * array * array)) * (math.sqrt(2.0) * (2.0 / math.sqrt(math.pi)) * 0.5)
        return (0.5 * array * (1 + inner.apply("tanh"))).operand
    return (array * 0.5 * (1 + (array * _SQRT_HALF).apply("erf"))).operand
