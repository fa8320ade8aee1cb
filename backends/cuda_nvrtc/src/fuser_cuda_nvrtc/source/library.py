"""The functions written in CUDA C++ that a source needs, picked out of ``text/*.cu`` with what they need themselves.

A file is paragraphs, parted by empty lines; a paragraph defines functions or types, and uses those of earlier ones.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["library_text", "template_text"]

_FOLDER = Path(__file__).parent.parent / "text"
_FILES = ("integers", "floats", "halves", "complexes", "arrays", "reducers", "joining")
_FUNCTION = re.compile(
    r"^(?:template <[^{}]*?> )?__device__ (?:__(?:force|no)inline__ )?[\w:]+(?:<\w+>)? (\w+)\(", re.MULTILINE
)
_TYPE = re.compile(r"^(?:template <[^{}]*?> )?struct (?:alignas\(.*\) )?(\w+)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


def library_text(*users: str) -> str:
    """Return the paragraphs that define what some texts use, and what those use, in their order."""
    paragraphs = _paragraphs()
    wanted: set[int] = set()
    words = _words(users)
    while words:
        new = {place for place, (names, _) in enumerate(paragraphs) if names & words} - wanted
        wanted |= new
        words = _words(paragraphs[place][1] for place in new)
    return "\n\n".join([template_text("types").strip(), *(paragraphs[place][1] for place in sorted(wanted))])


@functools.cache
def template_text(name: str) -> str:
    """Return the text of one file."""
    return (_FOLDER / f"{name}.cu").read_text(encoding="utf-8")


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text)}


@functools.cache
def _paragraphs() -> tuple[tuple[frozenset[str], str], ...]:
    """Return the names that each paragraph defines, and the paragraph."""
    texts = [text.strip("\n") for name in _FILES for text in re.split(r"\n{2,}", template_text(name))]
    return tuple((frozenset(_defined(text)), text) for text in texts)


def _defined(text: str) -> Iterator[str]:
    yield from _FUNCTION.findall(text)
    yield from _TYPE.findall(text)
    if "operator" in text:
        yield "Complex"  # what works on it without being named
