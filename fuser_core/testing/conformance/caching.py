"""Standard tests of caches: what was compiled before, here or in another process, is found only where it is right."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuser_core.backend import CompileOptions, Decline
from fuser_core.disk_cache import disk_cache
from fuser_core.kernels import make_kernel
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import ConformanceBase, DType, multiply_add
from fuser_core.testing.runner import Runner
from fuser_core.testing.values import mixture

__all__ = ["CacheTests"]

_SECONDS = 60

_PROCESS = """
import sys
import numpy as np
from fuser_core.errors import FusionDeclinedError
from fuser_core.testing.conformance.base import multiply_add
from fuser_core.testing.runner import Runner, single
runner = Runner(sys.argv[1])
operands = [np.arange(1, 8).astype(sys.argv[2]), np.arange(2, 9).astype(sys.argv[2])]
for graph in (multiply_add(), single("subtract", 2), single("maximum", 2)):
    try:
        runner.check(graph, operands)
    except FusionDeclinedError:
        pass
assert not runner.plugin.defects, runner.plugin.defects
"""


class CacheTests(ConformanceBase):
    """Kernels that are made a second time."""

    @pytest.fixture
    def cache_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """An empty disk cache."""
        monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.delenv("FUSER_CACHE", raising=False)
        disk_cache.cache_clear()
        yield tmp_path / "cache"
        monkeypatch.undo()
        disk_cache.cache_clear()

    def test_disk_cache(self, runner: Runner, basic_dtype: DType, cache_folder: Path) -> None:
        """Kernels are right with an empty cache, from a full one, and where every entry of it is damaged."""
        operands = [mixture(basic_dtype, (1003,), seed) for seed in (1, 2)]
        (expected,) = expect(multiply_add(), operands)
        (bound,) = runner.program(multiply_add(), operands).groups
        for state in ("empty", "full", "damaged"):
            if state == "damaged":
                for path in (path for path in cache_folder.rglob("*") if path.is_file()):
                    path.write_bytes(path.read_bytes()[:-3] + b"\x00\xff\x00")
            kernel, _ = make_kernel(runner.plugin, bound.group, runner.plugin.options_for(CompileOptions()))
            assert not isinstance(kernel, Decline), f"it declined a group that it had compiled before: {kernel}"
            expected.check(runner.launch(kernel, bound.group, operands), f"the result with the disk cache {state}")
        assert not runner.plugin.defects, runner.plugin.defects

    def test_processes_share_a_cache(self, runner: Runner, basic_dtype: DType, cache_folder: Path) -> None:
        """One process after the other computes the same; what the first has stored is right for the second."""
        if not runner.placement.on_host:
            pytest.skip("the arrays of a device are made by the test's own process")
        if " " not in runner.plugin.distribution or runner.plugin.distribution.startswith("added "):
            pytest.skip("no other process finds a backend that was added in this one")
        environment = dict(os.environ, FUSER_CACHE_DIR=str(cache_folder))
        command = [sys.executable, "-c", _PROCESS, runner.name, basic_dtype.str]
        for which in ("first", "second"):
            done = subprocess.run(  # noqa: S603 - ours
                command, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
            )
            assert done.returncode == 0, f"the {which} process failed:\n{done.stderr[-2000:]}"

    def test_options_are_kept_apart(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel that was compiled with ``fast_math`` does not serve those who asked for strict results."""
        operands = [mixture(basic_dtype, (1003,), seed) for seed in (1, 2)]
        (expected,) = expect(multiply_add(), operands)
        (bound,) = runner.program(multiply_add(), operands).groups
        runner.compile(bound.group, fast_math=True)
        strict = runner.compile(bound.group)
        expected.check(runner.launch(strict, bound.group, operands), "the strict result, after fast_math")
