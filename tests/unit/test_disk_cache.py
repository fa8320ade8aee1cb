"""The disk cache: what is stored comes back whole or not at all, and no trouble with the folder is an error."""

import os
import threading
import time

import pytest

from fuser_core import disk_cache as module
from fuser_core.disk_cache import DiskCache, cache_folder, digest, disk_cache

NAME = digest("some", b"thing")


@pytest.fixture
def cache(tmp_path):
    return DiskCache(tmp_path / "new" / "cache")


@pytest.fixture(autouse=True)
def _forget_the_cache_of_the_process():
    disk_cache.cache_clear()
    yield
    disk_cache.cache_clear()


def test_names_tell_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab") == digest(b"ab")
    assert len(NAME) == 40


def test_what_is_stored_comes_back(cache):
    assert cache.load(NAME) is None
    cache.store(NAME, b"code")
    assert cache.load(NAME) == b"code"
    assert DiskCache(cache.folder).load(NAME) == b"code"
    assert cache.size()[0] == 1
    assert cache.clear() == 1
    assert cache.load(NAME) is None


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-1], lambda data: data[:20] + b"x" + data[21:]]
)
def test_a_damaged_entry_is_none(cache, damage):
    cache.store(NAME, b"code" * 10)
    (entry,) = cache.folder.glob("??/*")
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.load(NAME) is None
    cache.store(NAME, b"code")
    assert cache.load(NAME) == b"code"


def test_the_folder_is_closed_to_others(cache):
    cache.store(NAME, b"code")
    assert cache.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners on this system")
def test_a_folder_that_others_can_write_to_is_not_trusted(cache):
    cache.store(NAME, b"code")
    cache.folder.chmod(0o777)
    assert cache.load(NAME) is None
    other = digest("another")
    cache.store(other, b"code")
    cache.folder.chmod(0o700)
    assert cache.load(other) is None
    assert cache.load(NAME) == b"code"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners on this system")
def test_a_folder_of_somebody_else_is_not_trusted(cache, monkeypatch):
    cache.store(NAME, b"code")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.load(NAME) is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    cache = DiskCache(tmp_path / "file" / "cache")
    cache.store(NAME, b"code")
    cache.store(NAME, b"code")
    assert cache.load(NAME) is None
    assert cache.size() == (0, 0)


def test_a_full_disk_leaves_nothing_behind(cache, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.Path, "replace", refuse)
    cache.store(NAME, b"code")
    assert list(cache.folder.glob("??/*")) == []


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = DiskCache(tmp_path / "cache", most_bytes=1000)
    names = [digest(str(number)) for number in range(10)]
    for age, name in enumerate(names):
        cache.store(name, bytes(150))
        path = cache._path(name)
        os.utime(path, (time.time() - 100 + age,) * 2)
    cache.load(names[0])
    cache.trim()
    assert cache.load(names[0]) is not None
    assert cache.load(names[1]) is None
    assert cache.load(names[9]) is not None
    assert cache.size()[1] <= 1000


def test_writers_beside_each_other(cache):
    wrong = []

    def work():
        for number in range(100):
            name = digest(str(number % 7))
            cache.store(name, bytes([number % 7]) * 5000)
            found = cache.load(name)
            if found is not None and found != bytes([number % 7]) * 5000:
                wrong.append(number)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert cache.size()[0] == 7


def test_the_environment_says_where_and_whether(monkeypatch, tmp_path):
    monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path))
    found = disk_cache()
    assert found is not None
    assert found.folder == tmp_path
    disk_cache.cache_clear()
    monkeypatch.setenv("FUSER_CACHE", "0")
    assert disk_cache() is None


@pytest.mark.parametrize("home", ["/somewhere", "relative", "", None])
@pytest.mark.parametrize("caches", ["/caches", "/caches/deeper/", "relative", "", None])
def test_by_default_it_is_where_platformdirs_says(monkeypatch, home, caches):
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.delenv("FUSER_CACHE_DIR", raising=False)
    for name, value in (("HOME", home), ("XDG_CACHE_HOME", caches)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert cache_folder() == platformdirs.user_cache_path("fuser_core", appauthor=False)


def test_other_files_in_the_folder_are_never_removed(tmp_path):
    kept = [tmp_path / "go" / "main.go", tmp_path / "ab" / "notes", tmp_path / "ab" / ("f" * 39)]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(500))
    cache = DiskCache(tmp_path, most_bytes=1000)
    for number in range(10):
        cache.store(digest(str(number)), bytes(150))
    assert cache.size()[0] == 10
    cache.trim()
    assert cache.size()[1] <= 1000
    cache.clear()
    assert all(path.exists() for path in kept)


def test_what_a_crash_left_half_done_is_removed(cache, monkeypatch):
    cache.store(NAME, b"code")
    monkeypatch.setattr(module.Path, "replace", lambda *_: None)
    cache.store(digest("another"), b"code")
    assert cache.size()[0] == 2
    assert cache.clear() == 2
    assert [path for path in cache.folder.glob("??/*") if path.is_file()] == []
