"""Logarithms of sums of exponentials: the greater operand plus log(1 + exp(-d)), d being how far it is from the other.

Where the two terms cancel the error is below a unit of the last place of the greater operand, not of the result.
"""

from __future__ import annotations

import math

from fuser_cpu_llvm.mathematics.coefficients import INV_LN2
from fuser_cpu_llvm.mathematics.evaluation import Real
from fuser_cpu_llvm.mathematics.exponentials import exp, exp2, exp2_of_pair, exp_of_pair, scale
from fuser_cpu_llvm.mathematics.logarithms import log_of_sum, whole_log
from fuser_cpu_llvm.mathematics.pairs import Pair, exact_product, exact_sum, ordered_sum

__all__ = ["logaddexp", "logaddexp2"]


def logaddexp(x: Real, y: Real) -> Real:
    down, low = _down(x, y)
    share = (exp(down), low) if x.single else _scaled(*exp_of_pair(down, low))
    return _sum(x, y, *whole_log(*_log_of_one_more(*share)))


def logaddexp2(x: Real, y: Real) -> Real:
    down, low = _down(x, y)
    share = (exp2(down), low) if x.single else _scaled(*exp2_of_pair(down, low))
    exponent, high, low = _log_of_one_more(*share)
    product, lost = exact_product(high, INV_LN2[0])
    low = low.fma(INV_LN2[0], high.fma(INV_LN2[1], lost))
    total, lost = ordered_sum(exponent, product)
    return _sum(x, y, total, lost + low)


def _scaled(k: Real, high: Real, low: Real) -> Pair:
    return scale(high, k), scale(low, k)


def _down(x: Real, y: Real) -> Pair:
    """Return how far down it is from the greater operand to the other."""
    same = x.equals(y)  # Two infinities have no difference.
    first = x > y
    down, lost = exact_sum(y.where(first, x), -x.where(first, y))
    return x.of(0.0).where(same, down), x.of(0.0).where(same, lost)


def _log_of_one_more(share: Real, low: Real) -> tuple[Real, Real, Real]:
    """Return k and log((1 + share + low) / 2**k) in two terms; ``share`` is at most 1."""
    near = share < math.sqrt(2.0) - 1.0
    less, lost = ordered_sum(-1.0, share)
    f, low = share.where(near, less * 0.5), low.where(near, (low + lost) * 0.5)
    exponent = share.of(0.0).where(near, 1.0)
    return exponent, *log_of_sum(f, low)


def _sum(x: Real, y: Real, high: Real, low: Real) -> Real:
    """The greater operand plus a number of at most 1 in two terms."""
    greater = x.where(x > y, y)
    total, lost = exact_sum(greater, high)
    result = total.where(total.call("fabs").equals(math.inf), total + (lost + low))
    return (x + y).where(x.code.compare("uno", x.vector, y.vector), result)
