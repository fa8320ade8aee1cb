"""Check the functions of ``fuser_cpu_llvm.mathematics.single`` for all 2**32 arguments against double precision.

Run ``python tools/check_single.py [function ...]``; it takes about a minute a function. NumPy's functions in double
precision are right to a few units of their own last place, which is far below the half unit that is at stake here.
"""

from __future__ import annotations

import sys

import numpy as np

from fuser_core import fuse
from fuser_cpu_llvm.mathematics import SINGLE

_BLOCK = 1 << 24


def main() -> None:
    """Print the greatest error of each function, in units of the last place, and where it is."""
    for name in sys.argv[1:] or SINGLE:
        function, reference = fuse(getattr(np, name), backend="cpu_llvm"), getattr(np, name)
        worst, place, wrong = 0.0, 0.0, 0
        with np.errstate(all="ignore"):
            for start in range(0, 1 << 32, _BLOCK):
                x = np.arange(start, start + _BLOCK, dtype=np.uint32).view(np.float32)
                result, exact = function(x), reference(x.astype(np.float64))
                error, mismatches = _errors(result, exact)
                wrong += mismatches
                where = int(np.argmax(error))
                if error[where] > worst:
                    worst, place = float(error[where]), float(x[where])
        print(f"{name}: at most {worst:.3f} ULP, at {place!r}; {wrong} special values differ")


def _errors(result: np.ndarray, exact: np.ndarray) -> tuple[np.ndarray, int]:
    """Return errors in ULP, and how many results are special where they should not be, or the other way round."""
    rounded = exact.astype(np.float32)
    finite = np.isfinite(result) & np.isfinite(exact)
    unit = np.spacing(np.abs(rounded)).astype(np.float64)
    unit[~np.isfinite(unit)] = 2.0**104
    error = np.where(finite, np.abs(result.astype(np.float64) - exact) / unit, 0.0)
    same = (result == rounded) | (np.isnan(result) & np.isnan(rounded))
    special = ~same & ~(np.isfinite(result) & np.isfinite(rounded))
    zeros = (rounded == 0) & (result == 0) & (np.signbit(result) != np.signbit(rounded))
    return error, int(np.count_nonzero(special | zeros))


if __name__ == "__main__":
    main()
