"""Operands: an ``aten::`` operation's positional operands, sorted into values and constant attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fuser_core.semantics.aten.signatures import Parameter, Signature
from fuser_core.torchscript.values import Fixed, Items, Meaning

__all__ = ["Sorted", "fixed_value", "sort_operands"]


@dataclass(slots=True)
class Sorted:
    """What a node is made of.

    Attributes:
        inputs: Numbers of the values that it reads.
        attributes: Its constants, but for those that are the defaults.
    """

    inputs: list[int] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)


def sort_operands(signatures: Sequence[Signature], operands: Sequence[Meaning]) -> Sorted | None:
    """Return the parts of a node for the first signature that its operands fit; ``None`` when they fit none."""
    for signature in signatures:
        found = _sort(signature.parameters, operands)
        if found is not None:
            return found
    return None


def fixed_value(meaning: Meaning) -> Fixed | None:
    """Return a constant, or a list of constants as one constant; ``None`` when it is neither."""
    if isinstance(meaning, Fixed):
        return meaning
    if isinstance(meaning, Items):
        items = tuple(map(fixed_value, meaning.items))
        if None not in items:
            return Fixed(tuple(item.value for item in items if item is not None), None)
    return None


def _sort(parameters: Sequence[Parameter], operands: Sequence[Meaning]) -> Sorted | None:
    result = Sorted()
    left = list(operands)
    for parameter in parameters:
        if parameter.variadic:
            if not _take_list(left, result, constants=parameter is parameters[-1]):
                return None
        elif not left:
            if parameter.required:
                return None
        elif not _take_one(parameter, left.pop(0), result):
            return None
    return None if left else result


def _take_list(left: list[Meaning], result: Sorted, *, constants: bool) -> bool:
    """Take a list of values, or all the values that come next, from the front of the operands.

    Args:
        left: The operands; what is taken is removed.
        result: Gets the numbers of the values.
        constants: Whether constants among the values are no parameters of their own.
    """
    if left and isinstance(left[0], Items):
        items = left.pop(0)
        assert isinstance(items, Items)
        numbers = [item for item in map(_number, items.items) if item is not None]
        result.inputs += numbers
        return len(numbers) == len(items.items)
    while left and (isinstance(left[0], int) or (constants and _number(left[0]) is not None)):
        number = _number(left.pop(0))
        assert number is not None
        result.inputs.append(number)
    return True


def _take_one(parameter: Parameter, operand: Meaning, result: Sorted) -> bool:
    if not parameter.static:
        number = _number(operand)
        if number is not None:
            result.inputs.append(number)
            return True
        # An absent operand is an attribute that says so.
        absent = isinstance(operand, Fixed) and operand.value is None and parameter.default is None
        if absent:
            result.attributes[parameter.name] = None
        return absent
    fixed = fixed_value(operand)
    if fixed is None:
        return False
    default = parameter.default
    if type(fixed.value) is not type(default) or fixed.value != default:
        result.attributes[parameter.name] = fixed.value
    return True


def _number(operand: Meaning) -> int | None:
    """Return the number of the graph's value, if the operand is an array or a number."""
    if isinstance(operand, Fixed):
        return None if operand.value is None or isinstance(operand.value, str | tuple) else operand.number
    return operand if isinstance(operand, int) else None
