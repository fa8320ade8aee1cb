"""What a FILE holds: the text of a graph. Anything else is refused with what to do instead; nothing is executed."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from fuser_core.errors import ArgumentError, GraphError
from fuser_core.graph import Graph
from fuser_core.torchscript import parse_ir
from fuser_core.torchscript.lexer import Cursor
from fuser_core.torchscript.parser import parse

__all__ = ["Source", "read_source"]

_GRAPH = re.compile(r"(?:\s|\#.*\n)*graph\s*\(")


@dataclass(frozen=True, slots=True)
class Source:
    """The graph of a file.

    Attributes:
        name: What to call the file.
        graph: In canonical form.
        names: Of its inputs, as the text spells them.
        types: Of its inputs, as the text spells them, without spaces; empty where it says none.
    """

    name: str
    graph: Graph
    names: tuple[str, ...]
    types: tuple[str, ...]


def read_source(file: str) -> Source:
    """Read a file, or standard input for ``-``.

    Raises:
        ArgumentError: It cannot be read, is no text, or is Python.
        GraphError: The text is malformed; the message names the file and the line.
    """
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ArgumentError(f"{name} cannot be read: {error.strerror}; give the path of a text, or -") from None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ArgumentError(
            f"{name} is no text in UTF-8 (byte {error.start}); give the text of a graph, as str(graph) prints it"
        ) from None
    if not _GRAPH.match(text) and (file.endswith(".py") or _is_python(text)):
        raise ArgumentError(
            f"{name} is Python, and this command executes nothing; in Python, call print(f.explain(...)) on a fused "
            "function f with its arguments, and str(torch.jit.script(f).graph) for a text that this command reads"
        )
    try:
        graph = parse_ir(text)
        inputs = [target for target in parse(Cursor(text)).inputs if not target.type.startswith("__torch__")]
    except GraphError as error:
        raise GraphError(f"{name}: {error}") from None
    return Source(name, graph, tuple(item.name for item in inputs), tuple(item.type for item in inputs))


def _is_python(text: str) -> bool:
    """Say whether a text is a program, by Python's grammar alone; a word or number alone is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            statements = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return any(
        not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Name | ast.Constant)) for item in statements
    )
