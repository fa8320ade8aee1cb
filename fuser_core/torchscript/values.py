"""What a name of the text stands for while it is lowered: a value of the graph, or something that leaves no data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fuser_core.records import frozen

__all__ = ["Call", "DtypeOf", "Fixed", "FunctionName", "Items", "Meaning", "Module", "Pieces", "SizesOf", "describe"]


@frozen
class Fixed:
    """A constant.

    Attributes:
        value: As Python has it.
        number: Of the node's value in the graph; ``None`` for a list that is spelled out.
    """

    value: Any
    number: int | None


@frozen
class Items:
    """A list or a tuple.

    Attributes:
        items: What is in it.
        depth: How many levels are nested in it, its own included.
        leaves: How many values it spells out to.
    """

    items: tuple[Meaning, ...]
    depth: int = 1
    leaves: int = 0


@frozen
class Pieces:
    """The list that `chunk` returns, of which the text has not said yet what becomes of it."""

    array: int
    chunks: int
    dim: int


@frozen
class DtypeOf:
    """The dtype of an array, unknown until the graph is specialised."""

    array: int


@frozen
class SizesOf:
    """The list of an array's sizes, of which the text takes one at a time."""

    array: int


@frozen
class FunctionName:
    """A function of `torch.nn.functional`, to be called."""

    name: str


@frozen
class Module:
    """The object that a method belongs to; it may be there, but nothing may be asked of it."""

    type: str


Meaning = int | Fixed | Items | Pieces | DtypeOf | SizesOf | FunctionName | Module
"""A value of the graph is its number."""


@frozen
class Call:
    """An operation with what its operands stand for, and how many values it must define."""

    op: str
    operands: tuple[Meaning, ...]
    attributes: Mapping[str, Any]
    outputs: int

    @property
    def given(self) -> str:
        """The operands, for messages."""
        return ", ".join(map(describe, self.operands)) or "nothing"


def describe(meaning: Meaning) -> str:
    """Say what a value is, for messages."""
    match meaning:
        case int():
            return "a value that is known only at run time"
        case Fixed(value):
            return "None" if value is None else f"the constant {value!r}"
        case Items(items):
            return f"a list of {len(items)}"
        case Pieces():
            return "the list that chunk returns"
        case DtypeOf():
            return "the dtype of an array"
        case SizesOf():
            return "the list of an array's sizes"
        case FunctionName(name):
            return f"the function {name}"
        case Module(type_):
            return f"an object of type {type_}"
