"""Literals: the values of attributes, in PyTorch's notation and in Python's; read, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.records import frozen
from fuser_core.torchscript.lexer import Cursor

__all__ = ["Braced", "number", "read_literal"]

_DEEPEST = 32
_NAMES: Mapping[str, Any] = MappingProxyType(
    {
        "True": True,
        "False": False,
        "None": None,
        "Ellipsis": Ellipsis,
        "np.True_": np.True_,
        "np.False_": np.False_,
        **{type_.__name__: type_ for type_ in (bool, int, float, complex)},
    }
)
_DTYPE = re.compile(r"[<>=|]?[b-z][a-z]*[0-9]{0,3}")  # nothing that begins with an a has numbers
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@frozen
class Braced:
    """What should be a number in braces: a 0-d tensor, the dtype of which stands in the type of its value."""

    number: Any


def number(value: Any) -> complex:
    """Return a value that was read if it is a number.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, bool | int | float | complex):
        return value
    raise ValueError(f"{value!r} is a {type(value).__name__}")


def read_literal(cursor: Cursor, depth: int = 0) -> Any:
    """Read one value.

    Raises:
        GraphError: There is none here, or it is nested too deeply.
    """
    token = cursor.next
    if depth > _DEEPEST:
        raise cursor.error(token.line, f"the value is nested more than {_DEEPEST} levels deep; flatten it")
    if token.kind == "number":
        return _number(cursor)
    if token.kind == "string":
        return _string(cursor)
    if token.kind == "name":
        return _named(cursor, depth)
    if cursor.accept("["):
        return tuple(_items(cursor, "]", depth))
    if cursor.accept("{"):
        value = read_literal(cursor, depth + 1)
        cursor.expect("}")
        return Braced(value)
    if cursor.accept("("):
        return _parenthesised(cursor, depth)
    raise cursor.unexpected("a number, a string, a list or a name such as True")


def _number(cursor: Cursor) -> Any:
    """Read a number; a complex one is a real and an imaginary part without a space, as Python prints it."""
    token = cursor.take()
    try:
        if cursor.next.kind == "number" and cursor.next.text.endswith("j"):
            return complex(float(token.text), float(cursor.take().text[:-1]))
        if token.text.endswith("j"):
            return complex(0.0, float(token.text[:-1]))
        return int(token.text) if re.fullmatch(r"[-+]?\d+", token.text) else float(token.text)
    except ValueError as error:
        raise cursor.error(token.line, f"{token.text[:40]} is no number: {error}") from error


def _string(cursor: Cursor) -> str:
    def decode(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16))
        return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)

    token = cursor.take()
    try:
        return _ESCAPE.sub(decode, token.text[1:-1])
    except ValueError as error:
        raise cursor.error(token.line, f"{token.text} has an escape that is no character: {error}") from error


def _items(cursor: Cursor, closing: str, depth: int) -> list[Any]:
    """Read the rest of a list, its closing mark included; a comma may come before that."""
    items: list[Any] = []
    while not cursor.accept(closing):
        if items:
            cursor.expect(",")
            if cursor.accept(closing):
                break
        items.append(read_literal(cursor, depth + 1))
    return items


def _parenthesised(cursor: Cursor, depth: int) -> Any:
    """Read a tuple, or a complex number such as ``(1+2j)``, from after its parenthesis."""
    if cursor.accept(")"):
        return ()
    token = cursor.next
    first = read_literal(cursor, depth + 1)
    if cursor.accept(")"):
        if isinstance(first, complex):
            return first
        raise cursor.error(token.line, "a tuple of one item ends in a comma, as in (1,)")
    cursor.expect(",")
    return (first, *_items(cursor, ")", depth))


def _named(cursor: Cursor, depth: int) -> Any:
    token = cursor.take()
    name = token.text
    if name == "slice" and cursor.accept("("):
        parts = _items(cursor, ")", depth)
        if len(parts) == 3:
            return slice(*parts)
        raise cursor.error(token.line, f"a slice has 3 parts, this one has {len(parts)}")
    if name == "dtype" and cursor.accept("("):
        dtype = _dtype(cursor, read_literal(cursor, depth + 1), token.line)
        cursor.expect(")")
        return dtype
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith("np.") and cursor.accept("("):
        value = read_literal(cursor, depth + 1)
        cursor.expect(")")
        try:
            return _dtype(cursor, name[3:], token.line).type(number(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise cursor.error(token.line, f"{name}({value!r}) is no number: {error}") from error
    raise cursor.error(token.line, f"{name} is no value that a graph can hold; use a number, a string or a list")


def _dtype(cursor: Cursor, name: object, line: int) -> np.dtype[Any]:
    if isinstance(name, str) and _DTYPE.fullmatch(name):
        try:
            dtype = np.dtype(name)
        except TypeError:
            dtype = np.dtype(object)
        if dtype.kind in "biufc":
            return dtype
    raise cursor.error(line, f"{name!r} is not the name of a dtype of numbers; use one such as 'float32'")
