"""The inputs that a graph is explained for: ``--input`` as arrays and numbers, and what is assumed without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.cli.source import Source
from fuser_core.errors import ArgumentError
from fuser_core.torchscript.constants import tensor_dtype

__all__ = ["Input", "choose_inputs", "read_spec"]

_ARRAY = re.compile(r"(?P<dtype>[^\[\]]+)\[(?P<sizes>\s*(?:\d+\s*(?:,\s*\d+\s*)*)?)\]")
_USUAL = 16
"""Size of an axis of which the text does not say it."""
_NUMBERS = {"bool": True, "int": 1, "float": 1.0, "complex": 1j, "number": 1.0, "Scalar": 1.0}
"""Values for inputs of these types; only the type counts for what a graph becomes."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a graph.

    Attributes:
        value: A number, or an array of which only dtype and shape count; it has no memory of its own.
        assumed: Whether the user did not say.
    """

    value: Any
    assumed: bool = False

    def __str__(self) -> str:
        """Return it as ``--input`` takes it."""
        if isinstance(self.value, np.ndarray):
            return f"{self.value.dtype}[{','.join(map(str, self.value.shape))}]"
        return repr(self.value)


def choose_inputs(source: Source, specs: Sequence[str]) -> list[Input]:
    """Return an input for each of the graph's; those without a spec are assumed, by the types in the text.

    Raises:
        ArgumentError: There are too many specs, or one is malformed.
    """
    if len(specs) > len(source.types):
        raise ArgumentError(
            f"--input is given {len(specs)} times, and the graph of {source.name} has {len(source.types)} inputs; give "
            "it once for each, in order"
        )
    return [*map(read_spec, specs), *map(_assume, source.types[len(specs) :])]


def read_spec(spec: str) -> Input:
    """Return the input of a spec: ``float32[1000,3]`` is an array, ``float32[]`` a 0-d one, ``3.5`` a Python number.

    Raises:
        ArgumentError: It is neither.
    """
    match = _ARRAY.fullmatch(spec.strip())
    if match is None:
        return Input(_number(spec))
    try:
        dtype = np.dtype(match["dtype"].strip())
    except (TypeError, ValueError, SyntaxError):
        dtype = np.dtype(object)
    if not is_numeric(dtype):
        raise ArgumentError(
            f"--input {spec!r}: {match['dtype']!r} is no dtype of numbers; write one such as float32, int64 or bool"
        )
    try:
        return Input(_array(dtype, [int(size) for size in match["sizes"].split(",") if size.strip()]))
    except ValueError as error:
        raise ArgumentError(f"--input {spec!r}: NumPy has no such array: {error}") from None


def _array(dtype: np.dtype[Any], shape: Sequence[int]) -> Any:
    return np.broadcast_to(np.zeros((), dtype), shape)


def _number(spec: str) -> complex:
    """Return the Python number that a text writes."""
    text = spec.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float, complex):
        try:
            number: complex = kind(text)
        except ValueError:
            continue
        return number
    raise ArgumentError(
        f"--input {spec!r} is neither an array such as 'float32[1000,3]' nor a Python number such as 3.5; for a 0-d "
        "array write 'float32[]'"
    )


def _assume(type_: str) -> Input:
    """Return an input of a type as the text has it: ``Double(2,*)`` says all but one size, ``Tensor`` says nothing."""
    name = type_.removesuffix("?")
    if name in _NUMBERS:
        return Input(_NUMBERS[name], assumed=True)
    dtype = tensor_dtype(name)
    sizes = [_USUAL, _USUAL]
    if dtype is not None and "(" in name:
        items = name.partition("(")[2].rstrip(")").split(",")
        sizes = [int(item) if item.isdecimal() else _USUAL for item in items if item.isdecimal() or item == "*"]
    return Input(_array(dtype or np.dtype(np.float32), sizes), assumed=True)
