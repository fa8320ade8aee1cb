"""Lowering: the statements of a text become the nodes of a graph.

Lists, tuples and their unpacking are resolved here and leave no node; so are constants that only say how an operation
is done (an axis, a dtype), which become attributes, as PyTorch's own passes make them (``prim::ConstantChunk``).
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.errors import GraphError
from fuser_core.graph import CONSTANT, Graph, Node
from fuser_core.ops import ELEMENTWISE
from fuser_core.semantics import aten as _rules  # noqa: F401  registers the signatures
from fuser_core.semantics import names, rule_of
from fuser_core.semantics.aten.signatures import misfit, signatures_of
from fuser_core.torchscript.attributes import unfit_attribute
from fuser_core.torchscript.constants import constant_value
from fuser_core.torchscript.lexer import Cursor
from fuser_core.torchscript.mutation import is_in_place, write
from fuser_core.torchscript.operands import Sorted, sort_operands
from fuser_core.torchscript.parser import Program, Statement, Target
from fuser_core.torchscript.structure import STRUCTURE, refusal
from fuser_core.torchscript.values import Call, Fixed, FunctionName, Items, Meaning, Module, Pieces, describe

__all__ = ["Lowering", "lower"]


def lower(program: Program, cursor: Cursor) -> Graph:
    """Return the graph of a text.

    Raises:
        GraphError: An operation is unknown, a value undefined or defined twice, or operands do not fit.
    """
    lowering = Lowering(cursor)
    for target in program.inputs:
        lowering.define_input(target)
    for statement in program.statements:
        lowering.add(statement)
    return lowering.build(program)


class Lowering:
    """The state of lowering one text."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._meanings: dict[str, Meaning] = {}
        self._nodes: list[Node] = []
        self._makers: dict[int, Node] = {}
        self._inputs: list[int] = []
        self._next = 0
        self._spent: set[int] = set()
        self._line = 1

    def error(self, problem: str) -> GraphError:
        """Return an error that names the statement's line."""
        return self._cursor.error(self._line, problem)

    def define_input(self, target: Target) -> None:
        """Make an input of the graph; a method's own object is none."""
        self._line = target.line
        if target.type.startswith("__torch__"):
            self._define(target, Module(target.type))
            return
        if target.type.endswith("]") or target.type.startswith(("(", "Dict", "Future", "List", "Tuple")):
            raise self.error(f"the input {target.name} is a {target.type}; pass its arrays and numbers one by one")
        self._define(target, self._new())
        self._inputs.append(self._next - 1)

    def add(self, statement: Statement) -> None:
        """Lower one statement."""
        self._line = statement.line
        operands = tuple(self._meaning(name) for name in statement.operands)
        call = Call(statement.op, operands, statement.attributes, len(statement.targets))
        if call.op == CONSTANT:
            results: tuple[Meaning, ...] = (self._constant(statement),)
        else:
            results = self._results(call)
        if len(results) != len(statement.targets):
            raise self.error(
                f"{statement.op} gives {len(results)} values and the line defines {len(statement.targets)}; name each"
            )
        for target, meaning in zip(statement.targets, results, strict=True):
            self._define(target, meaning)

    def node(self, op: str, inputs: Sequence[int], attributes: Mapping[str, Any], outputs: int = 1) -> tuple[int, ...]:
        """Append a node and return the numbers of its values."""
        values = tuple(self._new() for _ in range(outputs))
        node = Node(op, tuple(inputs), values, MappingProxyType(dict(attributes)))
        self._nodes.append(node)
        self._makers.update(dict.fromkeys(values, node))
        return values

    def spend(self, meaning: Meaning) -> None:
        """Note that a constant became part of an attribute; if it is nothing else, it leaves no node."""
        pending = [meaning]
        while pending:
            item = pending.pop()
            if isinstance(item, Fixed) and item.number is not None:
                self._spent.add(item.number)
            elif isinstance(item, Items):
                pending += item.items

    def expand(self, meaning: Meaning) -> Meaning:
        """Return the list that a `chunk` makes as its items."""
        if isinstance(meaning, Pieces):
            return Items(self.pieces(meaning, meaning.chunks))
        return meaning

    def pieces(self, pieces: Pieces, count: int) -> tuple[int, ...]:
        """Append the node that makes so many pieces."""
        return self.node("prim::ConstantChunk", [pieces.array], {"chunks": pieces.chunks, "dim": pieces.dim}, count)

    # What operations in place need to know

    def maker(self, value: int) -> Node | None:
        """Return the node that defines a value; ``None`` for an input."""
        return self._makers.get(value)

    def readers(self, value: int) -> list[Node]:
        """Return the nodes so far that read a value."""
        return [node for node in self._nodes if value in node.inputs]

    def meanings(self) -> Collection[Meaning]:
        """Return what the names so far stand for."""
        return self._meanings.values()

    def rename(self, old: int, new: int) -> None:
        """Let every name of a value stand for another."""
        self._meanings.update({name: new for name, meaning in self._meanings.items() if meaning == old})

    def build(self, program: Program) -> Graph:
        """Return the graph, without the constants that became attributes."""
        self._line = program.last_line
        pending: list[Meaning] = [self._meaning(name) for name in reversed(program.results)]
        outputs: list[int] = []
        while pending:
            meaning = self.expand(pending.pop())
            if isinstance(meaning, Items):
                pending += reversed(meaning.items)
            elif isinstance(meaning, int):
                outputs.append(meaning)
            elif isinstance(meaning, Fixed) and meaning.number is not None and _is_number(meaning.value):
                outputs.append(meaning.number)
            else:
                raise self.error(f"{describe(meaning)} is returned; a graph returns arrays and numbers")
        read = {value for node in self._nodes for value in node.inputs}.union(outputs)
        unread = self._spent - read
        nodes = tuple(node for node in self._nodes if unread.isdisjoint(node.outputs))
        return Graph(tuple(self._inputs), nodes, tuple(outputs)).canonical()

    # One statement

    def _results(self, call: Call) -> tuple[Meaning, ...]:
        if call.op in STRUCTURE:
            return STRUCTURE[call.op](self, call)
        if is_in_place(call.op):
            return write(self, call)
        reason = refusal(call.op)
        if reason is not None:
            raise self.error(f"{call.op} {reason}")
        self._check_known(call.op)
        if signatures_of(call.op):
            return self.aten(call.op, call.operands, call.attributes, call.outputs)
        return self._plain(call)

    def aten(
        self, op: str, operands: Sequence[Meaning], attributes: Mapping[str, Any], outputs: int = 1
    ) -> tuple[Meaning, ...]:
        """Append a node of an operation that has signatures.

        Raises:
            GraphError: The operands fit none of them.
        """
        operands = list(map(self.expand, operands))
        forms = signatures_of(op)
        found = sort_operands(forms, operands)
        if attributes:
            numbers = [item.number if isinstance(item, Fixed) else item for item in operands]
            fits = any(form.bind(numbers, attributes) is not None for form in forms)
            known = all(isinstance(number, int) for number in numbers)
            found = Sorted(numbers, dict(attributes)) if fits and known else None  # type: ignore[arg-type]
        if found is None:
            given = ", ".join([*map(describe, operands), *(f"{name}={value!r}" for name, value in attributes.items())])
            raise self.error(misfit(op, f"({given})"))
        for operand in operands:
            self.spend(operand)
        return self.node(op, found.inputs, found.attributes, outputs if op == "prim::ConstantChunk" else 1)

    def _plain(self, call: Call) -> tuple[Meaning, ...]:
        """Append a node of another namespace, which is what ``str(graph)`` printed."""
        inputs = []
        for operand in call.operands:
            number = operand.number if isinstance(operand, Fixed) and _is_number(operand.value) else operand
            if not isinstance(number, int):
                raise self.error(f"{call.op} takes arrays and numbers, and was given {describe(operand)}")
            inputs.append(number)
        unfit = unfit_attribute(call.op, call.attributes)
        if unfit is not None:
            raise self.error(unfit)
        row = ELEMENTWISE.get(call.op.removeprefix("np::")) if call.op.startswith("np::") else None
        if row is not None and row.arity != len(inputs):
            raise self.error(f"{call.op} takes {row.arity} operands, and was given {len(inputs)}")
        return self.node(call.op, inputs, call.attributes, row.outputs if row else 1)

    def _constant(self, statement: Statement) -> Meaning:
        type_ = statement.targets[0].type if statement.targets else ""
        if type_ == "Function" or "name" in statement.attributes:
            return FunctionName(str(statement.attributes.get("name")))
        try:
            value = constant_value(statement.attributes.get("value"), type_)
        except ValueError as error:
            raise self.error(str(error)) from error
        return Fixed(value, self.node(CONSTANT, [], {"value": value})[0])

    def _check_known(self, op: str) -> None:
        try:
            rule_of(op)
        except GraphError as error:
            namespace = op.partition("::")[0]
            family = [name for name in names() if name.startswith(f"{namespace}::")]
            close = difflib.get_close_matches(op, family, n=1, cutoff=0.75)
            raise self.error(f"{error}{f'; did you mean {close[0]}?' if close else ''}") from None

    # Names

    def _meaning(self, name: str) -> Meaning:
        try:
            return self._meanings[name]
        except KeyError:
            raise self.error(f"{name} is used before it is defined; define each value before its use") from None

    def _define(self, target: Target, meaning: Meaning) -> None:
        if target.name in self._meanings:
            raise self.error(f"{target.name} is defined twice; give each value a name of its own")
        self._meanings[target.name] = meaning

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float | complex | np.number | np.bool)
