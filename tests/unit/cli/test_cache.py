"""``fuser-core cache``: what it says of the folder, and that clearing removes entries and nothing else."""

import json

import pytest

from fuser_core import disk_cache
from fuser_core.cli import cache as command
from fuser_core.disk_cache import DiskCache, digest


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("FUSER_CACHE", raising=False)
    return DiskCache(tmp_path / "cache")


def _fill(cache, count):
    for number in range(count):
        cache.store(digest(str(number)), bytes(1000))


def test_what_is_in_it(run, cache):
    _fill(cache, 3)
    status, out, err = run("cache")
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["folder", str(cache.folder)],
        ["entries", "3"],
        ["bytes", f"{cache.size()[1]:,}"],
        ["limit", "268,435,456"],
    ]


def test_as_json(run, cache):
    _fill(cache, 2)
    told = json.loads(run("cache", "--json")[1])
    size = cache.size()[1]
    assert told == {"folder": str(cache.folder), "entries": 2, "bytes": size, "limit": 256 << 20, "disabled": None}
    assert json.loads(run("cache", "clear", "--json")[1]) == {
        "folder": str(cache.folder),
        "removed": 2,
        "bytes": size,
        "left": 0,
    }


def test_clearing(run, cache):
    _fill(cache, 3)
    size = cache.size()[1]
    assert run("cache", "clear") == (0, f"Removed 3 entries of {size:,} bytes from {cache.folder}.\n", "")
    assert cache.size() == (0, 0)
    assert run("cache", "clear")[1].startswith("Removed 0 entries of 0 bytes from ")
    _fill(cache, 1)
    assert run("cache", "clear")[1].startswith("Removed 1 entry of ")


def test_clearing_leaves_the_files_of_others(run, cache):
    _fill(cache, 2)
    kept = [cache.folder / "go" / "main.go", cache.folder / "ab" / "notes.txt", cache.folder / "README"]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    assert run("cache", "clear")[1].startswith("Removed 2 entries ")
    assert [path.read_text() for path in kept] == ["mine"] * 3


def test_what_cannot_be_removed_is_told(run, cache, monkeypatch):
    _fill(cache, 2)
    monkeypatch.setattr(disk_cache.DiskCache, "clear", lambda _: 0)
    status, out, _ = run("cache", "clear")
    assert status == 1
    assert out.splitlines()[1] == "2 entries could not be removed; you may lack the right to write there."


def test_switched_off(run, cache, monkeypatch):
    _fill(cache, 2)
    monkeypatch.setenv("FUSER_CACHE", "0")
    status, out, _ = run("cache")
    assert status == 0
    assert out.splitlines()[-1] == "It is not used: FUSER_CACHE=0 stands in the environment."
    assert run("cache", "clear")[1].startswith("Removed 2 entries ")


@pytest.mark.skipif(not hasattr(disk_cache.os, "geteuid"), reason="no owners on this system")
def test_a_folder_open_to_others(run, cache):
    _fill(cache, 1)
    cache.folder.chmod(0o777)
    told = json.loads(run("cache", "--json")[1])
    assert told["disabled"] == f"{cache.folder} is not yours alone; set FUSER_CACHE_DIR to a folder that is"


def test_a_folder_that_cannot_be_made(run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    told = json.loads(run("cache", "--json")[1])
    assert told["entries"] == 0
    assert told["disabled"].startswith((f"nothing can be written to {tmp_path / 'file'};", "[Errno 20]"))


def test_a_folder_that_is_read_only(cache, monkeypatch):
    _fill(cache, 1)
    assert cache.obstacle() is None
    monkeypatch.setattr(disk_cache.os, "access", lambda *_: False)
    assert cache.obstacle() == f"nothing can be written to {cache.folder}; set FUSER_CACHE_DIR to a folder of your own"


def test_a_system_without_a_folder_for_caches(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(command, "cache_folder", lambda: None)
    assert run("cache")[:2] == (
        0,
        "It is not used: this system says of no folder for caches; set FUSER_CACHE_DIR to one.\n",
    )
    assert run("cache", "clear")[:2] == (
        0,
        "There is no cache: this system says of no folder for caches; set FUSER_CACHE_DIR to one.\n",
    )


def test_anything_else_to_do_with_it_is_wrong_usage(run, capsys):
    with pytest.raises(SystemExit):
        run("cache", "empty")
    assert "invalid choice: 'empty' (choose from" in capsys.readouterr().err
