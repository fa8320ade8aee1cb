"""What the elementary functions are measured with: points, true values, and the unit that an error is counted in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

from fuser_core.ops import ELEMENTWISE
from llvm_groups import one_step, run

__all__ = [
    "DOMAINS",
    "PAGE",
    "ROW",
    "errors",
    "largest_error",
    "numbers_in_single",
    "points",
    "stated",
    "ulps",
    "value",
]

Array = np.ndarray[Any, np.dtype[Any]]

PAGE = Path(__file__).parents[3] / "docs" / "accuracy.md"
ROW = re.compile(r"^\| `(\w+)` +\| +([\d.]+) +\| +([\d.]+) +\| +([\d.]+) +\| +([\d.]+) +\|$", re.MULTILINE)
"""A function on that page: in float64 and in float32, the bound and the greatest error seen."""


@dataclass(frozen=True)
class Domain:
    """Where a function is measured.

    Attributes:
        intervals: Between these bounds uniformly.
        greatest: Below two to this power every magnitude is as likely.
        signs: Of those.
    """

    intervals: Sequence[tuple[float, float]]
    greatest: int = 1024
    signs: tuple[float, ...] = (1.0, -1.0)


_POSITIVE = (1.0,)

DOMAINS: Mapping[str, Domain] = {
    "exp": Domain([(-745, 709.7), (-1, 1)], 9),
    "exp2": Domain([(-1074, 1023.9), (-1, 1)], 10),
    "expm1": Domain([(-40, 709.7), (-1, 1), (0.3, 0.5)], 9),
    "log": Domain([(0, 4), (0.5, 1.5), (0.99, 1.01)], signs=_POSITIVE),
    "log2": Domain([(0, 4), (0.5, 1.5), (0.99, 1.01)], signs=_POSITIVE),
    "log10": Domain([(0, 4), (0.5, 1.5), (0.99, 1.01)], signs=_POSITIVE),
    "log1p": Domain([(-1, 4), (-0.5, 0.5), (-1, -0.999)], signs=_POSITIVE),
    "logaddexp": Domain([(-700, 700), (-1, 1), (-10, 10)], 10),
    "logaddexp2": Domain([(-1000, 1000), (-1, 1), (-10, 10)], 10),
    "power": Domain([(0.5, 2), (0.99, 1.01), (1.35, 1.4142), (0.7071, 0.75)], signs=_POSITIVE),
    "cbrt": Domain([(-8, 8)]),
    "hypot": Domain([(-3, 3), (-1e154, 1e154)], 1000),
    "sin": Domain([(-7, 7), (-1e5, 1e5)], 70),
    "cos": Domain([(-7, 7), (-1e5, 1e5)], 70),
    "tan": Domain([(-7, 7), (-1e5, 1e5)], 70),
    "arcsin": Domain([(-1, 1), (0.45, 0.55), (0.999, 1)], 0),
    "arccos": Domain([(-1, 1), (0.45, 0.55), (0.999, 1), (-1, -0.999)], 0),
    "arctan": Domain([(-3, 3), (0.3, 0.5), (2.2, 2.6)]),
    "arctan2": Domain([(-3, 3), (-1e6, 1e6)]),
    "sinh": Domain([(-710.4, 710.4), (-2, 2)], 9),
    "cosh": Domain([(-710.4, 710.4), (-2, 2)], 9),
    "tanh": Domain([(-20, 20), (-1, 1)]),
    "arcsinh": Domain([(-3, 3), (1, 2)]),
    "arccosh": Domain([(1, 3), (1, 1.1), (1, 1.000001)], signs=_POSITIVE),
    "arctanh": Domain([(-1, 1), (-0.3, 0.3), (0.4, 0.5), (0.999999, 1)], 0),
    "erf": Domain([(-6, 6), (-1, 1), (0.9, 1.1)]),
    "erfc": Domain([(-6, 27.3), (0.6, 0.9), (-1, 1), (19, 26.5)], 4),
    "gammaln": Domain([(0, 6), (1.4, 1.6), (5, 100), (-1, 0), (-6, 0), (-40, 0)], 1000, _POSITIVE),
}

_TRUTHS: Mapping[str, Callable[..., Any]] = {
    "exp2": lambda x: mpmath.power(2, x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "logaddexp": lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y))),
    "logaddexp2": lambda x, y: max(x, y) + mpmath.log1p(mpmath.power(2, -abs(x - y))) / mpmath.log(2),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "arctan2": mpmath.atan2,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "gammaln": lambda x: mpmath.loggamma(x).real,
}

_LARGER: Mapping[str, Callable[..., Any]] = {
    "logaddexp": max,
    "logaddexp2": max,
    "gammaln": lambda x: max(1, abs(mpmath.loggamma(-x))) if x < 0 else 0,
}
"""What is behind a result that may be a small difference: the error is counted in units of the greater of both."""


def points(name: str, dtype: str, count: int) -> list[Array]:
    """Operands of a function: ``count`` for each of its intervals, and as many of every magnitude."""
    random, domain, info = np.random.default_rng(7), DOMAINS[name], np.finfo(dtype)
    parts = [np.clip(random.uniform(low, high, count), info.min, info.max) for low, high in domain.intervals]
    exponents = random.integers(info.minexp - info.nmant, min(domain.greatest, info.maxexp), count, endpoint=True)
    parts.append(np.ldexp(random.uniform(0.5, 1.0, count), exponents) * random.choice(domain.signs, count))
    if name in ("sin", "cos", "tan"):  # where they are nearest to 0
        parts.append(random.integers(1, 60000, count) * (np.pi / 2))
    if name in ("arccosh", "power"):  # where they are nearest to 0, or the exponent is greatest
        parts.append(1 + np.ldexp(random.uniform(0.5, 1.0, count), random.integers(-info.nmant, 0, count)))
    # Random numbers of one interval are multiples of one number: most have zeros at the end, and hide rounding errors.
    x = (np.concatenate(parts) * (1 + np.ldexp(random.uniform(-1, 1, sum(map(len, parts))), -30))).astype(dtype)
    if name == "arccosh":
        x = np.where(x < 1, np.maximum(1 / np.maximum(x, info.tiny), 1), x)
    if name in ("arccos", "arcsin", "arctanh"):
        x = np.clip(x, -1, 1)
    if ELEMENTWISE[name].arity == 1:
        return [x]
    if name != "power":
        return [x, np.concatenate([np.roll(x[: x.size // 2], 1), random.permutation(x[x.size // 2 :])])]
    x = x[(x > 0) & (x != 1)]
    results = random.uniform(info.minexp - info.nmant, info.maxexp, x.shape)
    return [x, (results / np.log2(x.astype(np.float64))).astype(dtype)]


def stated() -> dict[str, tuple[float, float, float, float]]:
    """What the page says of each function."""
    rows = ROW.findall(PAGE.read_text())
    return {name: (float(double), float(seen), float(single), float(last)) for name, double, seen, single, last in rows}


def numbers_in_single(step: int, first: int = 0, stop: int = 1 << 32) -> Array:
    """Every ``step``-th of all numbers in single precision, by their bits, NaN and infinities included."""
    return np.arange(first, min(stop, 1 << 32), step, dtype=np.uint32).view(np.float32)


def value(name: str, operands: Sequence[Array]) -> Array:
    """What a kernel makes of the operands."""
    result = np.empty_like(operands[0])
    run(one_step(name, [each.dtype for each in operands], result.dtype), operands, [result])
    return result


def largest_error(name: str, operands: Sequence[Array], result: Array) -> tuple[float, tuple[float, ...]]:
    """The greatest error of a finite result, in units of the last place of the truth, and its operands."""
    mantissa, info = np.finfo(result.dtype).nmant, np.finfo(result.dtype)
    truth, larger = _TRUTHS.get(name) or getattr(mpmath, name), _LARGER.get(name)
    worst, place = 0.0, (0.0,)
    with mpmath.workprec(160):
        for own, *given in zip(result.tolist(), *(each.tolist() for each in operands), strict=True):
            numbers = [mpmath.mpf(each) for each in given]
            true = truth(*numbers)
            if not mpmath.isnormal(true) or abs(true) > float(info.max):  # compared elsewhere
                continue
            size = abs(true) if larger is None else max(abs(true), abs(larger(*numbers)))
            unit = max(mpmath.ldexp(1, mpmath.frexp(size)[1] - 1 - mantissa), float(info.smallest_subnormal))
            error = float(abs(mpmath.mpf(own) - true) / unit) if np.isfinite(own) else np.inf
            if error > worst:
                worst, place = error, tuple(given)
    return worst, place


def ulps(name: str, operands: Sequence[Array], result: Array) -> Array:
    """Errors of results in single precision against the definition in double precision, which is exact enough.

    Infinite where one is NaN or infinite and the other is not the same.
    """
    with np.errstate(all="ignore"):
        wide = [each.astype(np.float64) for each in operands]
        true = _defined(name, wide)
        size = np.abs(true)
        if name.startswith("logaddexp"):
            size = np.maximum(size, np.abs(np.maximum(*wide)))
        if name == "gammaln":
            size = np.where(wide[0] < 0, np.maximum(size, np.maximum(1.0, np.abs(_defined(name, [-wide[0]])))), size)
        return errors(result, true, size)


def errors(result: Array, true: Array, size: Array) -> Array:
    """Errors of ``result`` in units of single precision at ``size``."""
    unit = np.ldexp(1.0, np.maximum(np.frexp(size)[1] - 24, -149))
    rounded = true.astype(np.float32)
    same = (result == rounded) | (np.isnan(result) & np.isnan(rounded))
    ordinary = np.isfinite(rounded) & np.isfinite(result)
    return np.where(ordinary, np.abs(result - true) / unit, np.where(same, 0.0, np.inf))


def _defined(name: str, operands: Sequence[Array]) -> Array:
    out = np.empty(operands[0].shape)
    ELEMENTWISE[name].function(*operands, out=(out,))
    return out
