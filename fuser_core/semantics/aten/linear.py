"""``aten::`` products of matrices: calls that no kernel holds, with what is added to them in kernels again."""

from __future__ import annotations

from fuser_core.errors import DTypeError, ShapeError
from fuser_core.plan import Value
from fuser_core.semantics.aten.promotion import kind_of
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import Formula, dtype_of, materialise, require
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule_of

__all__: list[str] = []

_RANKS = {"mm": 2, "bmm": 3, "matmul": None}
"""How many dimensions both operands have; ``None`` for any."""


def _product(builder: PlanBuilder, name: str, *terms: Term) -> Value:
    """Return the matrix product of two arrays of one dtype."""
    left, right = (materialise(builder, term) for term in terms)
    if left.dtype != right.dtype:
        raise DTypeError(f"aten::{name} of {left.dtype} and {right.dtype}; both arrays need one dtype")
    require(name, left.dtype, "iufc")
    (result,) = rule_of("np::matmul")(builder, [left, right], {})
    assert isinstance(result, Value)
    builder.unboxed.discard(result.id)
    # NumPy's product of two vectors is a scalar, PyTorch's an array without dimensions.
    return result if result.shape else builder.cast(result, result.dtype)


def _product_rule(name: str, rank: int | None) -> None:
    @operation(f"aten::{name}", "self other")
    def apply(builder: PlanBuilder, args: Arguments) -> Term:
        arrays = [materialise(builder, args.term(operand)) for operand in ("self", "other")]
        given = [len(array.shape) for array in arrays]
        if rank is not None and given != [rank, rank]:
            raise ShapeError(
                f"aten::{name} takes arrays of {rank} dimensions, and was given {given[0]} and {given[1]}; use matmul"
            )
        return _product(builder, name, *arrays)


for _name, _rank in _RANKS.items():
    _product_rule(_name, _rank)


def _plus(name: str, start: Formula, product: Formula) -> Term:
    if start.dtype != product.dtype:
        raise DTypeError(f"aten::{name} adds {start.dtype} to a product of {product.dtype}; both need one dtype")
    return (start + product).operand


@operation("aten::linear", "self weight bias?")
def _linear(builder: PlanBuilder, args: Arguments) -> Term:
    """The product with the transposed weights, plus the bias."""
    (weight,) = rule_of("np::transpose")(builder, [materialise(builder, args.term("weight"))], {"axes": None})
    product = _product(builder, "linear", args.term("self"), weight)
    bias = args.optional("bias")
    return product if bias is None else _plus("linear", Formula(builder, product), Formula(builder, bias))


@operation("aten::addmm", "self mat1 mat2 beta=1 alpha=1")
def _addmm(builder: PlanBuilder, args: Arguments) -> Term:
    """``beta * self + alpha * (mat1 @ mat2)``; with a beta of 0, what ``self`` holds does not count."""
    product = Formula(builder, _product(builder, "addmm", args.term("mat1"), args.term("mat2")))
    start, beta = Formula(builder, args.term("self")), args.term("beta")
    if isinstance(beta, bool | int | float) and beta == 0:
        start = start.like(0)
    return _plus("addmm", _scaled(start, beta), _scaled(product, args.term("alpha")))


def _scaled(array: Formula, factor: Term) -> Formula:
    if kind_of(dtype_of(factor)) == "f" and kind_of(array.dtype) in "iu":
        raise DTypeError(f"aten::addmm of {array.dtype} with the float {factor}; integers take an integer")
    return array if isinstance(factor, bool | int | float) and factor == 1 else array * factor
