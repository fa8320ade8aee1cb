"""``np::`` names of NumPy's ufuncs and of the elementwise functions beside them.

Dtypes are NumPy's own decision (`numpy.ufunc.resolve_dtypes`): nothing here restates a promotion rule.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.ops import ELEMENTWISE
from fuser_core.plan import Constant, HostValue, Operand, Value
from fuser_core.semantics.builder import Number, PlanBuilder, Term, resolve_ufunc
from fuser_core.semantics.checks import refuse_negative_exponents
from fuser_core.semantics.table import require_arity, require_attributes, rule

__all__ = ["default_dtype", "full_like", "loop_of", "result_type", "weak_dtype"]

_COMPARISONS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
_ANGLES = ("deg2rad", "radians", "rad2deg", "degrees")


def weak_dtype(term: Term) -> np.dtype[Any] | type:
    """Return a term's dtype, or ``int``, ``float`` or ``complex`` for a number that promotes weakly."""
    if isinstance(term, Operand):
        return term.dtype
    type_ = term.type if isinstance(term, HostValue) else type(term)
    return np.dtype(bool) if type_ is bool else type_


def default_dtype(term: Term) -> np.dtype[Any]:
    """Return the dtype that NumPy gives a term on its own."""
    dtype = weak_dtype(term)
    return dtype if isinstance(dtype, np.dtype) else np.dtype(dtype)


def loop_of(ufunc: np.ufunc, terms: Sequence[Term], result: np.dtype[Any] | None = None) -> tuple[np.dtype[Any], ...]:
    """Return the dtypes of the loop that a ufunc chooses for terms; see `resolve_ufunc`. Numbers alone are not weak."""
    dtypes = [weak_dtype(term) for term in terms]
    if not any(isinstance(dtype, np.dtype) for dtype in dtypes):
        dtypes = [np.dtype(dtype) for dtype in dtypes]
    return resolve_ufunc(ufunc, dtypes, result)


def _apply(builder: PlanBuilder, name: str, terms: Sequence[Term], result: np.dtype[Any] | None) -> tuple[Value, ...]:
    operands, dtypes = _typed(builder, name, terms, result)
    return builder.elementwise(name, operands, dtypes, unboxed=True)


def _typed(
    builder: PlanBuilder, name: str, terms: Sequence[Term], result: np.dtype[Any] | None
) -> tuple[list[Operand], Sequence[np.dtype[Any]]]:
    """Return the operands in the dtypes of the loop that NumPy chooses, and the dtypes of its results."""
    ufunc = ELEMENTWISE[name].ufunc
    assert ufunc is not None, name
    require_arity(f"np::{name}", terms, ufunc.nin)
    loop = loop_of(ufunc, terms, result)
    operands = [builder.convert(term, dtype) for term, dtype in zip(terms, loop[: ufunc.nin], strict=True)]
    return operands, loop[ufunc.nin :]


def _ufunc_rule(name: str) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        require_attributes(f"np::{name}", attributes, ("dtype",))
        return _apply(builder, name, terms, attributes.get("dtype"))


def _comparison_rule(name: str) -> None:
    compare = _COMPARISONS[name]

    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        require_arity(f"np::{name}", terms, 2)
        for position, term in enumerate(terms):
            other = terms[1 - position]
            if not isinstance(term, Value | Constant) or term.dtype.kind not in "iu":
                continue

            def answer(number: int, position: int = position) -> bool:
                """Compare zero, in the place of the array, with a number that is beyond every element."""
                return bool(compare(0, number) if position == 0 else compare(number, 0))

            # NumPy compares with a Python integer exactly, also with one that the dtype cannot hold.
            if type(other) is int and not _fits(other, term.dtype):
                return _constant_like(builder, term, answer(other))
            if isinstance(other, HostValue) and other.type is int:
                return _compare_with_any(builder, name, terms, position, answer)
        return _apply(builder, name, terms, attributes.get("dtype"))


def _compare_with_any(
    builder: PlanBuilder, name: str, terms: Sequence[Term], position: int, answer: Callable[[int], bool]
) -> tuple[Value, ...]:
    """Compare an integer array with a run-time integer of any size, which is clamped to the dtype's range."""
    array, number = terms[position], terms[1 - position]
    assert isinstance(array, Value | Constant)
    assert isinstance(number, HostValue)
    low, high = int(np.iinfo(array.dtype).min), int(np.iinfo(array.dtype).max)
    clamped = builder.host("max", [builder.host("min", [number, high], int), low], int)
    operands = [array, builder.convert(clamped, array.dtype)]
    boolean = np.dtype(bool)
    (result,) = builder.elementwise(name, operands if position == 0 else operands[::-1], [boolean])
    for beyond, bound, op in ((high + 1, high, "gt"), (low - 1, low, "lt")):
        outside = builder.convert(builder.host(op, [number, bound], bool), boolean)
        chosen = [outside, builder.convert(answer(beyond), boolean), result]
        (result,) = builder.elementwise("where", chosen, [boolean], unboxed=True)
    return (result,)


def _fits(number: int, dtype: np.dtype[Any]) -> bool:
    info = np.iinfo(dtype)
    return int(info.min) <= number <= int(info.max)


def _constant_like(builder: PlanBuilder, term: Operand, answer: bool) -> tuple[Value, ...]:
    """Return a boolean array of the term's shape that is ``answer`` everywhere."""
    op = "equal" if answer else "not_equal"
    return builder.elementwise(op, [term, term], [np.dtype(bool)], unboxed=True)


def _angle_rule(name: str) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """A product with a factor, which NumPy rounds in its own way: it is asked. Half precision goes by float32."""
        require_arity(f"np::{name}", terms, 1)
        ufunc = getattr(np, name)
        dtype = resolve_ufunc(ufunc, [default_dtype(terms[0])], attributes.get("dtype"))[0]
        inner = np.dtype(np.float32) if dtype == np.float16 else dtype
        operand = builder.convert(builder.convert(terms[0], dtype), inner)
        factor = builder.convert(ufunc(inner.type(1)), inner)
        (product,) = builder.elementwise("multiply", [operand, factor], [inner], unboxed=True)
        return (product if inner == dtype else builder.cast(product, dtype, unboxed=True),)


@rule("np::power")
def _power(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    """Cubes and fourth powers are products: as exact for integers, within two roundings for floats, and far faster.

    Not those of half precision, where NumPy rounds once. Negative powers of integers are refused, as NumPy does.
    """
    require_arity("np::power", terms, 2)
    base, exponent = terms
    small = isinstance(exponent, int | float) and exponent in (3, 4) and "dtype" not in attributes
    kinds = "iuf" if type(exponent) is int else "f"
    if not small or not isinstance(base, Value) or base.dtype.kind not in kinds or base.dtype.char == "e":
        operands, dtypes = _typed(builder, "power", terms, attributes.get("dtype"))
        if not _never_negative(exponent, operands[1].dtype):
            operands[1] = refuse_negative_exponents(builder, *operands)
        return builder.elementwise("power", operands, dtypes, unboxed=True)
    dtypes = [base.dtype]
    (square,) = builder.elementwise("square", [base], dtypes)
    return builder.elementwise("multiply", [square, base if exponent == 3 else square], dtypes, unboxed=True)


def _never_negative(term: Term, dtype: np.dtype[Any]) -> bool:
    """Say whether no element of a term can be negative in the dtype that it is converted to."""
    own = weak_dtype(term)
    return isinstance(own, np.dtype) and own.kind in "bu" and np.can_cast(own, dtype)


for _name, _op in ELEMENTWISE.items():
    if _name in _COMPARISONS:
        _comparison_rule(_name)
    elif _name == "power":
        continue
    elif _op.ufunc is not None:
        _ufunc_rule(_name)
for _name in _ANGLES:
    _angle_rule(_name)


def _part_rule(name: str) -> None:
    @rule(f"np::{name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        """Take a part of complex numbers; of others, the real part is the operand itself, and the other is 0."""
        require_arity(f"np::{name}", terms, 1)
        operand = builder.convert(terms[0], default_dtype(terms[0]))
        unboxed = isinstance(operand, Value) and operand.id in builder.unboxed
        if operand.dtype.kind == "c":
            return builder.elementwise(name, [operand], [operand.dtype.type(0).real.dtype], unboxed=unboxed)
        return (operand if name == "real" else full_like(builder, operand, 0, unboxed=unboxed),)


for _name in ("real", "imag"):
    _part_rule(_name)


def full_like(builder: PlanBuilder, operand: Operand, number: Number, *, unboxed: bool = False) -> Value:
    """Return an array of an operand's shape and dtype that holds one number everywhere."""
    choice = [builder.convert(True, np.dtype(bool)), builder.convert(number, operand.dtype), operand]
    return builder.elementwise("where", choice, [operand.dtype], unboxed=unboxed)[0]


@rule("np::where")
def _where(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::where", terms, 3)
    condition, chosen, other = terms
    dtype = result_type(chosen, other)
    operands = [_truth(builder, condition), _wrapped(builder, chosen, dtype), _wrapped(builder, other, dtype)]
    return builder.elementwise("where", operands, [dtype])


def _wrapped(builder: PlanBuilder, term: Term, dtype: np.dtype[Any]) -> Operand:
    """Convert without a range check where NumPy's ``where`` makes none."""
    if dtype.kind not in "iu" or (isinstance(term, HostValue) and term.type is not int) or not _where_wraps():
        return builder.convert(term, dtype)
    modulus, offset = 2 ** (8 * dtype.itemsize), -int(np.iinfo(dtype).min)
    if type(term) is int:
        return builder.convert((term + offset) % modulus - offset, dtype)
    if isinstance(term, HostValue):
        moved = builder.host("mod", [builder.host("add", [term, offset], int), modulus], int)
        return builder.convert(builder.host("sub", [moved, offset], int), dtype)
    return builder.convert(term, dtype)


@functools.cache
def _where_wraps() -> bool:
    """Ask NumPy whether ``where`` wraps a Python integer that the dtype cannot hold; from 2.5 on it raises."""
    try:
        np.where(np.array([True]), np.uint8(1), 300)
    except OverflowError:
        return False
    return True


@rule("np::astype")
def _astype(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
    require_arity("np::astype", terms, 1)
    (term,) = terms
    dtype = np.dtype(attributes["dtype"])
    source = term if isinstance(term, Value) else builder.convert(term, default_dtype(term))
    if isinstance(source, Constant):
        return (builder.convert(source, dtype),)
    return (builder.cast(source, dtype, unboxed=source.id in builder.unboxed),)


def _truth(builder: PlanBuilder, term: Term) -> Operand:
    if isinstance(term, Value):
        return builder.convert(term, np.dtype(bool))
    return builder.convert(builder.convert(term, default_dtype(term)), np.dtype(bool))


def result_type(*terms: Term) -> np.dtype[Any]:
    """Return NumPy's result type; Python numbers promote weakly, whatever their value."""
    zeros = {int: 0, float: 0.0, complex: 0j}
    dtypes = [weak_dtype(term) for term in terms]
    return np.result_type(*[dtype if isinstance(dtype, np.dtype) else zeros[dtype] for dtype in dtypes])
