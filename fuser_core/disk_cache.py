"""The disk cache: compiled code that outlives the process, for any backend.

One folder, owned by the user and closed to others, because what is in it gets executed. An entry is one file, named by
the digest of everything that the code depends on; it is written beside its place and moved there, so readers see all of
it or nothing, and it begins with a checksum, so what was cut short or damaged is no entry. Whatever goes wrong with the
folder (it is missing, read-only, full, somebody else's) means that nothing is cached, never an error.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import stat
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from fuser_core.log import logger

__all__ = ["DiskCache", "cache_folder", "digest", "disk_cache", "switched_off"]

_MAGIC = b"fuser_core 1\n"
_CHECKSUM = 16
_MOST_BYTES = 256 << 20
_FILL = 0.75
"""When the cache is over its bound, what was used longest ago goes until it is filled to this part."""

_HALF_DONE = ".new-"
_ENTRY = re.compile(rf"[0-9a-f]{{38}}|{re.escape(_HALF_DONE)}\w+")
"""The names of files that are ours to remove: the folder may be one that the user keeps other things in."""

_CHECK_EVERY = 32
"""Entries that a process writes between two looks at the size of the whole."""


def digest(*parts: bytes | str) -> str:
    """Return the name of an entry: a digest of everything that its content depends on."""
    hasher = blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()


class DiskCache:
    """A folder of entries.

    Args:
        folder: Where it is; made when the first entry is written.
        most_bytes: How large it may grow.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._written = 0
        self._refused: str | None = None

    def load(self, name: str) -> bytes | None:
        """Return the content of an entry; ``None`` when there is none, or it does not verify."""
        path = self._path(name)
        try:
            self._check_owner()
            content = path.read_bytes()
        except (OSError, PermissionError):
            return None
        head, payload = content[: len(_MAGIC) + _CHECKSUM], content[len(_MAGIC) + _CHECKSUM :]
        if head != _MAGIC + _checksum(payload):
            logger().info("the cache entry %s is damaged, so it is made again", path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the last use decides what goes first
        return payload

    def store(self, name: str, payload: bytes) -> None:
        """Write an entry; whoever writes it at the same time writes the same."""
        if self._refused is not None:
            return
        path = self._path(name)
        try:
            self._make_folder(path.parent)
            self._check_owner()
            self._write(path, payload)
        except OSError as error:
            self._refused = str(error)
            logger().info("nothing is cached in %s: %s", self.folder, error)
            return
        self._written += 1
        if self._written % _CHECK_EVERY == 1:
            self.trim()

    def trim(self) -> None:
        """Bring the folder below its bound, by what was used longest ago."""
        entries = sorted(self._entries())
        size = sum(entry[1] for entry in entries)
        if size <= self.most_bytes:
            return
        for _, length, path in entries:
            if size <= self.most_bytes * _FILL:
                return
            with contextlib.suppress(OSError):  # another process may have been first
                path.unlink()
            size -= length

    def clear(self) -> int:
        """Remove all entries and return how many there were."""
        paths = [path for _, _, path in self._entries()]
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink()
        return len(paths)

    def size(self) -> tuple[int, int]:
        """Return the number of entries and their size in bytes."""
        lengths = [length for _, length, _ in self._entries()]
        return len(lengths), sum(lengths)

    def obstacle(self) -> str | None:
        """Say why entries are not read, or not written; ``None`` where nothing is in the way."""
        try:
            self._check_owner()
        except FileNotFoundError:
            pass  # it is made when needed
        except OSError as error:
            return str(error)
        existing = next((path for path in (self.folder, *self.folder.parents) if path.exists()), self.folder)
        if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
            return None
        return f"nothing can be written to {existing}; set FUSER_CACHE_DIR to a folder of your own"

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """Yield the time of the last use, the length and the path of each entry, and of what a crash left half done."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if not _ENTRY.fullmatch(path.name):
                continue
            with contextlib.suppress(OSError):
                status = path.stat()
                yield status.st_mtime, status.st_size, path

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)

    def _check_owner(self) -> None:
        """Refuse a folder that others could have written to.

        Raises:
            PermissionError: It is not the user's own, or it is open to others.
        """
        if not hasattr(os, "geteuid"):
            return
        status = self.folder.stat()
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o022:
            raise PermissionError(f"{self.folder} is not yours alone; set FUSER_CACHE_DIR to a folder that is")

    @staticmethod
    def _write(path: Path, payload: bytes) -> None:
        import tempfile  # and six modules more, which reading does not need

        descriptor, temporary = tempfile.mkstemp(prefix=_HALF_DONE, dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MAGIC + _checksum(payload) + payload)
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise


def _checksum(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=_CHECKSUM).digest()


@functools.cache
def disk_cache() -> DiskCache | None:
    """Return the cache of this process, in `cache_folder`; ``None`` when ``FUSER_CACHE=0``, or without a folder."""
    folder = None if switched_off() else cache_folder()
    return None if folder is None else DiskCache(folder)


def switched_off() -> bool:
    """Say whether ``FUSER_CACHE=0`` keeps this process from using a cache."""
    return os.environ.get("FUSER_CACHE") == "0"


def cache_folder() -> Path | None:
    """Return ``FUSER_CACHE_DIR``, or else the folder that the system keeps for caches; ``None`` where it has none."""
    given = os.environ.get("FUSER_CACHE_DIR")
    if given:
        return Path(given)
    caches = _linux_caches()
    if caches is not None:
        return caches / "fuser_core"
    try:
        import platformdirs

        return platformdirs.user_cache_path("fuser_core", appauthor=False)
    except (ImportError, OSError, RuntimeError):
        return None


def _linux_caches() -> Path | None:
    """Return what `platformdirs` says of a usual Linux; importing it takes longer than fetching a kernel."""
    if sys.platform != "linux" or hasattr(sys, "getandroidapilevel") or "ANDROID_DATA" in os.environ:
        return None
    given, home = (Path(os.environ.get(name, "")) for name in ("XDG_CACHE_HOME", "HOME"))
    if given.is_absolute():
        return given
    return home / ".cache" if home.is_absolute() else None
