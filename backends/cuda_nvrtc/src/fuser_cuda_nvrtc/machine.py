"""Machine code by what it is made from: out of the disk cache, or compiled now and put there."""

from __future__ import annotations

import functools
from pathlib import Path

from fuser_core.backend import CompileOptions
from fuser_core.disk_cache import digest, disk_cache
from fuser_cuda_nvrtc import nvrtc
from fuser_cuda_nvrtc.nvrtc import Target

__all__ = ["cache_name", "code_for", "machine_code"]


def machine_code(text: str, target: Target, options: CompileOptions) -> tuple[bytes, bool]:
    """Return the code of a text, and whether an earlier process compiled it.

    Raises:
        CompilationError: NVRTC refuses the text.
    """
    cache = disk_cache()
    name = "" if cache is None else cache_name(text, target, options)
    code = None if cache is None else cache.load(name)
    if code is not None:
        return code, True
    code = nvrtc.assemble(text, target, options)
    if cache is not None:
        cache.store(name, code)
    return code, False


def code_for(text: str, sm: int, options: CompileOptions) -> tuple[bytes, bool]:
    """Return the code of a text for a device, as `machine_code` does."""
    return machine_code(text, nvrtc.target_for(sm), options)


def cache_name(text: str, target: Target, options: CompileOptions) -> str:
    """Return the name of an entry: the text, what it is compiled for, how, and by which compiler."""
    return digest("cuda_nvrtc", text, target.architecture, " ".join(nvrtc.flags(target, options)), _compiler())


@functools.cache
def _compiler() -> str:
    """Return what tells this NVRTC from others: its version, and its library's size, which builds of one differ in."""
    return f"{nvrtc.version()} {_library_size()}"


def _library_size() -> int:
    import importlib.util

    found = importlib.util.find_spec("nvidia")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    files = [file for place in places for file in Path(place).glob("*/lib/libnvrtc.so*")]
    return sum(file.stat().st_size for file in files)
