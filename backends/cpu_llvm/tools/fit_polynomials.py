"""Fit the polynomials of ``fuser_cpu_llvm.mathematics`` and print its module ``coefficients.py``.

Run ``python tools/fit_polynomials.py > src/fuser_cpu_llvm/mathematics/coefficients.py`` and format the result. Every
polynomial interpolates a smooth quotient at Chebyshev nodes (`mpmath.chebyfit`), which is within a few per cent of
the minimax polynomial; its degree is the least that keeps the error of the function below the stated bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

mp.prec = 400
DOUBLE_ERROR, SINGLE_ERROR = mpf(2) ** -57, mpf(2) ** -31


@dataclass(frozen=True)
class Fit:
    """One polynomial: ``quotient(v)`` for v in [low, high]; its error counts times ``weight`` in the function's."""

    name: str
    formula: str
    quotient: Callable[[Any], Any]
    low: Any
    high: Any
    weight: Any


def _of_square(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn an even function of r into one of z = r * r."""
    return lambda z: function(mp.sqrt(z))


def _small(value: Any) -> Any:
    # The quotients are 0/0 at the origin; this near to it they have their limit to working precision.
    return value if abs(value) > mpf(2) ** -90 else mpf(2) ** -90


SIN_HALF, SIN_QUARTER = (mp.pi / 2) ** 2, (mp.pi / 4) ** 2
LOG_Z = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
ATAN_Z = mp.tan(mp.pi / 8) ** 2
HALF_LN2 = mp.log(2) / 2

FITS = (
    Fit(
        "EXP",
        "(exp(r) - 1 - r) / r**2, abs(r) <= log(2) / 2",
        lambda r: (mp.exp(_small(r)) - 1 - _small(r)) / _small(r) ** 2,
        -HALF_LN2,
        HALF_LN2,
        HALF_LN2**2 * 2,
    ),
    Fit(
        "LOG",
        "(log((1 + s) / (1 - s)) / s - 2) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)",
        _of_square(lambda s: (mp.log((1 + _small(s)) / (1 - _small(s))) / _small(s) - 2) / _small(s) ** 2),
        mpf(0),
        LOG_Z,
        LOG_Z / 2,
    ),
    Fit(
        "SIN_HALF_TURN",
        "(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2",
        _of_square(lambda r: (mp.sin(_small(r)) / _small(r) - 1) / _small(r) ** 2),
        mpf(0),
        SIN_HALF,
        SIN_HALF * 1.6,
    ),
    Fit(
        "SIN_QUARTER_TURN",
        "(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 4",
        _of_square(lambda r: (mp.sin(_small(r)) / _small(r) - 1) / _small(r) ** 2),
        mpf(0),
        SIN_QUARTER,
        SIN_QUARTER,
    ),
    Fit(
        "COS_QUARTER_TURN",
        "(cos(r) - 1 + r**2 / 2) / r**4 in r**2, abs(r) <= pi / 4",
        _of_square(lambda r: (mp.cos(_small(r)) - 1 + _small(r) ** 2 / 2) / _small(r) ** 4),
        mpf(0),
        SIN_QUARTER,
        SIN_QUARTER**2 * 1.5,
    ),
    Fit(
        "ASIN",
        "(asin(x) / x - 1) / x**2 in x**2, abs(x) <= 1/2",
        _of_square(lambda x: (mp.asin(_small(x)) / _small(x) - 1) / _small(x) ** 2),
        mpf(0),
        mpf("0.25"),
        mpf("0.25"),
    ),
    Fit(
        "ATAN",
        "(atan(t) / t - 1) / t**2 in t**2, abs(t) <= tan(pi / 8)",
        _of_square(lambda t: (mp.atan(_small(t)) / _small(t) - 1) / _small(t) ** 2),
        mpf(0),
        ATAN_Z,
        ATAN_Z,
    ),
)

CONSTANTS = (
    ("LN2", mp.log(2), 42, "log(2); the first part has 42 bits, so that its product with an exponent is exact"),
    ("PI", mp.pi, 53, "pi in three parts (Cody and Waite 1980, chapter 8; the products are exact by FMA)"),
    ("HALF_PI", mp.pi / 2, 53, "pi / 2 likewise"),
    ("QUARTER_PI", mp.pi / 4, 53, "pi / 4 likewise"),
    ("THREE_QUARTER_PI", 3 * mp.pi / 4, 53, "3 * pi / 4 likewise"),
    ("INV_LN2", 1 / mp.log(2), 53, "1 / log(2)"),
    ("INV_LN10", 1 / mp.log(10), 53, "1 / log(10)"),
    ("LOG10_2", mp.log10(2), 42, "log10(2); the first part has 42 bits"),
    ("LN10", mp.log(10), 53, "log(10)"),
)


def _split(value: Any, first_bits: int) -> list[float]:
    """Write ``value`` as a sum of doubles, the first of ``first_bits`` significant bits, each the best of the rest."""
    exponent = int(mp.floor(mp.log(value, 2))) + 1
    unit = mpf(2) ** (exponent - first_bits)
    parts = [float(mp.nint(value / unit) * unit)]
    for _ in range(2):
        parts.append(float(value - mp.fsum(mpf(part) for part in parts)))
    return parts


def _fit(fit: Fit, bound: Any) -> list[float]:
    """Return coefficients, constant first, of the polynomial of least degree within ``bound``."""
    for count in range(2, 24):
        coefficients, error = mp.chebyfit(fit.quotient, [fit.low, fit.high], count, error=True)
        if error * fit.weight < bound:
            return [float(coefficient) for coefficient in reversed(coefficients)]
    raise RuntimeError(f"{fit.name}: no polynomial of 23 coefficients is within {mp.nstr(bound, 3)}")


def _table(values: list[float]) -> str:
    return f"({', '.join(f'float.fromhex({value.hex()!r})' for value in values)},)"


def main() -> None:
    """Print the module."""
    print('"""Coefficients of the polynomials and split constants: printed by tools/fit_polynomials.py, not typed."""')
    print("\nfrom __future__ import annotations\n")
    print("from fuser_cpu_llvm.mathematics.evaluation import Polynomial\n")
    for name, value, bits, meaning in CONSTANTS:
        print(f'{name} = {_table(_split(value, bits))}\n"""{meaning}."""\n')
    for fit in FITS:
        double, single = (_table(_fit(fit, bound)) for bound in (DOUBLE_ERROR, SINGLE_ERROR))
        print(f'{fit.name} = Polynomial(double={double}, single={single})\n"""{fit.formula}."""\n')


if __name__ == "__main__":
    main()
