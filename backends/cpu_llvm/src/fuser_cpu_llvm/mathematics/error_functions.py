"""The error function and its complement.

erf(x) = x + x * A(x**2) up to 15/16, and 1 - exp(B(x)) beyond. From 0.65 on erfc(x) = exp(-x**2) * v * H(v) with
v = 1 / (x + 3.5), where every rounding counts: what the products and the quotient lost is gathered in a small term.
"""

from __future__ import annotations

from fuser_cpu_llvm.mathematics.coefficients import ERF, ERF_TAIL, ERFC, ERFC_CENTRE
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.exponentials import exp, exp_in_range, exp_of_pair, scale
from fuser_cpu_llvm.mathematics.pairs import exact_product, ordered_sum

__all__ = ["erf", "erfc"]

_SHIFT, _CENTRE = 3.5, 125 / 1024
"""Of the argument of H."""


def erf(x: Real) -> Real:
    magnitude = x.call("fabs")
    limited = magnitude.where(magnitude < 6.0, 6.0)  # where erf is 1 already
    tail = 1.0 - exp_in_range(ERF_TAIL.at(limited - 1.0))
    return tail.call("copysign", x).where(magnitude > 15 / 16, x.fma(ERF.at(x * x), x))


def erfc(x: Real) -> Real:
    """1 - erf(x) for small arguments; the tail, or 2 less the tail, for others."""
    magnitude = x.call("fabs")
    limited = magnitude.where(magnitude < 28.0, 28.0)  # where erfc is 0 already
    tail = _tail(limited)
    tail = tail.where(x > 0.0, 2.0 - tail)
    near = 0.5 - x.fma(ERF.at(x * x), x - 0.5)
    return tail.where(magnitude > 0.65, near)


def _tail(x: Real) -> Real:
    square, square_low = exact_product(x, x)
    under = x + _SHIFT
    inverse = 1.0 / under
    t = inverse - _CENTRE
    if x.single:
        return exp(-square) * (t.fma(ERFC.at(t), ERFC_CENTRE[0]) * inverse)
    # The relative error of the inverse, times how much of it comes out in inverse * H.
    lost = (-inverse).fma(under, 1.0) - inverse * (x - (under - _SHIFT))
    lost = lost * inverse.fma(inverse.fma(27.0, 2.6), 1.0)
    height, height_low = ordered_sum(ERFC_CENTRE[0], t * ERFC.at(t))
    k, share, share_low = exp_of_pair(-square, -square_low)
    product, product_low = exact_product(height, inverse)
    result, result_low = exact_product(share, product)
    product_low = (height_low + ERFC_CENTRE[1]).fma(inverse, product_low)
    result_low = result.fma(lost, share.fma(product_low, share_low.fma(product, result_low)))
    return scale(result + result_low, k)
