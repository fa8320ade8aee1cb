"""``fuser-core new-backend``: writes a small distribution that builds, installs and passes the standard tests.

What it writes lies in `template`: a distribution that works, of the backend ``my_backend``. Here it gets its name.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from fuser_core.errors import ArgumentError
from fuser_core.offers import read_offers

__all__ = ["new_backend"]

_TEMPLATE = Path(__file__).parent / "template"
_HIDDEN = "dot_"
"""Begins the name of a file that begins with a dot where it is written: such files are easily lost in packages."""
_NEXT = """
Next, in an environment with fuser-core:

    cd {folder}
    pip install -e ".[test]"
    pytest
    fuser-core backends

It passes the standard tests as it is, since it declines what it cannot do. Its README says what is in which file.
"""


def new_backend(name: str, into: str) -> int:
    """Write the distribution of a backend into a new folder, say what is next, and return the exit status, 0.

    Args:
        name: Of the backend, such as ``my_engine``: the folder and the distribution are called ``fuser-my-engine``, the
            module ``fuser_my_engine``.
        into: The folder in which the new one is made.

    Raises:
        ArgumentError: The name cannot be used, or is taken; or there is no such folder, or already one of that name.
    """
    _check_name(name)
    parent = Path(into)
    if not parent.is_dir():
        raise ArgumentError(f"there is no folder {into!r} to write into; make it first, or name another with --into")
    folder = parent / f"fuser-{name.replace('_', '-')}"
    files = list(_files(name))
    try:
        folder.mkdir()
        for path, text in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError:
        text = f"{folder} is already there, and nothing in it was changed; remove it or choose another name"
        raise ArgumentError(text) from None
    except OSError as error:
        raise ArgumentError(f"{folder} cannot be written: {error.strerror}") from error
    print(f"{folder}: a backend called {name}, with its hooks, its tests and all that pip needs.")
    print(_NEXT.format(folder=folder), end="")
    return 0


def _check_name(name: str) -> None:
    """Raise unless a new backend can have the name.

    Raises:
        ArgumentError: It cannot.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        words = "_".join(re.findall(r"[a-z0-9]+", name.lower())).lstrip("0123456789_")
        hint = f"; perhaps {words!r}" if words else ""
        raise ArgumentError(
            f"{name!r} is no name of a backend: it takes lower-case letters, digits and single underscores, and begins "
            f"with a letter, as in 'my_engine'{hint}"
        )
    if keyword.iskeyword(name):
        raise ArgumentError(f"{name!r} is a word of Python's, and no name of a backend; perhaps '{name}_engine'")
    for offer in read_offers()[0]:
        if offer.name == name:
            raise ArgumentError(
                f"a backend called {name!r} is installed, from {offer.distribution}; choose another name"
            )
    if importlib.util.find_spec(f"fuser_{name}") is not None:
        raise ArgumentError(
            f"there is a module fuser_{name} already, which is what the new one would be called; choose another name"
        )


def _files(name: str) -> Iterator[tuple[Path, str]]:
    """Yield the path of each file in the new folder, and what is to be written."""
    forms = {
        "my_backend": name,
        "my-backend": name.replace("_", "-"),
        "MyBackend": "".join(word.capitalize() for word in name.split("_")),
    }
    for source in sorted(_TEMPLATE.rglob("*")):
        parts = source.relative_to(_TEMPLATE).parts
        if source.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):  # caches of tools
            path = Path(*(_renamed(re.sub(f"^{_HIDDEN}", ".", part), forms) for part in parts))
            yield path, _renamed(source.read_text(encoding="utf-8"), forms)


def _renamed(text: str, forms: dict[str, str]) -> str:
    return re.sub("|".join(forms), lambda match: forms[match[0]], text)
