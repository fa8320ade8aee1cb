"""What every file keeps: one reason to exist, said in its first line, and a length to read in one go."""

import ast
import re

import pytest

import fuser_core
from fuser_core import errors

FOLDERS = ("fuser_core", "backends", "examples", "tests", "benchmarks", "tools")

ERRORS = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]


@pytest.fixture(scope="module")
def files(root):
    """Every Python file of the repository, parsed."""
    return {path: path.read_text() for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))}


def test_every_file_says_why_it_exists(files, root):
    silent = []
    for path, text in files.items():
        docstring = ast.get_docstring(ast.parse(text)) or ""
        first = docstring.splitlines()[0] if docstring else ""
        if not re.match(r"\S.*[.:]$", first):
            silent.append(f"{path.relative_to(root)}: {first!r}")
    assert silent == []


def test_no_file_is_too_long(files, root):
    long = {str(path.relative_to(root)): text.count("\n") for path, text in files.items() if text.count("\n") > 300}
    assert long == {}


def test_the_core_knows_no_backend_by_name(root):
    names = {path.name for path in (root / "backends").iterdir() if path.is_dir()} | {"llvmlite", "nvrtc", "cuda_nvrtc"}
    found = []
    for path in sorted((root / "fuser_core").rglob("*.py")):
        if path.parent.name in ("demo", "testing"):
            continue
        tree = ast.parse(path.read_text())
        docstrings = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            text = node.id if isinstance(node, ast.Name) else text
            found += [f"{path.name}:{node.lineno}: {name}" for name in names if name in text and node not in docstrings]
    assert found == []


def _public(tree):
    """Return the names in a module's ``__all__``, or ``None`` where it has none."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return ast.literal_eval(node.value)
    return None


def _order(name):
    """Sort as ruff does: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_all_is_sorted_and_defined(files, root):
    wrong = []
    for path, text in files.items():
        tree = ast.parse(text)
        names = _public(tree)
        if names is None or not path.is_relative_to(root / "fuser_core"):
            continue
        defined = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        defined |= {getattr(node, "name", "") for node in tree.body}
        defined |= {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        if names != sorted(set(names), key=_order):
            wrong.append(f"{path.relative_to(root)} is not sorted")
        wrong += [f"{path.relative_to(root)} has no {name}" for name in names if name not in defined]
    assert wrong == []


def test_what_other_modules_import_is_public(files, root):
    public = {}
    for path, text in files.items():
        if path.is_relative_to(root / "fuser_core"):
            parts = path.relative_to(root).with_suffix("").parts
            public[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = _public(ast.parse(text))
    wrong = set()
    for path, text in files.items():
        if not path.is_relative_to(root / "fuser_core") and "src" not in path.parts:
            continue
        for node in ast.walk(ast.parse(text)):
            if (
                {"demo", "testing"}.isdisjoint(path.parts)
                and isinstance(node, ast.ImportFrom)
                and public.get(node.module) is not None
            ):
                wrong |= {
                    f"{path.relative_to(root)} imports {alias.name} of {node.module}"
                    for alias in node.names
                    if alias.name not in public[node.module] and f"{node.module}.{alias.name}" not in public
                }
    assert wrong == set()


def test_every_public_name_exists_and_is_documented():
    for name in fuser_core.__all__:
        assert getattr(fuser_core, name).__doc__, name
    assert fuser_core.__all__ == sorted(fuser_core.__all__)
    assert set(fuser_core.__all__) <= set(dir(fuser_core))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = fuser_core.no_such_name


def test_the_contract_s_names_are_public():
    promised = """
        fuse Graph use_backends refresh_backends FuserError FuserWarning register_fusion run_fusion can_fuse_on_cpu
        can_fuse_on_gpu override_can_fuse_on_cpu override_can_fuse_on_gpu debug_launch_graph
        debug_get_fused_kernel_code n_compiled_kernels
    """.split()
    assert set(promised) <= set(fuser_core.__all__)
    assert set(ERRORS) <= set(fuser_core.__all__)


def test_the_tree_of_errors_is_drawn_as_it_is():
    pattern = re.compile(r"^(?P<indent>[│ ]*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?: \((?P<base>\w+)\))?", re.MULTILINE)
    drawn, parents = {}, {}
    for match in pattern.finditer(errors.__doc__):
        depth = len(match["indent"]) // 4
        name = match["name"]
        if name.endswith(("Error", "Warning")):
            parents[depth] = name
            drawn[name] = {base for base in (parents.get(depth - 1) if depth else None, match["base"]) if base}
    actual = {name: {base.__name__ for base in getattr(errors, name).__bases__} for name in ERRORS}
    actual["FuserError"] -= {"Exception"}
    assert drawn == actual


def test_every_error_is_raised_somewhere(root):
    text = "\n".join(path.read_text() for path in (root / "fuser_core").rglob("*.py") if path.name != "errors.py")
    bases = {base.__name__ for name in ERRORS for base in getattr(errors, name).__bases__}
    unused = [name for name in ERRORS if name not in bases and not re.search(rf"{name}\(|warn\([^)]*{name}", text)]
    assert set(unused) <= {"FuserWarning"}
    assert "FuserWarning" in text
