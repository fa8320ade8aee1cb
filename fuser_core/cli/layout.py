"""Plain text for a terminal: tables, and lines folded to its width; the same where the output goes to a file."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

__all__ = ["fold", "table"]

_WIDEST, _NARROWEST = 100, 60


def fold(text: str, indent: str = "") -> list[str]:
    """Return the lines of a text, folded at spaces to the terminal's width; a word is never cut."""
    columns = shutil.get_terminal_size((_WIDEST, 24)).columns
    width = max(_NARROWEST, min(columns, _WIDEST))
    wrapper = textwrap.TextWrapper(
        width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line for paragraph in text.splitlines() for line in wrapper.wrap(paragraph) or [""]]


def table(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Return rows as lines with aligned columns; a column that is empty throughout is left out."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for cells in zip(*columns, strict=True):
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{indent}{line}".rstrip())
    return lines
