"""Fit what ``fuser_cpu_llvm.mathematics`` has for single precision alone; print its ``single_coefficients.py``.

Run ``python tools/fit_single_polynomials.py > src/fuser_cpu_llvm/mathematics/single_coefficients.py``. Coefficients are
rounded to single precision; their number was chosen by what `tools/measure_accuracy.py` then measures, one more where
that brings the error of a function down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

mp.prec = 200


@dataclass(frozen=True)
class Fit:
    """One polynomial of ``count`` coefficients for ``quotient(v)``, v in [low, high]."""

    name: str
    formula: str
    quotient: Callable[[Any], Any]
    low: Any
    high: Any
    count: int


def _small(value: Any) -> Any:
    # The quotients are 0/0 at the origin; this near to it they have their limit to working precision.
    return value if abs(value) > mpf(2) ** -40 else mpf(2) ** -40


FITS = (
    Fit(
        "LOG",
        "(log(1 + f) - f + f**2 / 2) / f**3, sqrt(1/2) - 1 <= f <= sqrt(2) - 1",
        lambda f: (mp.log(1 + _small(f)) - _small(f) + _small(f) ** 2 / 2) / _small(f) ** 3,
        mp.sqrt(mpf("0.5")) - 1,
        mp.sqrt(mpf(2)) - 1,
        8,
    ),
    Fit(
        "SIN",
        "(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2",
        lambda z: (mp.sin(mp.sqrt(_small(z))) / mp.sqrt(_small(z)) - 1) / _small(z),
        mpf(0),
        (mp.pi / 2) ** 2,
        5,
    ),
)

CONSTANTS = (
    ("LN2", mp.log(2), "log(2)", 15),
    ("LOG10_2", mp.log10(2), "log10(2)", 15),
    ("PI", mp.pi, "pi", 24),
    ("HALF_PI", mp.pi / 2, "pi / 2", 24),
)


def _split(value: Any, first_bits: int) -> list[float]:
    """Write ``value`` as a sum of three single-precision numbers, the first of ``first_bits`` significant bits."""
    unit = mpf(2) ** (int(mp.floor(mp.log(value, 2))) + 1 - first_bits)
    parts = [float(mp.nint(value / unit) * unit)]
    for _ in range(2):
        parts.append(float(np.float32(float(value - mp.fsum(map(mpf, parts))))))
    return parts


def _coefficients(fit: Fit) -> list[float]:
    """Return coefficients, constant first."""
    found = mp.chebyfit(fit.quotient, [fit.low, fit.high], fit.count)
    return [float(np.float32(float(coefficient))) for coefficient in reversed(found)]


def _numbers(values: list[float]) -> str:
    lines = "".join(f"    {value.hex()}\n" for value in values)
    return f'numbers(\n    """\n{lines}    """\n)'


def render() -> str:
    """Return the text of the module."""
    parts = [
        '"""Coefficients in single precision: printed by tools/fit_single_polynomials.py, not typed."""',
        "from __future__ import annotations",
        "from fuser_cpu_llvm.mathematics.evaluation import numbers",
    ]
    parts += [
        f'{name} = {_numbers(_split(value, bits))}\n"""{meaning} in three parts."""'
        for name, value, meaning, bits in CONSTANTS
    ]
    parts += [f'{fit.name} = {_numbers(_coefficients(fit))}\n"""{fit.formula}."""' for fit in FITS]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(render(), end="")
