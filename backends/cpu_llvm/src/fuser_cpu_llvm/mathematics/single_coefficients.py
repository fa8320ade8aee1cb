"""Coefficients in single precision: printed by tools/fit_single_polynomials.py, not typed."""

from __future__ import annotations

from fuser_cpu_llvm.mathematics.evaluation import numbers

LN2 = numbers(
    """
    0x1.62e4000000000p-1
    0x1.7f7d1c0000000p-20
    0x1.ef357a0000000p-45
    """
)
"""log(2) in three parts."""

LOG10_2 = numbers(
    """
    0x1.3440000000000p-2
    0x1.3509f80000000p-18
    -0x1.80433c0000000p-44
    """
)
"""log10(2) in three parts."""

PI = numbers(
    """
    0x1.921fb60000000p+1
    -0x1.777a5c0000000p-24
    -0x1.ee59da0000000p-49
    """
)
"""pi in three parts."""

HALF_PI = numbers(
    """
    0x1.921fb60000000p+0
    -0x1.777a5c0000000p-25
    -0x1.ee59da0000000p-50
    """
)
"""pi / 2 in three parts."""

LOG = numbers(
    """
    0x1.5555540000000p-2
    -0x1.0000ce0000000p-2
    0x1.999f140000000p-3
    -0x1.54d03e0000000p-3
    0x1.231ce60000000p-3
    -0x1.0a33ea0000000p-3
    0x1.02814e0000000p-3
    -0x1.43b2460000000p-4
    """
)
"""(log(1 + f) - f + f**2 / 2) / f**3, sqrt(1/2) - 1 <= f <= sqrt(2) - 1."""

SIN = numbers(
    """
    -0x1.5555560000000p-3
    0x1.1111100000000p-7
    -0x1.a019060000000p-13
    0x1.7196920000000p-19
    -0x1.9db1cc0000000p-26
    """
)
"""(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2."""
