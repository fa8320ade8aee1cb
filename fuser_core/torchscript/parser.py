"""The parser: tokens as statements, in a single pass without recursion over nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fuser_core.records import frozen
from fuser_core.torchscript.lexer import END, Cursor
from fuser_core.torchscript.literals import read_literal

__all__ = ["Program", "Statement", "Target", "parse"]

_OPENING, _CLOSING = "([{", ")]}"


@frozen
class Target:
    """A value where it is defined: its name, its type as written (empty when there is none) and its line."""

    name: str
    type: str
    line: int


@frozen
class Statement:
    """One operation, as it is written."""

    targets: tuple[Target, ...]
    op: str
    attributes: Mapping[str, Any]
    operands: tuple[str, ...]
    line: int


@frozen
class Program:
    """A graph, as it is written."""

    inputs: tuple[Target, ...]
    statements: tuple[Statement, ...]
    results: tuple[str, ...]
    last_line: int


def parse(cursor: Cursor) -> Program:
    """Read a graph and nothing after it.

    Raises:
        GraphError: The text is malformed; the message names the line, and what belongs there.
    """
    cursor.expect("graph")
    inputs = _inputs(cursor)
    cursor.expect(":")
    statements: list[Statement] = []
    while cursor.next.text != "return":
        statements.append(_statement(cursor))
    last_line = cursor.take().line
    results = _names(cursor)
    if cursor.next.kind != END:
        raise cursor.unexpected("nothing after the graph's return; give one graph, without subgraphs,")
    return Program(inputs, tuple(statements), results, last_line)


def _inputs(cursor: Cursor) -> tuple[Target, ...]:
    cursor.expect("(")
    inputs: list[Target] = []
    while not cursor.accept(")"):
        if inputs:
            cursor.expect(",")
        inputs.append(_target(cursor, ",)"))
    return tuple(inputs)


def _target(cursor: Cursor, stops: str) -> Target:
    token = cursor.expect("value", "a value such as %x")
    return Target(token.text, _type(cursor, stops) if cursor.accept(":") else "", token.line)


def _type(cursor: Cursor, stops: str) -> str:
    """Read a type up to one of the marks that may follow it, outside of its own parentheses."""
    line, depth = cursor.next.line, 0
    words: list[str] = []
    while depth or cursor.next.text not in stops:
        token = cursor.next
        if token.line != line or token.kind == END:
            raise cursor.error(line, "expected the type to end on its line; close its parentheses")
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth < 0:
            raise cursor.unexpected("a type")
        words.append(cursor.take().text)
    if not words:
        raise cursor.unexpected("a type such as Tensor")
    return "".join(words)


def _statement(cursor: Cursor) -> Statement:
    line = cursor.next.line
    targets: list[Target] = []
    while not cursor.accept("="):
        if targets:
            cursor.expect(",")
        elif cursor.next.kind != "value":
            raise cursor.unexpected("an operation `%y = namespace::name(%x)`, or `return (%y)`")
        targets.append(_target(cursor, ",="))
    if cursor.next.text == "^":
        raise cursor.error(line, "a Python function is called; write its body in TorchScript")
    op = cursor.expect("name", "the name of an operation such as aten::add")
    if "::" not in op.text:
        raise cursor.error(line, f"{op.text} has no namespace; operations are named as in aten::{op.text}")
    attributes = _attributes(cursor) if cursor.accept("[") else {}
    operands = _names(cursor)
    _skip_scope(cursor, cursor.back(1).line)
    if cursor.next.text.startswith("block"):
        raise cursor.error(
            line, f"{op.text} is control flow, which a graph does not have; choose values with aten::where"
        )
    return Statement(tuple(targets), op.text, attributes, operands, line)


def _attributes(cursor: Cursor) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    while not cursor.accept("]"):
        if attributes:
            cursor.expect(",")
        token = cursor.expect("name", "the name of an attribute")
        name = token.text
        if name in attributes:
            raise cursor.error(token.line, f"the attribute {name} is given twice")
        cursor.expect("=")
        attributes[name] = read_literal(cursor)
    return attributes


def _names(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("(")
    names: list[str] = []
    while not cursor.accept(")"):
        if names:
            cursor.expect(",")
        names.append(cursor.expect("value", "a value such as %x").text)
    return tuple(names)


def _skip_scope(cursor: Cursor, line: int) -> None:
    """Step over ``, scope: ...``, which traced modules carry to the end of the line."""
    if cursor.next.line != line or cursor.next.kind == END:
        return
    if not cursor.accept(",") or cursor.next.text != "scope":
        raise cursor.unexpected("the end of the line")
    while cursor.next.line == line and cursor.next.kind != END:
        cursor.take()
