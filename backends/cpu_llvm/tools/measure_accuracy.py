"""Measure the errors of the elementary functions and write them into ``docs/accuracy.md``.

``python tools/measure_accuracy.py [--exhaustive] [--points N] [function ...]``. In double precision against mpmath, on
N points for each of the domains of `llvm_accuracy`. In single precision against NumPy and SciPy in double precision,
for every 1021st number; with ``--exhaustive`` for all 2**32 against our own double precision, in half a minute each.
Exits with 1 if an error is above the bound that the page states.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fuser_core import fuse
from fuser_core.ops import ELEMENTWISE
from llvm_accuracy import DOMAINS, PAGE, ROW, errors, largest_error, numbers_in_single, points, stated, ulps, value

_BLOCK, _STEP = 1 << 22, 1021

Array = np.ndarray[Any, np.dtype[Any]]


def in_double(name: str, count: int) -> float:
    """The greatest error on random points."""
    operands = points(name, "float64", count)
    error, place = largest_error(name, operands, value(name, operands))
    print(f"{name} float64: {error:.3f} at {place}")
    return error


def in_single(name: str, *, exhaustive: bool) -> float:
    """The greatest error over every number, or every `_STEP`-th; of two operands over random ones."""
    worst, where = 0.0, "nowhere"
    for operands, seen in _all_errors(name) if exhaustive and ELEMENTWISE[name].arity == 1 else _some_errors(name):
        if seen.max() > worst:
            worst, where = float(seen.max()), str([float(each[seen.argmax()]) for each in operands])
    print(f"{name} float32: {worst:.3f} at {where}")
    return worst


def _some_errors(name: str) -> Iterator[tuple[list[Array], Array]]:
    for operands in [points(name, "float32", _BLOCK)] if ELEMENTWISE[name].arity == 2 else _blocks(_STEP):
        yield operands, ulps(name, operands, value(name, operands))


def _all_errors(name: str) -> Iterator[tuple[list[Array], Array]]:
    """Both precisions and their difference are one kernel, so that all numbers take half a minute."""
    function = getattr(np, name, None) or getattr(scipy.special, name)

    @fuse
    def compare(x: Array) -> Array:
        wide = x.astype(np.float64)
        true = function(wide)
        size = np.abs(true)
        if name == "gammaln":
            size = np.where(wide < 0, np.maximum(size, np.maximum(1.0, np.abs(function(-wide)))), size)
        return errors(function(x), true, size)

    for operands in _blocks(1):
        yield operands, compare(*operands)


def _blocks(step: int) -> Iterator[list[Array]]:
    for first in range(0, 1 << 32, _BLOCK * step):
        yield [numbers_in_single(step, first, first + _BLOCK * step)]


def main() -> int:
    """Measure, write, and say whether all is within the bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("functions", nargs="*", metavar="function", help=f"of {', '.join(DOMAINS)}")
    options = parser.parse_args()
    page, good = PAGE.read_text(), True
    for name in options.functions or DOMAINS:
        double, _, single, _ = stated()[name]
        seen = in_double(name, options.points), in_single(name, exhaustive=options.exhaustive)
        good &= seen[0] <= double and seen[1] <= single
        row = next(match for match in ROW.finditer(page) if match[1] == name)
        page = page.replace(row[0], f"| `{name}` | {double:g} | {seen[0]:.3f} | {single:g} | {seen[1]:.3f} |")
    PAGE.write_text(page)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
