"""Where the repository is, and the modules of its core and plugins as parsed source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root():
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources():
    """``sources(folder)`` returns the parsed modules below a folder by dotted name; packages by their own name."""
    return _sources


@pytest.fixture(scope="session")
def imports():
    """``imports(tree, module, is_package)`` returns the modules imported at run time, with whether at module level."""
    return _imports


def _sources(folder):
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = (path, ast.parse(path.read_text()))
    return found


def _imports(tree):
    """Return pairs of a module and whether it is imported when the importing module is."""
    found = set()

    def visit(node, top):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                found.update((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                found.add((child.module, top))
                found.update((f"{child.module}.{alias.name}", top) for alias in child.names)
            visit(child, top and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    visit(tree, True)
    return found
