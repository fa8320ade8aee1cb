"""`parse_ir`: from text to a graph."""

from __future__ import annotations

from fuser_core.errors import ArgumentError
from fuser_core.graph import Graph
from fuser_core.torchscript.lexer import Cursor
from fuser_core.torchscript.lowering import lower
from fuser_core.torchscript.parser import parse

__all__ = ["parse_ir"]


def parse_ir(text: str) -> Graph:
    """Return the graph of a text, as PyTorch or ``str(graph)`` prints it.

    Types, source comments and the names of values are read over; lists, tuples and constant parameters are resolved.
    A returned tuple or list becomes several outputs. Nothing of the text is evaluated.

    Args:
        text: One graph, such as ``str(torch.jit.script(function).graph)``.

    Raises:
        GraphError: The text is malformed, or has an unknown operation, an undefined value or a wrong number of
            operands; the message names the line, shows it, and says what to do.
        ArgumentError: ``text`` is not a string.
    """
    if not isinstance(text, str):
        raise ArgumentError(f"parse_ir takes the text of a graph, and was given a {type(text).__qualname__}; use str()")
    cursor = Cursor(text)
    return lower(parse(cursor), cursor)
