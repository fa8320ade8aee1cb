"""The text of a group's module: its body, and the kernels around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fuser_core.backend import CompileOptions, Group
from fuser_cuda_nvrtc.source.arrangement import BAND, THREADS, Arrangement
from fuser_cuda_nvrtc.source.body import body_text
from fuser_cuda_nvrtc.source.fragments import fragments
from fuser_cuda_nvrtc.source.library import library_text, needed, paragraphs_of, template_text

__all__ = ["MOST_UNROLLED", "entry_names", "filled", "module_text"]

MOST_UNROLLED = 5
"""Axes over which the search for an element is written out."""

_PLACE = re.compile(r"^(?P<indent> *)\$(?P<line>\w+)$|\$(?P<word>\w+)", re.MULTILINE)


def entry_names(arrangement: Arrangement) -> tuple[str, ...]:
    """Return the names of the kernels that there can be."""
    if arrangement.reduced:
        return "reduce32", "reduce64", "reduce_rows", "reduce_columns", "join_segments"
    return "flat", "rows", "strided32", "strided64", "bands32"


def module_text(
    group: Group, options: CompileOptions, arrangement: Arrangement, entries: Sequence[str] | None = None
) -> str:
    """Write the module of a group.

    Args:
        group: What to compute.
        options: How.
        arrangement: The arrays of its kernels.
        entries: The kernels to write; all where it is ``None``. Each takes about as long to compile as any other.
    """
    body = body_text(group, options, arrangement)
    template = template_text("reductions" if arrangement.reduced else "elementwise")
    texts = dict(fragments(group, arrangement))
    paragraphs = [(names, filled(text, texts)) for names, text in paragraphs_of(template)]
    kernels = "\n\n".join(needed(paragraphs, entry_names(arrangement) if entries is None else entries))
    library = library_text(body, kernels)
    return "\n\n".join((_constants(arrangement), library, body, kernels)) + "\n"


def _constants(arrangement: Arrangement) -> str:
    numbers = {
        "ARRAYS": arrangement.arrays,
        "NUMBERS": max(1, len(arrangement.numbers)),
        "RANK": arrangement.rank,
        "UNROLLED_RANK": arrangement.rank if arrangement.rank <= MOST_UNROLLED else 1,
        "THREADS": THREADS,
        "LANES": arrangement.lanes,
        "PACKS": arrangement.packs,
        "SINGLES": arrangement.elements,
        "BAND": BAND,
    }
    if arrangement.reduced:
        numbers["REDUCTIONS"] = len(arrangement.reduced)
        numbers["WALKED"] = max(1, arrangement.moved)  # C++ has no arrays of no elements
        numbers["BLOCK"] = arrangement.block
        numbers["PACK_BLOCK"] = arrangement.pack_block
    return "\n".join(f"#define {name} {number}" for name, number in numbers.items())


def filled(template: str, texts: dict[str, str]) -> str:
    """Put lines into a template; a name on a line of its own becomes lines that are indented as it is."""

    def put(match: re.Match[str]) -> str:
        if match["word"]:
            return texts[match["word"]]
        return "\n".join(match["indent"] + line for line in texts[match["line"]].splitlines())

    filled = _PLACE.sub(put, template)
    return re.sub(r"\n\s*\n(?=\s*\n)", "\n", filled)
