"""Einstein's sums: products and sums in a kernel where one operand has all axes, else a call."""

from __future__ import annotations

import operator
import string
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fuser_core.tracing.functions.library import static
from fuser_core.tracing.functions.operands import as_array
from fuser_core.tracing.functions.table import implements
from fuser_core.tracing.writing import write

if TYPE_CHECKING:
    from fuser_core.tracing.recorder import Trace

__all__: list[str] = []

_LETTERS = string.ascii_uppercase + string.ascii_lowercase
"""In the order of their codes, as NumPy sorts the axes of a result that no subscripts name."""

_ROUNDED = frozenset("?e")
"""Type characters of dtypes in which NumPy adds up in a way of its own."""


@implements("einsum")
def _einsum(trace: Trace, *operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    if isinstance(operands[0], str):
        subscripts, arrays = operands[0].replace(" ", ""), [as_array(trace, item) for item in operands[1:]]
    else:
        subscripts, arrays = _written(operands), [as_array(trace, item) for item in operands[:-1:2]]
    before, after = _spelled_out(subscripts, [array.ndim for array in arrays])
    if not kwargs and _fits_kernel(before, after, arrays):
        return write(_sum_of_products(before, after, arrays), out)
    given = {"optimize": optimize, **kwargs} if optimize is not False else kwargs
    options = {name: static(trace, f"{name}= of numpy.einsum", value) for name, value in given.items()}
    (result,) = trace.apply("np::einsum", arrays, subscripts=f"{','.join(before)}->{after}", **options)
    return write(arrays[0].share(result) if len(arrays) == 1 else result, out)


def _written(operands: Sequence[Any]) -> str:
    """Return the subscripts of a call that gives them as lists of numbers, each behind its operand."""
    text = ",".join(map(_letters, operands[1::2]))
    return text + (f"->{_letters(operands[-1])}" if len(operands) % 2 else "")


def _letters(axes: Sequence[Any]) -> str:
    return "".join("..." if axis is Ellipsis else _LETTERS[operator.index(axis)] for axis in axes)


def _spelled_out(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Return a letter for each axis of each operand, and those of the result: no dots, nothing left to guess.

    Raises:
        ValueError: The subscripts do not fit the operands (NumPy's own message).
    """
    text, arrow, after = subscripts.partition("->")
    before = text.split(",")
    # Of arrays without elements NumPy sums nothing, but checks all that can be checked.
    np.einsum(subscripts, *[np.ones((1,) * rank) for rank in ranks])
    free = [letter for letter in reversed(_LETTERS) if letter not in subscripts]
    most = max((rank - len(item.replace("...", "")) for item, rank in zip(before, ranks, strict=True)), default=0)
    dots = "".join(free[:most][::-1])
    if not arrow:
        once = sorted(letter for letter in set(text) & set(_LETTERS) if text.count(letter) == 1)
        after = ("..." if "..." in text else "") + "".join(once)
    spelled = []
    for item, rank in zip(before, ranks, strict=True):
        missing = rank - len(item.replace("...", ""))
        spelled.append(item.replace("...", dots[len(dots) - missing :]))
    return spelled, after.replace("...", dots)


def _fits_kernel(before: Sequence[str], after: str, arrays: Sequence[Any]) -> bool:
    """Say whether the sum is one over the axes of an operand: then a kernel reads each element once."""
    letters = set("".join(before))
    whole = letters == set(after) or any(set(item) == letters for item in before)
    plain = all(len(set(item)) == len(item) for item in before)
    known = not _ROUNDED & {array.dtype.char for array in arrays}
    return whole and plain and known and (len(before) > 1 or letters != set(after))


def _sum_of_products(before: Sequence[str], after: str, arrays: Sequence[Any]) -> Any:
    gone = sorted(set("".join(before)) - set(after))
    order = [*after, *gone]
    parts = [_aligned(array, letters, order) for letters, array in zip(before, arrays, strict=True)]
    product = parts[0]
    for part in parts[1:]:
        product = np.multiply(product, part)
    dtype = np.result_type(*[array.dtype for array in arrays])
    axes = tuple(range(len(after), len(order)))
    return np.sum(product, axes, dtype) if gone else product


def _aligned(array: Any, letters: str, order: Sequence[str]) -> Any:
    """Return an operand with its axes in an order, and new axes where it has none."""
    turned = np.transpose(array, [letters.index(letter) for letter in order if letter in letters])
    return turned[tuple(slice(None) if letter in letters else None for letter in order)]
