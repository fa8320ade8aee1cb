"""``scipy::`` names of the ufuncs of `scipy.special` that a kernel can hold.

Three are neutral operations; the others are formulas of these and of NumPy's functions, written where they lose no
accuracy to cancellation. Types are SciPy's own decision, as those of NumPy's ufuncs are NumPy's.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import DTypeError
from fuser_core.ops import ELEMENTWISE
from fuser_core.plan import Operand
from fuser_core.semantics.builder import Number, PlanBuilder, Term
from fuser_core.semantics.table import require_arity, rule
from fuser_core.semantics.ufuncs import default_dtype, loop_of, weak_dtype

__all__: list[str] = []

_BOOL = np.dtype(bool)
_DIRECT = ("erf", "erfc", "gammaln", "cbrt", "exp2", "expm1", "log1p")


class _Sketch:
    """Writes a formula down in one dtype."""

    def __init__(self, builder: PlanBuilder, dtype: np.dtype[Any]) -> None:
        self._builder = builder
        self._dtype = dtype

    def __call__(self, op: str, *operands: Operand | Number) -> Operand:
        """Return the result of a neutral operation; its last step is what SciPy returns as a scalar."""
        dtypes = [_BOOL if op == "where" and not index else self._dtype for index in range(len(operands))]
        converted = [self._builder.convert(item, dtype) for item, dtype in zip(operands, dtypes, strict=True)]
        result = _BOOL if op in ("less", "less_equal", "greater", "equal") else self._dtype
        return self._builder.elementwise(op, converted, [result], unboxed=True)[0]


def _special(name: str, arity: int, formula: Callable[..., Operand]) -> None:
    @rule(f"scipy::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        require_arity(f"scipy::{name}", terms, arity)
        dtype = _loop(name, terms)
        result = formula(_Sketch(builder, dtype), *[builder.convert(term, dtype) for term in terms])
        return (result,)


def _loop(name: str, terms: Sequence[Term]) -> np.dtype[Any]:
    """Return the dtype in which SciPy computes.

    Raises:
        DTypeError: It is complex, for which there is no kernel.
    """
    if any(default_dtype(term).kind == "c" for term in terms):
        raise DTypeError(
            f"scipy.special.{name} of complex numbers has no kernel; call it outside of the fused function"
        )
    ufunc = _scipy(name)
    if ufunc is not None:
        return loop_of(ufunc, terms)[0]
    single = all(weak_dtype(term) == np.dtype(np.float32) for term in terms)
    return np.dtype(np.float32 if single else np.float64)


@functools.cache
def _scipy(name: str) -> np.ufunc | None:
    """Return the ufunc, which knows its types (of int8 SciPy 1.18 makes float32, 1.17 float64); None without SciPy."""
    try:
        found: np.ufunc = getattr(importlib.import_module("scipy.special"), name)
    except ImportError:
        return None
    return found


def _expit(do: _Sketch, x: Operand) -> Operand:
    return do("reciprocal", do("add", 1.0, do("exp", do("negative", x))))


def _log_expit(do: _Sketch, x: Operand) -> Operand:
    """``log(expit(x))``, whose small results near 0 keep all digits."""
    tail = do("log1p", do("exp", do("negative", do("absolute", x))))
    return do("subtract", do("minimum", x, 0.0), tail)


def _logit(do: _Sketch, p: Operand) -> Operand:
    """``log(p / (1 - p))``; around 1/2, where this cancels, by the logarithms of 1 + s and 1 - s with s = 2p - 1."""
    shift = do("subtract", do("multiply", 2.0, p), 1.0)
    near = do("subtract", do("log1p", shift), do("log1p", do("negative", shift)))
    far = do("log", do("divide", p, do("subtract", 1.0, p)))
    return do("where", do("less", do("absolute", shift), 0.5), near, far)


def _ndtr(do: _Sketch, x: Operand) -> Operand:
    return do("multiply", 0.5, do("erfc", do("multiply", x, -math.sqrt(0.5))))


def _times_log(log: str) -> Callable[..., Operand]:
    """Return the formula of ``x * log(y)``, which is 0 where ``x`` is, unless ``y`` is NaN."""

    def formula(do: _Sketch, x: Operand, y: Operand) -> Operand:
        logarithm = do(log, y)
        return do("where", do("equal", x, 0.0), do("where", do("equal", y, y), 0.0, y), do("multiply", x, logarithm))

    return formula


def _direct(name: str) -> Callable[..., Operand]:
    return lambda do, *operands: do(name, *operands)


for _name in _DIRECT:
    _special(_name, ELEMENTWISE[_name].arity, _direct(_name))
_special("expit", 1, _expit)
_special("log_expit", 1, _log_expit)
_special("logit", 1, _logit)
_special("ndtr", 1, _ndtr)
_special("xlogy", 2, _times_log("log"))
_special("xlog1py", 2, _times_log("log1p"))
