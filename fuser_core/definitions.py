"""Definitions of the neutral operations that NumPy has no ufunc for.

Each takes operands in the dtypes of one loop, and the array to fill as ``out``, as ufuncs do; a reduction takes what
the method ``reduce`` of ufuncs takes. The special functions
are SciPy's where it is installed; those of Python's `math` are as accurate, but are called once per element.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["cast", "cast_array", "erf", "erfc", "gammaln", "imag", "real", "squared_deviations", "where"]

Array = np.ndarray[Any, np.dtype[Any]]
Out = tuple[Array]


def cast_array(source: Array, out: Array) -> None:
    """Store ``source`` into ``out``, converting as every backend converts.

    All conversions are NumPy's, but one: from a float to an integer that cannot hold it NumPy's result depends on
    the machine and even on the position in the array. Here NaN becomes 0 and other values the nearest representable
    integer (the rule of LLVM's ``fptosi.sat`` and of WebAssembly). Of complex numbers the real part is converted,
    without NumPy's warning that the other one is lost.

    Args:
        source: Values of any numeric dtype.
        out: Array to fill; ``source`` must broadcast to its shape.
    """
    if source.dtype.kind == "c" and out.dtype.kind not in "bc":
        source = source.real
    if source.dtype.kind != "f" or out.dtype.kind not in "iu":
        np.copyto(out, source, casting="unsafe")
        return
    info = np.iinfo(out.dtype)
    wide = np.trunc(source, dtype=np.float64)
    # 2**bits is exact in float64 where the largest integer itself may not be.
    above, below = wide >= float(int(info.max) + 1), wide < float(info.min)
    with np.errstate(invalid="ignore"):
        np.copyto(out, np.where(above | below | np.isnan(wide), 0.0, wide), casting="unsafe")
    np.copyto(out, info.max, where=above)
    np.copyto(out, info.min, where=below)


def cast(source: Any, *, out: Out) -> None:
    """Convert ``source`` to the dtype of ``out``; see `cast_array`."""
    cast_array(np.asarray(source), out[0])


def where(condition: Any, chosen: Any, other: Any, *, out: Out) -> None:
    """Take ``chosen`` where ``condition`` holds and ``other`` elsewhere, bit by bit."""
    np.copyto(out[0], other)
    np.copyto(out[0], chosen, where=condition)


def real(array: Any, *, out: Out) -> None:
    """Take the real parts of complex numbers."""
    np.copyto(out[0], np.real(array))


def imag(array: Any, *, out: Out) -> None:
    """Take the imaginary parts of complex numbers."""
    np.copyto(out[0], np.imag(array))


def erf(array: Any, *, out: Out) -> None:
    """Compute the error function."""
    np.copyto(out[0], _function("erf")(np.asarray(array)), casting="same_kind")


def erfc(array: Any, *, out: Out) -> None:
    """Compute the complementary error function, 1 - erf(x) without its cancellation."""
    np.copyto(out[0], _function("erfc")(np.asarray(array)), casting="same_kind")


def gammaln(array: Any, *, out: Out) -> None:
    """Compute the logarithm of the absolute value of the gamma function; -inf at -inf, as SciPy has it."""
    np.copyto(out[0], _function("gammaln")(np.asarray(array)), casting="same_kind")
    magnitude = np.abs(np.asarray(array))
    tiny = (magnitude > 0) & (magnitude < 1e-300)  # SciPy's is infinite where 1 / x is
    np.copyto(out[0], -np.log(np.where(tiny, magnitude, 1)), where=tiny, casting="same_kind")


def squared_deviations(array: Array, *, axis: tuple[int, ...], dtype: Any, out: Array | None = None) -> Any:
    """Sum the squares of the distances from the mean, as `numpy.var` does before it divides: in two passes.

    Args:
        array: Floats.
        axis: The axes that vanish; at least one.
        dtype: That of the array, in which all is computed.
        out: The array to fill, if not a new one.
    """
    count = np.intp(math.prod(array.shape[each] for each in axis))
    mean = np.add.reduce(array, axis=axis, dtype=dtype, keepdims=True)
    distances = array - np.true_divide(mean, count, out=mean, casting="unsafe")
    return np.add.reduce(np.square(distances, out=distances), axis=axis, dtype=dtype, out=out)


@functools.cache
def _function(name: str) -> Callable[[Array], Array]:
    """Return a function of arrays, by SciPy's name."""
    try:
        special = importlib.import_module("scipy.special")
    except ImportError:
        one = np.frompyfunc(_OF_PYTHON[name], 1, 1)
        return lambda array: np.asarray(one(array)).astype(array.dtype)
    ufunc: Callable[[Array], Array] = getattr(special, name)
    return ufunc


def _gammaln(value: float) -> float:
    try:
        return -math.inf if value == -math.inf else math.lgamma(value)
    except (ValueError, OverflowError):  # at the poles, and where the result is beyond all numbers
        return math.inf


_OF_PYTHON: dict[str, Callable[[float], float]] = {"erf": math.erf, "erfc": math.erfc, "gammaln": _gammaln}
