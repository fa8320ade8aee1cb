"""What the rules of ``aten::`` names share: promotion of terms, conversion without range checks, formulas.

PyTorch differs from NumPy in that Python numbers wrap into the dtype of the computation instead of raising, and in
that 0-d results stay arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.definitions import cast_array
from fuser_core.errors import DTypeError
from fuser_core.plan import Constant, HostValue, Operand, Value
from fuser_core.semantics.aten.promotion import Rank, kind_of, result_type
from fuser_core.semantics.aten.signatures import Arguments, Meaning
from fuser_core.semantics.builder import PlanBuilder, Term

__all__ = [
    "BOOL",
    "Formula",
    "common_dtype",
    "convert",
    "dtype_of",
    "is_number",
    "materialise",
    "reject",
    "require",
    "rounded_once",
]

DType = np.dtype[Any]
BOOL = np.dtype(bool)
_SINGLE = np.dtype(np.float32)
_NATURAL: dict[type, DType] = {
    bool: BOOL,
    int: np.dtype(np.int64),
    float: np.dtype(np.float64),
    complex: np.dtype(np.complex128),
}


def is_number(term: Term) -> bool:
    """Say whether a term is a Python number, not an array."""
    return not isinstance(term, Value | Constant)


def dtype_of(term: Term) -> DType:
    """Return the dtype of an array, or the one that stands for the type of a Python number."""
    if isinstance(term, Value | Constant):
        return term.dtype
    return _NATURAL[term.type if isinstance(term, HostValue) else type(term)]


def common_dtype(*terms: Term) -> DType:
    """Return the dtype in which PyTorch computes with these operands.

    Raises:
        DTypeError: It has no common dtype for them.
    """
    return result_type([(dtype_of(term), _rank(term)) for term in terms])


def _rank(term: Term) -> Rank:
    if is_number(term):
        return Rank.NUMBER
    return Rank.ARRAY if isinstance(term, Value) and term.shape else Rank.SCALAR_ARRAY


def convert(builder: PlanBuilder, term: Term, dtype: DType) -> Operand:
    """Return a term in a dtype, wrapped or rounded to it where need be."""
    if isinstance(term, Value | Constant):
        return builder.convert(term, dtype)
    natural = dtype_of(term)
    if isinstance(term, HostValue):
        return _boxed(builder, term, natural, dtype)
    try:
        number = np.asarray(term, natural)
    except OverflowError as error:
        raise DTypeError(f"{term} does not fit into 64 bits, and PyTorch's integers have no more") from error
    out = np.empty((), dtype)
    cast_array(number, out)
    return Constant(out.dtype.type(out))


def _boxed(builder: PlanBuilder, term: HostValue, natural: DType, dtype: DType) -> Operand:
    """Return a run-time number in a dtype; where that can be done on the host, no kernel casts it."""
    if kind_of(natural) == "i" and kind_of(dtype) in "iu" and dtype != natural:
        # Wrapped first, since a box raises where a cast wraps.
        least, count = int(np.iinfo(dtype).min), 2 ** (8 * dtype.itemsize)
        shifted = builder.host("sub", [term, least], int)
        term = builder.host("add", [builder.host("mod", [shifted, count], int), least], int)
        return builder.convert(term, dtype)
    if kind_of(natural) == "b" or (kind_of(dtype) in "fc" and kind_of(natural) != "c"):
        return builder.convert(term, dtype)
    # Boxed in the dtype of its own type, which holds every value; the cast then rounds where a box would raise.
    return builder.convert(builder.convert(term, natural), dtype)


def materialise(builder: PlanBuilder, term: Term) -> Value:
    """Return a term as an array of the plan."""
    if isinstance(term, Value):
        return term
    constant = convert(builder, term, dtype_of(term))
    return constant if isinstance(constant, Value) else builder.elementwise("cast", [constant], [constant.dtype])[0]


def require(name: str, dtype: DType, kinds: str) -> None:
    """Refuse a dtype that PyTorch has no kernel for.

    Raises:
        DTypeError: Its kind is not among ``kinds``.
    """
    if kind_of(dtype) not in kinds:
        raise reject(name, dtype)


def reject(name: str, dtype: DType, advice: str = "cast the operands first") -> DTypeError:
    """Return the error for a dtype that PyTorch has no kernel for."""
    return DTypeError(f"aten::{name} is not defined for {dtype} in PyTorch; {advice}")


def rounded_once(meaning: Meaning) -> Meaning:
    """Return a meaning that computes in single precision for operands of half of it, and rounds its result once."""

    def apply(builder: PlanBuilder, args: Arguments) -> Term | tuple[Term, ...]:
        arrays = {name: term for name, term in args.values.items() if isinstance(term, Value | Constant)}
        dtype = common_dtype(*arrays.values()) if arrays else BOOL
        if kind_of(dtype) != "f" or dtype.itemsize != 2:
            return meaning(builder, args)
        wide = {name: builder.convert(term, _SINGLE) for name, term in arrays.items()}
        result = meaning(builder, Arguments({**args.values, **wide}))
        assert not isinstance(result, tuple)
        return builder.convert(result, dtype)

    return apply


class Formula:
    """An operand with Python's operators, so that a rule reads like the formula it is.

    Everything is computed in the operand's own dtype; numbers are converted to it.
    """

    __slots__ = ("builder", "operand")

    def __init__(self, builder: PlanBuilder, term: Term, dtype: DType | None = None) -> None:
        self.builder = builder
        self.operand = convert(builder, term, dtype or dtype_of(term))

    @property
    def dtype(self) -> DType:
        return self.operand.dtype

    def apply(self, op: str, *others: Formula | Term, result: DType | None = None) -> Formula:
        """Return a neutral operation of this operand and others, all in this one's dtype."""
        operands = [self.operand, *map(self._operand, others)]
        return Formula(self.builder, self.builder.elementwise(op, operands, [result or self.dtype])[0])

    def test(self, op: str, other: Formula | Term) -> Formula:
        """Return a comparison."""
        return self.apply(op, other, result=BOOL)

    def choose(self, chosen: Formula, other: Formula | Term) -> Formula:
        """Return, where this condition holds, one formula, and elsewhere another."""
        operands = [self.operand, chosen.operand, chosen._operand(other)]
        return Formula(self.builder, self.builder.elementwise("where", operands, [chosen.dtype])[0])

    def like(self, number: Term) -> Formula:
        """Return a number in this dtype."""
        return Formula(self.builder, number, self.dtype)

    def complement(self) -> Formula:
        """Return one minus this operand; of a constant it is a constant too, for which no kernel is needed."""
        if isinstance(self.operand, Constant):
            return Formula(self.builder, Constant(self.dtype.type(1) - self.operand.value))
        return 1 - self

    def _operand(self, other: Formula | Term) -> Operand:
        return other.operand if isinstance(other, Formula) else convert(self.builder, other, self.dtype)

    def __add__(self, other: Formula | Term) -> Formula:
        return self.apply("add", other)

    def __radd__(self, other: Term) -> Formula:
        return self.like(other) + self

    def __sub__(self, other: Formula | Term) -> Formula:
        return self.apply("subtract", other)

    def __rsub__(self, other: Term) -> Formula:
        return self.like(other) - self

    def __mul__(self, other: Formula | Term) -> Formula:
        return self.apply("multiply", other)

    def __rmul__(self, other: Term) -> Formula:
        return self.like(other) * self

    def __truediv__(self, other: Formula | Term) -> Formula:
        return self.apply("divide", other)

    def __rtruediv__(self, other: Term) -> Formula:
        return self.like(other) / self

    def __neg__(self) -> Formula:
        return self.apply("negative")
