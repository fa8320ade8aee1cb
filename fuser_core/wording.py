"""Wording: errors and values of plugins as text; one may be endless, or fail to write itself."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path

import pluggy

__all__ = ["origin", "raised", "shown"]

_MACHINERY = tuple(str(Path(file).parent) + os.sep for file in (__file__, pluggy.__file__, importlib.__file__))
"""Folders whose lines stand in every error out of a plugin."""

_BACKPORT = f"{os.sep}importlib_metadata{os.sep}"
"""Likewise, where something that was imported has brought this in front of Python's own."""

_MOST_WORDS = 500
"""Characters that a value may say."""


def raised(error: Exception) -> str:
    """Return an error as text, with its class."""
    return f"{type(error).__name__}: {_clipped(error, str)}"


def shown(value: object) -> str:
    """Return what a value says of itself."""
    return _clipped(value, repr)


def origin(error: BaseException) -> str:
    """Return where in a plugin an error was raised, as `` (file:line)``; nothing where no line of a plugin is known.

    It is the innermost line of the folder in which the first file outside of the core lies.
    """
    places: list[tuple[Path, int]] = []
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(("<", *_MACHINERY)) and _BACKPORT not in file:
            places.append((Path(file), trace.tb_lineno))
        trace = trace.tb_next
    own = [place for place in places if place[0].is_relative_to(places[0][0].parent)]
    return f" ({own[-1][0]}:{own[-1][1]})" if own else ""


def _clipped(value: object, write: Callable[[object], str]) -> str:
    try:
        text = write(value)
    except Exception:  # noqa: BLE001 - see above
        return f"a {type(value).__qualname__} that cannot be shown"
    return text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS]}..."
