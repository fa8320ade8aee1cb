"""Measure the errors of the elementary functions and write them into ``docs/accuracy.md``.

``python tools/measure_accuracy.py [--exhaustive] [--points N] [function ...]``. In double precision against mpmath, on
N points for each of the domains of `llvm_accuracy`; in single precision against double precision, for every 1021st
number, or with ``--exhaustive`` for all 2**32, which takes some minutes a function. Exits with 1 if an error is above
the bound that the page states.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fuser_core.ops import ELEMENTWISE
from llvm_accuracy import DOMAINS, PAGE, ROW, largest_error, numbers_in_single, points, stated, ulps, value

_BLOCK = 1 << 22


def in_double(name: str, count: int) -> float:
    """The greatest error on random points."""
    operands = points(name, "float64", count)
    error, place = largest_error(name, operands, value(name, operands))
    print(f"{name} float64: {error:.3f} at {place}")
    return error


def in_single(name: str, step: int) -> float:
    """The greatest error over every ``step``-th number; of two operands over random ones."""
    worst, where = 0.0, "nowhere"
    for first in range(0, 1 << 32, _BLOCK * step):
        operands = [numbers_in_single(step, first, first + _BLOCK * step)]
        if ELEMENTWISE[name].arity == 2:
            operands = points(name, "float32", _BLOCK)
        errors = ulps(name, operands, value(name, operands))
        if errors.max() > worst:
            worst, where = float(errors.max()), str([float(each[errors.argmax()]) for each in operands])
        if ELEMENTWISE[name].arity == 2:
            break
    print(f"{name} float32: {worst:.3f} at {where}")
    return worst


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
        seen = in_double(name, options.points), in_single(name, 1 if options.exhaustive else 1021)
        good &= seen[0] <= double and seen[1] <= single
        row = next(match for match in ROW.finditer(page) if match[1] == name)
        page = page.replace(row[0], f"| `{name}` | {double:g} | {seen[0]:.3f} | {single:g} | {seen[1]:.3f} |")
    PAGE.write_text(page)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
