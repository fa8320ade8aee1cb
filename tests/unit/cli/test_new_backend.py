"""``fuser-core new-backend``: what it writes, and which names and places it refuses."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from fuser_core.errors import ArgumentError

ROOT = Path(__file__).parents[3]


def _texts(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(run, tmp_path):
    """``refused(name)`` returns the complaint about a name; nothing is written."""

    def complaint(name, into=tmp_path):
        before = _texts(tmp_path)
        status, out, err = run("new-backend", name, "--into", str(into))
        assert (status, out) == (2, "")
        assert _texts(tmp_path) == before
        return err

    return complaint


def test_what_is_written(run, tmp_path):
    status, out, err = run("new-backend", "acme_2d", "--into", str(tmp_path))
    assert (status, err) == (0, "")
    folder = tmp_path / "fuser-acme-2d"
    assert out.startswith(f"{folder}: a backend called acme_2d, with its hooks, its tests and all that pip needs.\n")
    assert f"cd {folder}\n" in out
    texts = _texts(folder)
    assert sorted(texts) == [
        ".github/workflows/test.yml",
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/fuser_acme_2d/__init__.py",
        "src/fuser_acme_2d/kernel.py",
        "src/fuser_acme_2d/operations.py",
        "src/fuser_acme_2d/py.typed",
        "tests/test_acme_2d.py",
        "tests/test_conformance.py",
    ]
    project = tomllib.loads(texts["pyproject.toml"])["project"]
    assert project["name"] == "fuser-acme-2d"
    assert project["entry-points"] == {"fuser_core.backends": {"acme_2d": "fuser_acme_2d"}}
    assert 'class TestAcme2d(BackendConformance):\n    backend = "acme_2d"\n' in texts["tests/test_conformance.py"]
    assert not [name for name, text in texts.items() if re.search(r"my.?backend", text, re.IGNORECASE)]


def test_what_is_written_is_named_in_its_readme(run, tmp_path):
    run("new-backend", "acme", "--into", str(tmp_path))
    folder = tmp_path / "fuser-acme"
    named = set(re.findall(r"^\| `(.*?)` \|", (folder / "README.md").read_text(), re.MULTILINE))
    assert named == {str(path.relative_to(folder)) for path in folder.rglob("*.py")}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("My engine", "; perhaps 'my_engine'"),
        ("my-engine", "; perhaps 'my_engine'"),
        ("2d", "; perhaps 'd'"),
        ("a__b", "; perhaps 'a_b'"),
        ("_a", "; perhaps 'a'"),
        ("é", ""),
        ("", ""),
        ("../up", "; perhaps 'up'"),
    ],
)
def test_names_that_cannot_be(refused, name, hint):
    assert refused(name) == (
        f"fuser-core: error: {name!r} is no name of a backend: it takes lower-case letters, digits and single "
        f"underscores, and begins with a letter, as in 'my_engine'{hint}\n"
    )


def test_words_of_python_are_no_names(refused):
    assert "'lambda' is a word of Python's, and no name of a backend; perhaps 'lambda_engine'" in refused("lambda")


def test_names_that_are_taken(refused):
    told = refused("fallback_numpy")
    assert re.search(r"a backend called 'fallback_numpy' is installed, from fuser-fallback-numpy \S+; choose ano", told)
    assert "there is a module fuser_core already, which is what the new one would be called; choose" in refused("core")


def test_what_is_there_is_left_alone(run, refused, tmp_path):
    (tmp_path / "fuser-acme").mkdir()
    (tmp_path / "fuser-acme" / "precious").write_text("work of years")
    assert f"{tmp_path / 'fuser-acme'} is already there, and nothing in it was changed; remove it" in refused("acme")
    (tmp_path / "fuser-other").write_text("a file")
    assert "is already there" in refused("other")


def test_where_there_is_no_folder(refused, tmp_path):
    told = refused("acme", tmp_path / "nowhere")
    assert f"there is no folder {str(tmp_path / 'nowhere')!r} to write into; make it first, or name another" in told


def test_where_nothing_can_be_written(monkeypatch, tmp_path):
    from fuser_core.cli.new_backend import Path, new_backend

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ArgumentError, match="fuser-acme cannot be written: Permission denied"):
        new_backend("acme", str(tmp_path))


@pytest.mark.parametrize("name", ["a", "acme", "zebra_of_a_long_name"])
def test_what_is_written_is_clean(run, tmp_path, name):
    pytest.importorskip("ruff")
    run("new-backend", name, "--into", str(tmp_path))
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = _tool(["ruff", *command], tmp_path / f"fuser-{name.replace('_', '-')}")
        assert done.returncode == 0, done.stdout


def test_what_is_written_is_typed(run, tmp_path):
    pytest.importorskip("mypy")
    run("new-backend", "acme", "--into", str(tmp_path))
    path = os.pathsep.join([str(ROOT), "src"])  # no type checker follows an editable install
    done = _tool(["mypy", "--follow-imports=silent"], tmp_path / "fuser-acme", MYPYPATH=path)
    assert done.returncode == 0, done.stdout


def _tool(arguments, folder, **variables):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, **variables},
    )
