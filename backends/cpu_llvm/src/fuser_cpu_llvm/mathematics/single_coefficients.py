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

EXP = numbers(
    """
    0x1.0000000000000p-1
    0x1.5555560000000p-3
    0x1.5554ea0000000p-5
    0x1.1110e00000000p-7
    0x1.6d43160000000p-10
    0x1.a124e40000000p-13
    """
)
"""(exp(r) - 1 - r) / r**2, abs(r) <= log(2) / 2."""

TANH = numbers(
    """
    -0x1.5555560000000p-2
    0x1.1110ca0000000p-3
    -0x1.ba03be0000000p-5
    0x1.64cc9a0000000p-6
    -0x1.167f440000000p-7
    0x1.716c440000000p-9
    -0x1.1f17b80000000p-11
    """
)
"""(tanh(x) / x - 1) / x**2 in x**2, abs(x) <= 7/8."""

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
