"""Sample arguments: arrays, scalars and Python numbers that broadcast together, made from a source of choices.

A source of choices gives an integer below a bound; the smaller the integers, the simpler the sample. Hypothesis is
one (`fuser_core.testing.strategies`), a seeded generator is another and much faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from fuser_core.testing.values import FAMILIES, LAYOUTS, arrange, mixture

__all__ = ["Choose", "pick", "sample_arguments", "sample_array", "sample_family", "sample_number", "sample_shape"]

Choose = Callable[[int], int]
"""Returns an integer from 0 to below its argument."""

Array = np.ndarray[Any, np.dtype[Any]]
T = TypeVar("T")

_SIZES = (2, 3, 1, 5, 4, 8, 17, 0, 33, 70)
"""Sizes of axes, the simplest first; around the widths of vectors, and the two that broadcast or vanish."""
_MOST = 5000
_NUMBERS: tuple[bool | int | float | complex, ...] = (
    *(0, 1, 2, -1, 3, 4, 5, -2, -3, 7, 8, 31, 64, 127, 128, 200, 255, 256, -128, 2**31, 2**63 - 1),
    *(1.0, 0.5, 0.0, -2.5, 3.0, -0.0, 1e-3, 1e10, 1e300, np.inf, -np.inf, np.nan),
    *(False, True),
)
_COMPLEX = (1j, 2 - 0.5j, complex(-0.0, 3), complex(np.inf, 1), complex(0, np.nan))


def pick(choose: Choose, items: Sequence[T]) -> T:
    """Return one of the items."""
    return items[choose(len(items))]


def sample_family(choose: Choose) -> Sequence[np.dtype[Any]]:
    """Return dtypes that meet in one program: in half of all cases neither half precision nor complex."""
    return pick(choose, (FAMILIES[0], *FAMILIES))


def sample_number(choose: Choose, dtypes: Sequence[np.dtype[Any]] = FAMILIES[0]) -> bool | int | float | complex:
    """Return a Python number, which promotes weakly; a complex one only where the dtypes have complex ones."""
    return pick(choose, _NUMBERS + _COMPLEX if any(dtype.kind == "c" for dtype in dtypes) else _NUMBERS)


def sample_shape(choose: Choose, max_rank: int = 4) -> tuple[int, ...]:
    """Return a shape of at most 5,000 elements, with axes of size 0 and 1 now and then."""
    shape: tuple[int, ...] = ()
    for _ in range(choose(max_rank + 1)):
        size = pick(choose, _SIZES)
        if size * int(np.prod(shape)) <= _MOST:
            shape = (*shape, size)
    return shape


def sample_array(
    choose: Choose, dtype: np.dtype[Any], shape: tuple[int, ...], layouts: Sequence[str] = tuple(LAYOUTS)
) -> Array:
    """Return an array of ordinary and special values in one of the layouts."""
    # One choice stands for all elements: the smallest is an array without special values.
    seed = choose(1000)
    return arrange(mixture(dtype, shape, seed, special=0.25 if seed else 0.0), pick(choose, layouts))


def sample_arguments(
    choose: Choose,
    dtypes: Sequence[np.dtype[Any]] | None = None,
    max_rank: int = 4,
    layouts: Sequence[str] = tuple(LAYOUTS),
) -> list[Any]:
    """Return one to four arguments that broadcast together, the first an array; dtypes as `sample_family` has them."""
    allowed = sample_family(choose) if dtypes is None else dtypes
    # Floats first, so that failures are shown for them where the dtype plays no part.
    by_size = sorted(allowed, key=lambda dtype: (dtype.kind != "f", -dtype.itemsize))
    shape = sample_shape(choose, max_rank)
    arguments: list[Any] = [sample_array(choose, pick(choose, by_size), shape, layouts)]
    for _ in range(choose(4)):
        match choose(6):
            case 0 | 1 | 2:
                arguments.append(sample_array(choose, pick(choose, by_size), _broadcastable(choose, shape), layouts))
            case 3:
                arguments.append(sample_number(choose, allowed))
            case kind:
                item = sample_array(choose, pick(choose, by_size), (), ("C",))
                arguments.append(item if kind == 4 else item[()])
    return arguments


def _broadcastable(choose: Choose, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape that broadcasts to the given one."""
    dropped = choose(len(shape) + 1) if choose(3) == 2 else 0
    return tuple(1 if choose(4) == 3 else size for size in shape[dropped:])
