"""Entry points as installed distributions declare them, read straight from their folders.

``importlib.metadata`` says the same, but importing it and asking it takes longer than all else that discovery does.
What is not as pip leaves it (archives on the path, other finders, damaged files, unusual text) is left to it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

__all__ = ["Declared", "UnusualError", "declared"]

_INFO = (".dist-info", ".egg-info")
_SEPARATORS = re.compile(r"[-_.]+")
_TARGET = re.compile(r"\w+(\.\w+)*(:\w+(\.\w+)*)?")
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)


class UnusualError(Exception):
    """Only ``importlib.metadata`` can tell what is declared, for the reason given."""


class Declared(NamedTuple):
    """An entry point.

    Attributes:
        name: Its name.
        distribution: Name and version of the distribution.
        target: What it stands for, as ``module:attribute`` or ``module``.
    """

    name: str
    distribution: str
    target: str


def declared(group: str) -> list[Declared]:
    """Return the entry points of a group, in the order of ``sys.path``.

    Raises:
        UnusualError: Something there is not as pip leaves it.
    """
    if any(hasattr(finder, "find_distributions") and not _looks_like_python_s(finder) for finder in sys.meta_path):
        raise UnusualError("there are finders of distributions besides Python's own")
    found: list[Declared] = []
    try:
        for folder in _folders():
            text = _read(folder, "entry_points.txt")
            if group.encode() in text:
                title = _title(folder)
                found += [Declared(name, title, target) for name, target in _section(text.decode(), group)]
    except (OSError, UnicodeDecodeError) as error:
        raise UnusualError(str(error)) from error
    return found


def _looks_like_python_s(finder: object) -> bool:
    """Whether a finder of distributions is Python's own, or that of its backport, which Dask brings: they agree."""
    return finder is PathFinder or type(finder).__module__ == "importlib_metadata"


def _folders() -> Iterator[str]:
    """Yield the folder of each distribution's metadata; the first of a name hides the others."""
    seen: set[str] = set()
    for place in sys.path:
        if place.lower().endswith(".egg"):
            raise UnusualError(f"{place} is an egg")
        try:
            with os.scandir(place or ".") as entries:
                folders = [(entry.name, entry.path) for entry in entries if entry.name.lower().endswith(_INFO)]
        except NotADirectoryError as error:
            raise UnusualError(f"{place} may be an archive") from error
        except _ABSENT:
            continue
        for name, path in folders:
            distribution = _SEPARATORS.sub("_", name.rpartition(".")[0].partition("-")[0]).lower()
            if distribution not in seen:
                seen.add(distribution)
                yield path


def _read(folder: str, file: str) -> bytes:
    try:
        return Path(folder, file).read_bytes()
    except _ABSENT:
        return b""


def _section(text: str, group: str) -> Iterator[tuple[str, str]]:
    """Yield the names and targets of a group."""
    section = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]")
        elif section == group and not line.startswith("#"):
            name, equals, target = (part.strip() for part in line.partition("="))
            if not name or not equals or not _TARGET.fullmatch(target):
                raise UnusualError(f"{line!r} declares no entry point, or extras")
            yield name, target


def _title(folder: str) -> str:
    """Return name and version, which the head of the metadata says."""
    head = _read(folder, "METADATA").decode().partition("\n\n")[0].splitlines()
    fields = [line.partition(":") for line in reversed(head)]  # so the first of several wins
    values = {field.lower(): value.strip() for field, colon, value in fields if colon and not field[:1].isspace()}
    if not values.get("name") or not values.get("version"):
        raise UnusualError(f"{folder} tells no name and version")
    return f"{values['name']} {values['version']}"
