"""Mermaid: a flowchart as the text that JupyterLab and GitHub draw."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Flowchart"]

_LONGEST = 80
"""Characters of one line of a label."""

_MARKUP = re.compile(
    r"""
      ["#&<>`*~@\\|]                           # ends a label, or is Mermaid's, HTML's or Markdown's
    | [\x00-\x1f\x7f]                          # invisible
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])     # emphasis; inside a name it is none, and reads better as it is
    | ^(?:[-+=\s] | \d+(?=[.)]\ ))             # the beginning of a list or of a rule
    | \](?=[(:]) | :(?=//) | (?<=www)\.         # a link
    | %(?=%) | (?<=s)t(?=yle) | (?<=class)D(?=ef)  # statements that Mermaid looks for even in a label
    | (?<=\\)(?=n) | (?<=\$)(?=\$) | (?<=fa:)(?=fa-) | (?<=fa[bklrs]:)(?=fa-)  # read after entities; to be kept apart
    """,
    re.VERBOSE,
)
_JOINER = "#8288;"
"""Nothing to see, but it keeps two characters apart."""
_CONTROL_PICTURES = {"\x7f": "\u2421", **{chr(code): chr(0x2400 + code) for code in range(0x20)}}
_SHAPES = {"box": ("[", "]"), "input": ("[/", "/]"), "output": ("([", "])"), "more": ("[", "]:::more")}


class Flowchart:
    """A flowchart under construction, from top to bottom; ``str()`` gives its text.

    Attributes:
        edges: How many arrows it has so far.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = "    "
        self._arrows: dict[str, None] = {}
        self._collapsed = False

    @property
    def edges(self) -> int:
        return len(self._arrows)

    def node(self, name: str, label: Sequence[str], shape: str = "box") -> None:
        """Add a node.

        Args:
            name: What arrows call it: letters and digits.
            label: Its lines, any text.
            shape: ``box``, ``input``, ``output``, or ``more`` for one that stands for many.
        """
        opening, closing = _SHAPES[shape]
        self._collapsed |= shape == "more"
        self._lines.append(f"{self._indent}{name}{opening}{_quoted(label)}{closing}")

    def open(self, name: str, title: str) -> None:
        """Begin a frame around the nodes added until `close`."""
        self._lines.append(f"{self._indent}subgraph {name}[{_quoted([title])}]")
        self._indent += "    "

    def close(self) -> None:
        """End the frame."""
        self._indent = self._indent[4:]
        self._lines.append(f"{self._indent}end")

    def arrow(self, start: str, end: str) -> None:
        """Add an arrow between two nodes, once."""
        if start != end:
            self._arrows[f"    {start} --> {end}"] = None

    def __str__(self) -> str:
        style = ["    classDef more stroke-dasharray: 4 4"] if self._collapsed else []
        return "\n".join(["flowchart TD", *self._lines, *self._arrows, *style])


def _quoted(label: Sequence[str]) -> str:
    lines = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..." for line in label]
    return f'"{"<br/>".join(_MARKUP.sub(_entity, line) for line in lines) or "#32;"}"'


def _entity(match: re.Match[str]) -> str:
    """Return a character as Mermaid writes one that it is not to read."""
    character = match.group()
    if not character:
        return _JOINER
    return f"#{ord(_CONTROL_PICTURES.get(character, character))};"
