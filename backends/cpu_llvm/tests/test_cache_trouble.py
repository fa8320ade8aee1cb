"""Trouble with the folder of the disk cache: kernels are compiled as if there were none, without a complaint."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
{before}
from fuser_core import fuse

f = fuse(lambda a: np.exp(a) * 3.25 + 1, backend="cpu_llvm")
x = np.linspace(0, 1, 50)
np.testing.assert_allclose(f(x), np.exp(x) * 3.25 + 1, rtol=1e-15)
print(f.last_run.cache)
"""


def _start(folder: Path, before: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "FUSER_CACHE_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-W", "error", "-c", PROGRAM.format(before=before)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _said(child: subprocess.Popen[str]) -> str:
    said, complaint = child.communicate(timeout=120)
    assert (child.returncode, complaint) == (0, "")
    return said.strip()


def _entries(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.glob("??/*") if path.is_file())


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))"
READ_ONLY = """
import errno, os, tempfile
def refuse(*_, **__):
    raise OSError(errno.EROFS, "Read-only file system")
os.mkdir = tempfile.mkstemp = refuse
"""


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(FULL, marks=pytest.mark.skipif(sys.platform == "win32", reason="no limits there"), id="full"),
        pytest.param(READ_ONLY, id="read-only"),
    ],
)
def test_a_folder_that_takes_nothing(tmp_path: Path, before: str) -> None:
    assert _said(_start(tmp_path / "cache", before)) == "compiled"
    assert _entries(tmp_path / "cache") == []


def test_a_full_folder_is_still_read(tmp_path: Path) -> None:
    assert _said(_start(tmp_path / "cache")) == "compiled"
    before = _entries(tmp_path / "cache")
    assert _said(_start(tmp_path / "cache", READ_ONLY)) == "disk"
    assert _entries(tmp_path / "cache") == before


@pytest.mark.parametrize("where", ["file", "file/cache"])
def test_a_folder_that_is_none(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("mine")
    assert _said(_start(tmp_path / where)) == "compiled"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners on this system")
@pytest.mark.parametrize("whose", ["open to others", "of somebody else"])
def test_a_folder_that_is_not_the_users_alone(tmp_path: Path, whose: str) -> None:
    assert _said(_start(tmp_path)) == "compiled"
    before = {path: path.read_bytes() for path in _entries(tmp_path)}
    assert before
    stranger = "import os; me = os.geteuid(); os.geteuid = lambda: me + 1"
    if whose == "open to others":
        tmp_path.chmod(0o777)
    assert _said(_start(tmp_path, stranger if whose == "of somebody else" else "")) == "compiled"
    assert {path: path.read_bytes() for path in _entries(tmp_path)} == before


def test_damaged_entries_are_made_again(tmp_path: Path) -> None:
    assert _said(_start(tmp_path)) == "compiled"
    contents = {path: path.read_bytes() for path in _entries(tmp_path)}
    for path, content in contents.items():
        path.write_bytes(content[: len(content) // 2])
    assert _said(_start(tmp_path)) == "compiled"
    assert {path: path.read_bytes() for path in _entries(tmp_path)} == contents


def test_folders_in_the_place_of_entries_are_let_be(tmp_path: Path) -> None:
    assert _said(_start(tmp_path)) == "compiled"
    for path in _entries(tmp_path):
        path.unlink()
        path.mkdir()
    assert _said(_start(tmp_path)) == "compiled"


def test_a_folder_that_goes_away_is_made_again(tmp_path: Path) -> None:
    before = """
import shutil
from fuser_core import fuse
fuse(lambda a: np.sin(a) * 7.5, backend="cpu_llvm")(np.ones(3))
shutil.rmtree({!r})
"""
    assert _said(_start(tmp_path / "cache", before.format(str(tmp_path / "cache")))) == "compiled"
    assert _said(_start(tmp_path / "cache")) == "disk"


def test_eight_processes_write_the_same(tmp_path: Path) -> None:
    children = [_start(tmp_path / "cache") for _ in range(8)]
    assert {_said(child) for child in children} <= {"compiled", "disk"}
    written = {path.name: path.read_bytes() for path in _entries(tmp_path / "cache")}
    assert _said(_start(tmp_path / "alone")) == "compiled"
    assert {path.name: path.read_bytes() for path in _entries(tmp_path / "alone")} == written
    assert _said(_start(tmp_path / "cache")) == "disk"
