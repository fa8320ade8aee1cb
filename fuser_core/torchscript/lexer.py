"""The lexer: TorchScript text as tokens that know their line."""

from __future__ import annotations

import re
from typing import NamedTuple

from fuser_core.errors import GraphError

__all__ = ["END", "Cursor", "Token", "tokenise"]

END = "end of the text"

_MOST_WORDS = 500
"""Characters of a line, and of what is wrong with it, that a message shows."""

_TOKENS = re.compile(
    r"""
      (?P<space>[ \t\r\f\n]+ | \#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+')
    | (?P<value>%[A-Za-z0-9_.]+)
    | (?P<number>[-+]?(?:inf|nan|(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?)j?(?![A-Za-z0-9_]))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:(?:::|\.)[A-Za-z0-9_]+)*)
    | (?P<mark>->|[()\[\]{}<>,:=?*!|^&;/@$+-])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of the text.

    Attributes:
        kind: ``value``, ``number``, ``string``, ``name``, ``mark`` or `END`.
        text: As it is written.
        line: Number of its line, from 1.
    """

    kind: str
    text: str
    line: int


def tokenise(text: str) -> list[Token]:
    """Return the tokens of a text, in one pass; comments are dropped.

    Raises:
        GraphError: A character, or an unclosed string, belongs to no token.
    """
    tokens: list[Token] = []
    position, line = 0, 1
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None:
            rest = text[position:].partition("\n")[0]
            problem = "a string is not closed" if rest[0] in "\"'" else f"{rest[0]!r} begins no word of a graph"
            source = _clipped(text.split("\n")[line - 1].strip())
            raise GraphError(f"line {line}, `{source}`: {problem}; remove or correct it")
        kind = match.lastgroup
        assert kind is not None
        if kind != "space":
            tokens.append(Token(kind, match.group(), line))
        else:
            line += match.group().count("\n")
        position = match.end()
    tokens.append(Token(END, END, line))
    return tokens


class Cursor:
    """A place in the tokens of a text, and the errors that name it."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._tokens = tokenise(text)
        self._position = 0

    @property
    def next(self) -> Token:
        """The token at this place."""
        return self._tokens[self._position]

    def take(self) -> Token:
        """Return the token at this place and step over it; the end is never stepped over."""
        token = self.next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def back(self, count: int) -> Token:
        """Return a token that was stepped over."""
        return self._tokens[self._position - count]

    def accept(self, text: str) -> bool:
        """Step over a token of this text, if it is here."""
        here = self.next.text == text and self.next.kind not in ("string", END)
        if here:
            self.take()
        return here

    def expect(self, wanted: str, what: str | None = None) -> Token:
        """Step over a token of this text or kind.

        Raises:
            GraphError: Another one is here.
        """
        token = self.next
        if wanted != (token.kind if what else token.text) or token.kind == END:
            raise self.unexpected(what or f"'{wanted}'")
        return self.take()

    def unexpected(self, wanted: str) -> GraphError:
        """Return the error for a token that is not what belongs here."""
        token = self.next
        return self.error(
            token.line, f"expected {wanted}, found {token.text if token.kind == END else repr(token.text)}"
        )

    def error(self, line: int, problem: str) -> GraphError:
        """Return an error that names a line and shows it."""
        return GraphError(f"line {line}, `{self.source(line)}`: {_clipped(problem)}")

    def source(self, line: int) -> str:
        """Return a line, stripped."""
        return _clipped(self._lines[line - 1].strip()) if line <= len(self._lines) else ""


def _clipped(text: str) -> str:
    """Return a text for a message; there may be megabytes of it."""
    return text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS]}..."
