"""The functions written in CUDA C++ that a source needs, picked out of ``text/*.cu`` with what they need themselves.

A file is paragraphs, parted by empty lines; a paragraph defines functions or types, and uses those of earlier ones.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

__all__ = ["library_text", "needed", "paragraphs_of", "template_text"]

_FOLDER = Path(__file__).parent.parent / "text"
_FILES = ("integers", "floats", "halves", "complexes", "arrays", "reducers", "joining")
_FUNCTION = re.compile(
    r"^(?:template <[^{}]*?> )?__device__ (?:__(?:force|no)inline__ )?[\w:]+(?:<\w+>)? (\w+)\(", re.MULTILINE
)
_ENTRY = re.compile(r"^extern \"C\" __global__ void __launch_bounds__\([\w, ]+\) (\w+)\(", re.MULTILINE)
_TYPE = re.compile(r"^(?:template <[^{}]*?> )?(?:struct|union) (?:alignas\(.*\) )?(\w+)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r"//.*")


def library_text(*users: str) -> str:
    """Return the paragraphs that define what some texts use, and what those use, in their order."""
    chosen = needed(_paragraphs(), _words(users))
    return "\n\n".join([template_text("types").strip(), *chosen])


def needed(paragraphs: Sequence[tuple[frozenset[str], str]], words: Iterable[str]) -> list[str]:
    """Return the paragraphs that define some words, and what those use, in their order.

    Args:
        paragraphs: The names that each defines, and its text.
        words: What is used.
    """
    wanted: set[int] = set()
    new_words = set(words)
    while new_words:
        new = {place for place, (names, _) in enumerate(paragraphs) if names & new_words} - wanted
        wanted |= new
        new_words = _words(paragraphs[place][1] for place in new)
    return [paragraphs[place][1] for place in sorted(wanted)]


@functools.cache
def template_text(name: str) -> str:
    """Return the text of one file."""
    return (_FOLDER / f"{name}.cu").read_text(encoding="utf-8")


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(_COMMENT.sub("", text))}


@functools.cache
def _paragraphs() -> tuple[tuple[frozenset[str], str], ...]:
    """Return the names that each paragraph defines, and the paragraph."""
    return tuple(each for name in _FILES for each in paragraphs_of(template_text(name)))


def paragraphs_of(text: str) -> list[tuple[frozenset[str], str]]:
    """Return the paragraphs of a text, each with the names that it defines."""
    return [(frozenset(_defined(each)), each) for each in re.split(r"\n{2,}", text.strip("\n"))]


def _defined(text: str) -> Iterator[str]:
    yield from _ENTRY.findall(text)
    yield from _FUNCTION.findall(text)
    yield from _TYPE.findall(text)
    if "operator" in text:
        yield "Complex"  # what works on it without being named
