"""Fit the polynomials of ``fuser_cpu_llvm.mathematics`` and print its module ``coefficients.py``.

Run ``python tools/fit_polynomials.py > src/fuser_cpu_llvm/mathematics/coefficients.py``. Every polynomial interpolates
a smooth quotient at Chebyshev nodes, within a few per cent of the minimax polynomial, or where its error counts
differently over the interval is a least-squares fit whose weights move towards the largest errors (Lawson 1961).
Its degree is the least that keeps the function's error below the stated bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf

mp.prec = 300
DOUBLE_ERROR, SINGLE_ERROR = mpf(2) ** -57, mpf(2) ** -31


@dataclass(frozen=True)
class Fit:
    """One polynomial: ``quotient(v)`` for v in [low, high]; its error counts times ``weight`` in the function's.

    The weight may be a function of v. ``double`` and ``single`` bound the error; where ``single`` is ``None``, single
    precision has another formula.
    """

    name: str
    formula: str
    quotient: Callable[[Any], Any]
    low: Any
    high: Any
    weight: Any
    double: Any = DOUBLE_ERROR
    single: Any = SINGLE_ERROR


def _of_square(function: Callable[[Any], Any]) -> Callable[[Any], Any]:  # an even function of r, as one of r * r
    return lambda z: function(mp.sqrt(z))


def _small(value: Any) -> Any:  # The quotients are 0/0 at the origin; so near they have their limit.
    return value if abs(value) > mpf(2) ** -90 else mpf(2) ** -90


def _log_quotient(s: Any) -> Any:
    return mp.log((1 + _small(s)) / (1 - _small(s))) / _small(s)


def _stirling_rest(x: Any) -> Any:
    return (mp.loggamma(x) - (x - 0.5) * (mp.log(x) - 1) - HALF_LOG_TWO_PI + 0.5) * x


HALF_LOG_TWO_PI = mp.log(2 * mp.pi) / 2
ERFC_CENTRE = mpf(125) / 1024


def _scaled_erfc(t: Any) -> Any:
    inverse = t + ERFC_CENTRE
    x = 1 / inverse - 3.5
    return mp.exp(x * x) * mp.erfc(x) / inverse


SIN_HALF = (mp.pi / 2) ** 2
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
        "TANH",
        "(exp(2 * r) - 1 - 2 * r) / (2 * r**2), 0 <= r <= log(2) / 2",
        lambda r: (mp.exp(2 * _small(r)) - 1 - 2 * _small(r)) / (2 * _small(r) ** 2),
        mpf(0),
        HALF_LN2,
        HALF_LN2 * 0.7,
        single=mpf(2) ** -28,
    ),
    Fit(
        "LOG",
        "(log((1 + s) / (1 - s)) / s - 2) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)",
        _of_square(lambda s: (_log_quotient(s) - 2) / _small(s) ** 2),
        mpf(0),
        LOG_Z,
        LOG_Z / 2,
    ),
    Fit(
        "POWER_LOG",
        "((log((1 + s) / (1 - s)) / s - 2) / s**2 - 2/3) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)",
        _of_square(lambda s: (_log_quotient(s) - 2 - _small(s) ** 2 * 2 / 3) / _small(s) ** 4),
        mpf(0),
        LOG_Z,
        LOG_Z**2 / 2,
        double=mpf(2) ** -68,
        single=None,
    ),
    Fit(
        "INVERSE_CBRT",
        "(1 + f)**(-1/3), sqrt(1/2) <= 1 + f <= sqrt(2)",
        lambda f: (1 + f) ** (-mpf(1) / 3),
        mp.sqrt(0.5) - 1,
        mp.sqrt(2) - 1,
        1,
        double=mpf(2) ** -10,
        single=mpf(2) ** -11,
    ),
    Fit(
        "ERF",
        "erf(x) / x - 1 in x**2, abs(x) <= 15/16",
        _of_square(lambda x: mp.erf(_small(x)) / _small(x) - 1),
        mpf(0),
        (mpf(15) / 16) ** 2,
        1,
    ),
    Fit(
        "ERF_TAIL",
        "log(erfc(1 + t)), -1/16 <= t <= 5",
        lambda t: mp.log(mp.erfc(1 + t)),
        -mpf(1) / 16,
        mpf(5),
        lambda t: mp.erfc(1 + t),
    ),
    Fit(
        "ERFC",
        "(exp(x**2) * erfc(x) * (x + 3.5) - ERFC_CENTRE[0]) / t, t = 1 / (x + 3.5) - 125 / 1024, 0.65 <= x <= 27.3",
        lambda t: (_scaled_erfc(_small(t)) - _scaled_erfc(mpf(0))) / _small(t),
        1 / mpf(30.8) - ERFC_CENTRE,
        1 / mpf(4.15) - ERFC_CENTRE,
        mpf(0.105) / mpf(0.6),
    ),
    Fit(
        "GAMMALN",
        "(gammaln(2 + t) / t - 1 + euler) / t, abs(t) <= 1/2",
        lambda t: (mp.loggamma(2 + _small(t)) / _small(t) - 1 + mp.euler) / _small(t),
        -mpf(0.5),
        mpf(0.5),
        mpf(1.2),
    ),
    Fit(
        "STIRLING",
        "(gammaln(x) - (x - 1/2) * (log(x) - 1) - log(2 * pi) / 2 + 1/2) * x in 1 / x**2, x >= 5.5",
        _of_square(lambda inverse: _stirling_rest(1 / _small(inverse))),
        mpf(0),
        1 / mpf(5.5) ** 2,
        1 / mpf(20),
    ),
    Fit(
        "SIN_PI",
        "(sin(pi * r) / (pi * r) - 1) / r**2 in r**2, abs(r) <= 1/2",
        _of_square(lambda r: (mp.sinpi(_small(r)) / (mp.pi * _small(r)) - 1) / _small(r) ** 2),
        mpf(0),
        mpf(0.25),
        mpf(0.4),
    ),
    Fit(
        "SIN_HALF_TURN",
        "(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2",
        _of_square(lambda r: (mp.sin(_small(r)) / _small(r) - 1) / _small(r) ** 2),
        mpf(0),
        SIN_HALF,
        SIN_HALF * 1.6,
        single=None,
    ),
    Fit(
        "TAN",
        "(tan(t) / t - 1) / t**2 in t**2, abs(t) <= pi / 4",
        _of_square(lambda t: (mp.tan(_small(t)) / _small(t) - 1) / _small(t) ** 2),
        mpf(0),
        (mp.pi / 4) ** 2,
        (mp.pi / 4) ** 2,
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
    ("LN2", mp.log(2), (42,), "log(2); the first part has 42 bits, so that its product with an exponent is exact"),
    ("PI_PARTS", mp.pi, (36, 36), "pi; the first two parts have 36 bits, so that products with 17 bits are exact"),
    ("HALF_PI_PARTS", mp.pi / 2, (36, 36), "pi / 2 likewise"),
    ("PI", mp.pi, (), "pi"),
    ("HALF_PI", mp.pi / 2, (), "pi / 2"),
    ("QUARTER_PI", mp.pi / 4, (), "pi / 4"),
    ("THREE_QUARTER_PI", 3 * mp.pi / 4, (), "3 * pi / 4"),
    ("INV_LN2", 1 / mp.log(2), (), "1 / log(2)"),
    ("INV_LN10", 1 / mp.log(10), (), "1 / log(10)"),
    ("LOG10_2", mp.log10(2), (42,), "log10(2); the first part has 42 bits"),
    ("TWO_THIRDS", mpf(2) / 3, (), "2 / 3"),
    ("ONE_LESS_EULER", 1 - mp.euler, (), "1 - euler, the slope of gammaln at 2"),
    ("STIRLING_CONSTANT", HALF_LOG_TWO_PI - 0.5, (), "log(2 * pi) / 2 - 1/2"),
    ("ERFC_CENTRE", _scaled_erfc(mpf(0)), (), "exp(x**2) * erfc(x) * (x + 3.5) at 1 / (x + 3.5) = 125 / 1024"),
)


def _split(value: Any, *bits: int) -> list[float]:
    """Write ``value`` as a sum of three doubles, the first of so many significant bits, each the best of the rest."""
    parts: list[float] = []
    for significant in (*bits, 53, 53)[:3]:
        rest = value - mp.fsum(mpf(part) for part in parts)
        unit = mpf(2) ** (int(mp.floor(mp.log(abs(rest), 2))) + 1 - significant)
        parts.append(float(mp.nint(rest / unit) * unit))
    return parts


def _fit(fit: Fit, bound: Any) -> list[float]:
    """Return coefficients, constant first, of the polynomial of least degree within ``bound``."""
    if bound is None:
        return []
    for count in range(2, 24):
        coefficients, error = _weighted_fit(fit, count, bound) if callable(fit.weight) else _even_fit(fit, count)
        if error < bound:
            return [float(coefficient) for coefficient in coefficients]
    raise RuntimeError(f"{fit.name}: no polynomial of 23 coefficients is within {mp.nstr(bound, 3)}")


def _even_fit(fit: Fit, count: int) -> tuple[list[Any], Any]:
    nodes = _nodes(fit, count)
    coefficients = mp.lu_solve(_powers(nodes, count), mp.matrix([fit.quotient(node) for node in nodes]))
    between = _nodes(fit, count + 1)
    rest = _powers(between, count) * coefficients - mp.matrix([fit.quotient(node) for node in between])
    return list(coefficients), max(map(abs, rest)) * fit.weight


def _weighted_fit(fit: Fit, count: int, bound: Any) -> tuple[list[Any], Any]:
    nodes = _nodes(fit, 6 * count)
    rows, values = _powers(nodes, count), mp.matrix([fit.quotient(node) for node in nodes])
    weights = [fit.weight(node) for node in nodes]
    importance = [mpf(1)] * len(nodes)
    for _ in range(5):
        scales = [mp.sqrt(own) * weight for own, weight in zip(importance, weights, strict=True)]
        scaled = _powers(nodes, count, scales)
        target = mp.matrix([scale * value for scale, value in zip(scales, values, strict=True)])
        coefficients = mp.lu_solve(scaled.T * scaled, scaled.T * target)
        rest = rows * coefficients - values
        errors = [abs(weight * each) for weight, each in zip(weights, rest, strict=True)]
        if max(errors) > 16 * bound:  # Moving the weights gains far less.
            break
        importance = [own * each / max(errors) for own, each in zip(importance, errors, strict=True)]
    return list(coefficients), max(errors)


def _nodes(fit: Fit, count: int) -> list[Any]:
    """Return the zeros of a Chebyshev polynomial, moved to the interval of the fit."""
    zeros = [mp.cos(mp.pi * (2 * place + 1) / (2 * count)) for place in range(count)]
    return [(fit.low + fit.high) / 2 + (fit.high - fit.low) / 2 * zero for zero in zeros]


def _powers(nodes: list[Any], count: int, scales: list[Any] | None = None) -> Any:
    scales = scales or [mpf(1)] * len(nodes)
    return mp.matrix(
        [[scale * node**power for power in range(count)] for node, scale in zip(nodes, scales, strict=True)]
    )


def _lines(values: list[float]) -> str:
    texts = [value.hex() for value in values]
    return "\n".join("    " + " ".join(texts[first : first + 4]) for first in range(0, len(texts), 4))


def render() -> str:
    """Return the text of the module."""
    parts = [
        '"""Coefficients of the polynomials and split constants: printed by tools/fit_polynomials.py, not typed."""',
        "from __future__ import annotations",
        "from fuser_cpu_llvm.mathematics.evaluation import Polynomial, numbers",
    ]
    for name, value, bits, meaning in CONSTANTS:
        text = " ".join(part.hex() for part in _split(value, *bits))
        parts.append(f'{name} = numbers("{text}")\n"""{meaning}."""')
    for fit in FITS:
        double, single = (_lines(_fit(fit, bound)) for bound in (fit.double, fit.single))
        text = f'{fit.name} = Polynomial.read(\n    """\n{double}\n    """,\n    """\n{single}\n    """,\n)'
        parts.append(f'{text}\n"""{fit.formula}."""')
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(render(), end="")
