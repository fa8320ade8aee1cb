"""``np::`` names of NumPy's ufuncs and of the elementwise functions beside them.

Dtypes are NumPy's own decision (`numpy.ufunc.resolve_dtypes`): nothing here restates a promotion rule.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.ops import ELEMENTWISE
from fuser_core.plan import Constant, HostValue, Operand, Value
from fuser_core.semantics.builder import PlanBuilder, Term, resolve_ufunc
from fuser_core.semantics.table import rule

__all__ = ["weak_dtype"]

_COMPARISONS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
_ANGLES = {"deg2rad": np.pi / 180.0, "radians": np.pi / 180.0, "rad2deg": 180.0 / np.pi, "degrees": 180.0 / np.pi}
"""Factors of the angle conversions, which NumPy also computes as one product."""


def weak_dtype(term: Term) -> np.dtype[Any] | type:
    """Return a term's dtype, or ``int``, ``float`` or ``complex`` for a number that promotes weakly."""
    if isinstance(term, Value | Constant):
        return term.dtype
    type_ = term.type if isinstance(term, HostValue) else type(term)
    return np.dtype(bool) if type_ is bool else type_


def default_dtype(term: Term) -> np.dtype[Any]:
    """Return the dtype that NumPy gives a term on its own."""
    dtype = weak_dtype(term)
    return dtype if isinstance(dtype, np.dtype) else np.dtype(dtype)


def _apply(builder: PlanBuilder, name: str, terms: Sequence[Term], result: np.dtype[Any] | None) -> tuple[Value, ...]:
    ufunc = ELEMENTWISE[name].ufunc
    assert ufunc is not None, name
    dtypes = [weak_dtype(term) for term in terms]
    if not any(isinstance(dtype, np.dtype) for dtype in dtypes):
        dtypes = [np.dtype(dtype) for dtype in dtypes]
    loop = resolve_ufunc(ufunc, dtypes, result)
    operands = [builder.convert(term, dtype) for term, dtype in zip(terms, loop[: ufunc.nin], strict=True)]
    return _scalars(builder, builder.elementwise(name, operands, loop[ufunc.nin :]))


def _scalars(builder: PlanBuilder, outputs: tuple[Value, ...]) -> tuple[Value, ...]:
    builder.unboxed.update(output.id for output in outputs if output.shape == ())
    return outputs


def _ufunc_rule(name: str) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        return _apply(builder, name, terms, attributes.get("dtype"))


def _comparison_rule(name: str) -> None:
    compare = _COMPARISONS[name]

    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        left, right = terms
        for term, other in ((left, right), (right, left)):
            if not isinstance(term, Value | Constant) or term.dtype.kind not in "iu":
                continue
            if type(other) is int and not _fits(other, term.dtype):
                # NumPy compares with a Python integer exactly, also with one that the dtype cannot hold.
                answer = bool(compare(0, other) if term is left else compare(other, 0))
                return _constant_like(builder, term, answer)
            if isinstance(other, HostValue) and other.type is int and term.dtype.itemsize < 8:
                wide = np.dtype(np.int64)
                operands = [builder.convert(term, wide) if t is term else builder.convert(t, wide) for t in terms]
                return _scalars(builder, builder.elementwise(name, operands, [np.dtype(bool)]))
        return _apply(builder, name, terms, attributes.get("dtype"))


def _fits(number: int, dtype: np.dtype[Any]) -> bool:
    info = np.iinfo(dtype)
    return int(info.min) <= number <= int(info.max)


def _constant_like(builder: PlanBuilder, term: Operand, answer: bool) -> tuple[Value, ...]:
    """Return a boolean array of the term's shape that is ``answer`` everywhere."""
    op = "equal" if answer else "not_equal"
    return _scalars(builder, builder.elementwise(op, [term, term], [np.dtype(bool)]))


def _angle_rule(name: str) -> None:
    factor = _ANGLES[name]

    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        ufunc = getattr(np, name)
        dtype = resolve_ufunc(ufunc, [default_dtype(terms[0])], attributes.get("dtype"))[0]
        constant = builder.convert(factor, dtype)
        operand = builder.convert(terms[0], dtype)
        return _scalars(builder, builder.elementwise("multiply", [operand, constant], [dtype]))


for _name, _op in ELEMENTWISE.items():
    if _name in _COMPARISONS:
        _comparison_rule(_name)
    elif _op.ufunc is not None:
        _ufunc_rule(_name)
for _name in _ANGLES:
    _angle_rule(_name)


@rule("np::where")
def _where(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    condition, chosen, other = terms
    dtype = _result_type(chosen, other)
    truth = _truth(builder, condition)
    operands = [truth, builder.convert(chosen, dtype), builder.convert(other, dtype)]
    return builder.elementwise("where", operands, [dtype])


@rule("np::clip")
def _clip(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """``minimum(maximum(x, low), high)`` in one common dtype; an absent bound is a missing operand."""
    bounds = dict(zip(attributes["bounds"], terms[1:], strict=True))
    dtype = _result_type(*terms)
    result: Operand = builder.convert(terms[0], dtype)
    for bound, op in (("low", "maximum"), ("high", "minimum")):
        if bound in bounds:
            result = builder.elementwise(op, [result, builder.convert(bounds[bound], dtype)], [dtype])[0]
    assert isinstance(result, Value)
    return _scalars(builder, (result,))


@rule("np::astype")
def _astype(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    (term,) = terms
    dtype = np.dtype(attributes["dtype"])
    source = term if isinstance(term, Value) else builder.convert(term, default_dtype(term))
    if isinstance(source, Constant):
        return (builder.convert(source, dtype),)
    result = builder.cast(source, dtype)
    if source.id in builder.unboxed:
        builder.unboxed.add(result.id)
    return (result,)


def _truth(builder: PlanBuilder, term: Term) -> Operand:
    if isinstance(term, Value):
        return builder.convert(term, np.dtype(bool))
    return builder.convert(builder.convert(term, default_dtype(term)), np.dtype(bool))


def _result_type(*terms: Term) -> np.dtype[Any]:
    """Return NumPy's result type; Python numbers promote weakly, whatever their value."""
    zeros = {int: 0, float: 0.0, complex: 0j}
    dtypes = [weak_dtype(term) for term in terms]
    return np.result_type(*[dtype if isinstance(dtype, np.dtype) else zeros[dtype] for dtype in dtypes])
