"""Operands for functions on traced arrays, told by the names of the parameters."""

import inspect
from typing import NamedTuple

import numpy as np

from fuser_core.testing.values import mixture

ALL = "? b B h H i I q Q e f d F D"
REAL = "? b B h H i I q Q e f d"
NUMBERS = "b B i q Q e f d F D"
REAL_NUMBERS = "b B i q Q e f d"
FLOATS = "e f d"
INEXACT = "e f d F D"
_FEW = "? B q e d D".split()
"""Dtypes that are tried without dimensions too, which depends on the dtype no more."""
SHAPES = {"grid": (3, 4), "vector": (4,), "empty": (0, 4), "zero_d": (), "scalar": ()}


class Case(NamedTuple):
    """One way to call a function of NumPy's.

    Attributes:
        function: Takes operands by the names of its parameters: ``x`` an array, ``y`` another one that broadcasts to
            it, ``m`` a mask of its shape, ``w`` positive weights of its shape, ``v`` as many as its last axis has
            elements, ``i`` some of their indices, ``r`` a Python number and ``n`` a Python integer.
        chars: Of the dtypes to try.
        ulps: By how many units in the last place of the largest result a result may differ; 0: to the bit.
        shapes: Names of `SHAPES` to try.
        plain: Whether there are no special values among the elements.
        fails: Whether NumPy raises for all of them.
    """

    function: object
    chars: str = REAL_NUMBERS
    ulps: int = 0
    shapes: str = "grid vector zero_d scalar"
    plain: bool = False
    fails: bool = False


def operands(case, char):
    """Yield, for every shape of a case, its name and the arguments."""
    for name in case.shapes.split():
        shape = SHAPES[name]
        if not shape and char not in _FEW and set(case.chars.split()) & set(_FEW):
            continue
        yield name, [_operand(letter, np.dtype(char), shape, name, case) for letter in _parameters(case.function)]


def _parameters(function):
    return list(inspect.signature(function).parameters)


def _operand(letter, dtype, shape, name, case):
    special = 0.0 if case.plain else 0.4
    last = shape[-1:]
    match letter:
        case "x":
            array = mixture(dtype, shape, 3, special)
            return array[()] if name == "scalar" else array
        case "y":
            return mixture(dtype, last, 5, special)
        case "m":
            return mixture(np.dtype(bool), shape, 7, 0.0)
        case "w":
            return np.arange(1, 1 + np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
        case "v":
            return np.arange(1, 1 + np.prod(last, dtype=int), dtype=np.float64).reshape(last)
        case "i":
            return np.array([[0, -1, 2], [1, 1, 0]])
        case "r":
            return 2.5
        case "n":
            return 2
    raise LookupError(letter)
