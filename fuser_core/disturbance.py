"""Disturbance: how far results may stray, found by evaluating again with errors put in on purpose.

A function that is right to 4 ULP, or a sum in another order, changes whatever is computed from it, sometimes a little
(a product), sometimes much (the difference of close numbers), sometimes in kind (``floor``, a comparison, a domain
edge). No bound in ULP of the last result can say that. So every result that backends may round in their own way is
moved by as much as the contract allows, several times with different signs, and the spread of what comes out is the
measure. Where nothing was moved, all evaluations agree to the bit, and so must a backend.

What may be moved, and by how much:

- a function that NumPy's table of operations calls rounded: by 4 ULP of its result; `logaddexp` by 4 of its greater
  operand and `gammaln` of a negative number by 4 of its terms, where those are larger, since they may cancel;
- any complex result but that of an addition, a subtraction or a selection: norm-wise, each part by 4 ULP of the
  result's absolute value, and without bound where that is not finite. So is the absolute value itself. NumPy's own
  answers depend on the position in the array: some of its loops contract products and sums, others do not;
- a floating-point sum or mean of *n* numbers: by ``(8 + sqrt(n)) * eps * sum(abs(x))``, which pairwise and blocked
  summation keep and one long chain of additions does not; products of vectors and matrices likewise;
- the squared deviations of *n* numbers from their mean, and their variance: as a sum of squares, and by *n* times the
  square of the mean's error, which is what computing the mean first comes to;
- a floating-point product of *n* numbers: by ``(8 + n) * eps`` of itself, which every order keeps;
- the sign of a zero out of ``maximum`` and its like when both zeros went in, the sign of a NaN, which NaN is the
  largest complex number, and the reciprocal of the integer zero: NumPy's own answers there depend on the position in
  the array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from fuser_core.ops import ELEMENTWISE

__all__ = ["ULPS", "Disturbance", "Signs", "is_rounded"]

Signs = Callable[[tuple[int, ...]], Any]
"""Gives the signs of the errors of one result, by its shape: 1 or -1, or an array of them."""

ULPS = 4
"""Units in the last place by which a rounded function may differ from NumPy's."""

Array = np.ndarray[Any, np.dtype[Any]]
_ROUNDED_IF_COMPLEX = frozenset("absolute multiply divide square reciprocal sqrt sign".split())
"""What is exact for real numbers only."""


class _Reduced(NamedTuple):
    """Which axes a reduction removes, and whether it keeps them with the size 1."""

    axis: Any = None
    keepdims: bool = False


def is_rounded(name: str, operands: Sequence[Any], results: Sequence[Any]) -> bool:
    """Say whether backends may round the results of an operation in their own way.

    Args:
        name: NumPy's name of it.
        operands: Its operands, of any shape.
        results: Its results.
    """
    if np.result_type(*results).kind not in "fc":
        return False
    complex_ = any(np.result_type(operand).kind == "c" for operand in operands)
    if name in _ACCUMULATIONS or (complex_ and name in _ROUNDED_IF_COMPLEX):
        return True
    return name in ELEMENTWISE and not ELEMENTWISE[name].exact


class Disturbance:
    """Moves the results of operations within what the contract allows.

    Attributes:
        moved: Whether anything was.
    """

    def __init__(self, signs: Signs) -> None:
        """Prepare one evaluation whose errors have the given signs."""
        self.moved = False
        self._signs = signs

    def move(
        self, name: str, operands: Sequence[Any], results: tuple[Any, ...], axis: Any = None, *, keepdims: bool = False
    ) -> tuple[Any, ...]:
        """Return the results of an operation, moved.

        Args:
            name: NumPy's name of it.
            operands: Its operands.
            results: Its results.
            axis: Of a reduction, the axes that it removes.
            keepdims: Of a reduction, whether it keeps them with the size 1.
        """
        if name in _AMBIGUOUS:
            results = tuple(self._flip(result, *_AMBIGUOUS[name](operands, result)) for result in results)
        if not is_rounded(name, operands, results):
            return results
        error_of = _ACCUMULATIONS.get(name) or _CANCELLING.get(name, _error_of_function)
        with np.errstate(all="ignore"):
            return tuple(self._moved(each, error_of(_Reduced(axis, keepdims), operands, each)) for each in results)

    def _moved(self, result: Any, by: Any) -> Any:
        """Return a result moved by an error; an infinite error changes it in kind: anything goes."""
        array = np.asarray(result)
        error = np.broadcast_to(np.asarray(by), array.shape)
        if array.dtype.kind != "c":
            return self._like(result, self._moved_part(array, error))
        moved = np.empty_like(array)
        moved.real, moved.imag = self._moved_part(array.real, error), self._moved_part(array.imag, error)
        return self._like(result, moved)

    def _moved_part(self, array: Array, error: Array) -> Array:
        moved = np.asarray(array + self._signs(array.shape) * error).astype(array.dtype)
        moved = np.where(np.isfinite(array), moved, array)
        moved = np.where(np.isposinf(error), np.where(np.isnan(array), 0, np.nan), moved)
        return moved.astype(array.dtype)

    def _flip(self, result: Any, mask: Array, other: Any) -> Any:
        """Return a result that, where the mask is set, is now and then the other one."""
        if not np.any(mask):
            return result
        chosen = mask & (self._signs(np.shape(result)) < 0)
        return self._like(result, np.where(chosen, other, result))

    def _like(self, result: Any, moved: Array) -> Any:
        self.moved = True
        return moved if isinstance(result, np.ndarray) else moved[()]


def _error_of_function(_: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    """Return the error of a rounded operation; without bound where complex numbers lead to what is not finite."""
    error = ULPS * np.spacing(np.abs(result))
    return np.where(np.isfinite(error), error, np.inf) if np.result_type(*operands).kind == "c" else error


def _error_of_logaddexp(_: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    own = np.result_type(result)  # a Python integer may not fit into the dtype of the other operand
    with np.errstate(over="ignore"):
        larger = np.maximum(*[np.asarray(operand, own) for operand in operands])
    return ULPS * np.spacing(np.maximum(np.abs(result), np.abs(larger)).astype(own))


def _error_of_gammaln(_: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    magnitude = np.abs(operands[0])
    term = np.where(np.signbit(operands[0]), 1 + magnitude * np.log1p(magnitude), 0)
    return ULPS * np.spacing(np.maximum(np.abs(result), term).astype(np.result_type(result)))


def _unbound(error: Any, result: Any) -> Any:
    """Return an error that is infinite for complex results that are not finite: which part is what has no rule."""
    return np.where(np.isfinite(result), error, np.inf) if np.result_type(result).kind == "c" else error


def _magnitudes(array: Any) -> Array:
    """Return the magnitudes of what is finite, 0 for the rest, which decides the result in any order.

    Of a complex number with one part that is not finite the other one counts: it may overflow on the way or not.
    """
    array = np.asarray(array)
    if array.dtype.kind == "c":
        return np.hypot(_magnitudes(array.real), _magnitudes(array.imag))
    magnitudes = np.abs(array.astype(np.longdouble))
    return np.where(np.isfinite(magnitudes), magnitudes, 0)


def _count(operands: Sequence[Any], result: Any) -> int:
    """Return how many numbers fall to each result of a reduction."""
    return int(np.size(operands[0]) // max(1, np.size(result)))


def _error_of_sum(reduced: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    total = np.sum(_magnitudes(operands[0]), axis=reduced.axis, keepdims=reduced.keepdims)
    return _scaled(total, _count(operands, result), np.finfo(np.result_type(result)))


def _error_of_mean(reduced: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    return _error_of_sum(reduced, operands, result) / max(1, _count(operands, result))


def _error_of_squared_deviations(reduced: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    return _error_of_spread(reduced, operands, result, np.asarray(result, np.longdouble))


def _error_of_var(reduced: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    rest = np.maximum(_count(operands, result) - (operands[1] if len(operands) > 1 else 0), 0)
    return _error_of_spread(reduced, operands[:1], result, np.asarray(result, np.longdouble) * rest) / rest


def _error_of_spread(reduced: _Reduced, operands: Sequence[Any], result: Any, total: Any) -> Any:
    """Return the error of squared deviations from the mean, given what they are and a result in their dtype."""
    count = _count(operands, result)
    drift = count * np.square(_error_of_mean(reduced, operands, result))
    squares = total + drift
    return drift + _scaled(np.where(np.isnan(squares), 0, squares), count, np.finfo(np.result_type(result)))


def _error_of_product(name: str) -> Callable[[_Reduced, Sequence[Any], Any], Any]:
    """Return the error of a product of vectors or matrices, which sums as many terms as a row of the left one has."""

    def error_of(_: _Reduced, operands: Sequence[Any], result: Any) -> Any:
        left, right = map(_magnitudes, operands)
        error = _scaled(getattr(np, name)(left, right), left.shape[-1], np.finfo(np.result_type(result)))
        return _unbound(error, result)

    return error_of


def _scaled(total: Any, count: int, limits: Any) -> Any:
    """Return the error of a sum, given the sum of magnitudes: infinite where partial sums may overflow.

    It is never nothing, because the sign of a sum of zeros depends on the zero that the summation starts from.
    """
    error = (8 + np.sqrt(count)) * limits.eps * total + limits.smallest_subnormal
    return np.where(total > limits.max / 2, np.inf, error)


def _error_of_prod(reduced: _Reduced, operands: Sequence[Any], result: Any) -> Any:
    limits = np.finfo(np.result_type(result))
    logs = np.log2(_magnitudes(operands[0]))
    logs = np.where(np.isfinite(logs), logs, 0)
    above = np.sum(np.maximum(logs, 0), axis=reduced.axis, keepdims=reduced.keepdims)
    below = np.sum(np.minimum(logs, 0), axis=reduced.axis, keepdims=reduced.keepdims)
    # The parts of a complex zero have signs too.
    least = limits.smallest_subnormal if np.result_type(result).kind == "c" else 0
    error = _unbound((8 + _count(operands, result)) * limits.eps * np.abs(result) + least, result)
    # Some order of the factors may overflow or underflow on the way, another may not.
    return np.where((above >= limits.maxexp - 1) | (below <= limits.minexp + 1), np.inf, error)


_ACCUMULATIONS: Mapping[str, Callable[[_Reduced, Sequence[Any], Any], Any]] = MappingProxyType(
    {
        "sum": _error_of_sum,
        "mean": _error_of_mean,
        "squared_deviations": _error_of_squared_deviations,
        "var": _error_of_var,
        "prod": _error_of_prod,
        **{name: _error_of_product(name) for name in ("matmul", "matvec", "vecdot", "vecmat")},
    }
)


_CANCELLING: Mapping[str, Callable[[_Reduced, Sequence[Any], Any], Any]] = MappingProxyType(
    {"logaddexp": _error_of_logaddexp, "logaddexp2": _error_of_logaddexp, "gammaln": _error_of_gammaln}
)


def _zero_of_extremum(operands: Sequence[Any], result: Any) -> tuple[Array, Any]:
    zeros = [np.asarray(operand)[np.asarray(operand) == 0] for operand in operands]
    negative = [np.signbit(zero).any() for zero in zeros if zero.dtype.kind == "f"]
    positive = [not np.signbit(zero).all() if zero.dtype.kind == "f" else zero.size > 0 for zero in zeros]
    if np.result_type(result).kind != "f" or not (any(negative) and any(positive)):
        return np.zeros(np.shape(result), bool), result
    return np.asarray(result == 0), -np.asarray(result)


def _of_largest(operands: Sequence[Any], result: Any) -> tuple[Array, Any]:
    """Of complex numbers, which NaN is found first, and which of two equal zeros, depends on the order."""
    if np.result_type(result).kind != "c":
        return _zero_of_extremum(operands, result)
    array = np.asarray(result)
    other = np.where(np.isnan(array), 0, array)
    for part in (other.real, other.imag):
        np.negative(part, out=part, where=part == 0)
    return np.isnan(array) | (array.real == 0) | (array.imag == 0), other


def _sign_of_nan(operands: Sequence[Any], result: Any) -> tuple[Array, Any]:
    sign = operands[-1]
    other = ~result if np.result_type(result).kind == "b" else -np.asarray(result)
    return np.broadcast_to(np.isnan(sign), np.shape(result)), other


def _reciprocal_of_zero(operands: Sequence[Any], result: Any) -> tuple[Array, Any]:
    integer = np.result_type(result).kind in "iu"
    return np.asarray(np.asarray(operands[0]) == 0) & integer, np.zeros_like(result)


_AMBIGUOUS: Mapping[str, Callable[[Sequence[Any], Any], tuple[Array, Any]]] = MappingProxyType(
    {
        **dict.fromkeys("maximum minimum fmax fmin clip".split(), _zero_of_extremum),
        **dict.fromkeys(("max", "min"), _of_largest),
        "copysign": _sign_of_nan,
        "signbit": _sign_of_nan,
        "reciprocal": _reciprocal_of_zero,
    }
)
