"""Expressions: a group as texts of numexpr, each with one result, in the order of evaluation.

A value that is read once becomes part of the text that reads it. One that is read more than once, is an output, or
makes a text too long is computed into an array of its own: numexpr's time to compile grows with the written-out tree,
and it takes few operands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fuser_core.backend import Constant, Group, GroupStep, Operand, Reduce, Value
from fuser_numexpr.capabilities import IDENTITIES, template

__all__ = ["Expression", "translate"]

_MOST_LEAVES = 24
"""Operands in one text; numexpr takes 31 arrays, and Python's parser 200 brackets."""


class Expression(NamedTuple):
    """A text and what it computes.

    Attributes:
        text: As numexpr takes it, of names of arrays and numbers.
        operands: By name, the value or the number.
        result: What is computed.
        identity: Of a reduction, what it is of no numbers at all.
    """

    text: str
    operands: Mapping[str, Operand]
    result: Value
    identity: int | None = None


class _Part(NamedTuple):
    """A text that may become part of another."""

    text: str
    operands: Mapping[str, Operand]
    leaves: int


def translate(group: Group) -> list[Expression]:
    """Return the expressions that compute a group's outputs.

    Raises:
        ValueError: A step has no text; `capabilities.refusal` says why.
    """
    reads = Counter(item.id for step in group.steps for item in step.inputs if isinstance(item, Value))
    kept = {value.id for value in group.outputs}
    parts = {value.id: _leaf(value) for value in group.inputs}
    found: list[Expression] = []
    for step in group.steps:
        for part in _fitting([parts[item.id] for item in step.inputs if isinstance(item, Value)]):
            (value,) = (item for item in step.inputs if isinstance(item, Value) and parts[item.id] is part)
            found.append(Expression(part.text, part.operands, value))
            parts[value.id] = _leaf(value)
        (result,) = step.outputs
        part = _write(step, parts)
        if isinstance(step, Reduce):
            found.append(Expression(part.text, part.operands, result, IDENTITIES[step.op]))
        elif result.id in kept or reads[result.id] > 1:
            found.append(Expression(part.text, part.operands, result))
            part = _leaf(result)
        parts[result.id] = part
    return found


def _fitting(parts: list[_Part]) -> Iterator[_Part]:
    """Yield the parts, the longest first, that have to be computed before for the rest to fit into one text."""
    leaves = sum(part.leaves for part in parts)
    for part in sorted(parts, key=lambda part: -part.leaves):
        if leaves > _MOST_LEAVES and part.leaves > 1:
            leaves -= part.leaves - 1
            yield part


def _leaf(value: Value) -> _Part:
    return _Part(f"a{value.id}", {f"a{value.id}": value}, 1)


def _write(step: GroupStep, parts: Mapping[int, _Part]) -> _Part:
    """Write one step, with its operands in place."""
    text = template(step)
    if text is None:
        raise ValueError(f"no text for {step.op}")
    operands: dict[str, Operand] = {}
    pieces = []
    for item in step.inputs:
        part = parts[item.id] if isinstance(item, Value) else _number(item)
        operands.update(part.operands)
        pieces.append(part.text)
    numbers = {}
    for name, number, dtype in (
        ("one", 1, step.outputs[0].dtype),
        ("zero", 0, step.outputs[0].dtype),
        ("zero_of_operand", 0, step.inputs[0].dtype),
    ):
        if f"{{{name}}}" in text:
            part = _number(Constant(dtype.type(number)))
            operands.update(part.operands)
            numbers[name] = part.text
    return _Part(text.format(*pieces, **numbers), operands, len(operands))


def _number(constant: Constant) -> _Part:
    """Write a number as an array: a literal would be a double, or an integer of numexpr's choice."""
    value: Any = constant.value
    name = f"{value.dtype.name}_{np.asarray(value).tobytes().hex()}"
    return _Part(name, {name: constant}, 1)
