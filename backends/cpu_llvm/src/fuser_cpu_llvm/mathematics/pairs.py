"""Sums of two doubles: what a rounded sum or product lost is kept beside it (Dekker 1971, Knuth 1969).

Doubles that stand for single precision have digits to spare; what they lose is 0.
"""

from __future__ import annotations

from fuser_cpu_llvm.mathematics.evaluation import Real

__all__ = ["Pair", "exact_product", "exact_sum", "ordered_sum", "quotient"]

Pair = tuple[Real, Real]
"""A leading and a small term."""


def exact_sum(x: Real, y: Real) -> Pair:
    """Return x + y and what rounding it lost."""
    total = x + y
    if x.spare:
        return total, x.of(0.0)
    part = total - x
    return total, (x - (total - part)) + (y - part)


def ordered_sum(great: Real | float, small: Real) -> Pair:
    """Likewise for ``great`` of no lesser magnitude, or 0, or 1 and any ``small`` below 2**53."""
    total = small + great
    return total, small.of(0.0) if small.spare else small - (total - great)


def exact_product(x: Real, y: Real | float) -> Pair:
    """Return x * y and what rounding it lost."""
    product = x * y
    return product, x.of(0.0) if x.spare else x.fma(y, -product)


def quotient(x: Pair, y: Pair) -> Pair:
    """Return x / y and what rounding it lost."""
    inverse = 1.0 / y[0]
    share = x[0] * inverse
    return share, ((-share).fma(y[0], x[0]) - share * y[1] + x[1]) * inverse
