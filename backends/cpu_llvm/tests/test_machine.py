"""Machine code out of the disk cache: the same kernel, without compiling; made again when it does not fit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fuser_core.backend import Constant
from fuser_core.disk_cache import DiskCache
from fuser_cpu_llvm import machine
from llvm_groups import Builder, Kernel, run


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskCache:
    own = DiskCache(tmp_path / "cache")
    monkeypatch.setattr(machine, "disk_cache", lambda: own)
    return own


def kernel(factor: float = 2.0) -> Kernel:
    builder = Builder()
    scaled = builder.apply("multiply", builder.input("f8"), Constant(np.float64(factor)), dtype="f8")
    return builder.kernel(builder.apply("sin", scaled, dtype="f8"))


def check(made: Kernel, factor: float = 2.0) -> None:
    x, out = np.linspace(0, 1, 1000), np.empty(1000)
    run(made, [x], [out], 1)
    np.testing.assert_allclose(out, np.sin(x * factor), rtol=1e-15)


def test_the_second_kernel_comes_from_disk(cache: DiskCache) -> None:
    first, second = kernel(), kernel()
    assert (first.from_disk, second.from_disk) == (False, True)
    check(second)
    assert first.artifacts == second.artifacts


def test_another_constant_is_another_kernel(cache: DiskCache) -> None:
    kernel(2.0)
    other = kernel(3.0)
    assert not other.from_disk
    check(other, 3.0)


def test_garbage_is_made_again(cache: DiskCache) -> None:
    kernel()
    for entry in cache.folder.glob("??/*"):
        entry.write_bytes(b"garbage")
    again = kernel()
    assert not again.from_disk
    check(again)


def test_another_processor_has_code_of_its_own(cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel()
    monkeypatch.setattr(machine, "processor", lambda: "another")
    assert not kernel().from_disk


def test_without_a_cache_it_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "disk_cache", lambda: None)
    made = kernel()
    assert not made.from_disk
    check(made)


def test_another_process_finds_it(tmp_path: Path) -> None:
    program = (
        "import numpy as np; from fuser_core import fuse\n"
        "f = fuse(lambda a: np.exp(a) * 3.25 + 1, backend='cpu_llvm')\n"
        "np.testing.assert_allclose(f(np.ones(50)), np.exp(np.ones(50)) * 3.25 + 1)\n"
        "print(f.last_run.cache)"
    )
    environment = {**os.environ, "FUSER_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["compiled", "disk"]
