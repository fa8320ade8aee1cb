"""Machine code by what it is made from: out of the disk cache, or assembled now and put there."""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from fuser_core.disk_cache import digest, disk_cache

__all__ = ["Machine", "processor"]


class Machine:
    """The functions of one module. While one of them may run, keep the object.

    Attributes:
        from_disk: Whether the code was in the cache.
    """

    def __init__(self, source: str, text: Callable[[], str], names: Sequence[str]) -> None:
        """Find the code or make it.

        Args:
            source: Says all that the module depends on, but for the processor and for versions.
            text: Writes the module's IR.
            names: The functions whose addresses will be asked for.
        """
        from fuser_cpu_llvm.jit import Loaded, assemble

        cache = disk_cache()
        name = digest(_package(), version("llvmlite"), processor(), source)
        code = None if cache is None else cache.load(name)
        self.from_disk = code is not None
        if code is None:
            code = assemble(text())
            if cache is not None:
                cache.store(name, code)
        self._loaded = Loaded(code, names)

    def address(self, name: str) -> int:
        """Return the address of a function."""
        return self._loaded.address(name)


@functools.cache
def _package() -> str:
    """Return a digest of this package, which decides what IR a source becomes."""
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".ll"))
    return digest(*[path.read_bytes() for path in files])


@functools.cache
def processor() -> str:
    """Return what tells this processor from others for which code would be assembled differently."""
    facts = [platform.system(), platform.machine()]
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return " ".join([*facts, platform.processor()])
    wanted = ("vendor_id", "cpu family", "model", "model name", "flags", "CPU implementer", "CPU part", "Features")
    found = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines if ":" in line}
    return " ".join([*facts, *[found.get(key, "") for key in wanted]])
