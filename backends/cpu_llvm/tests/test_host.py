"""What LLVM is told of this processor: names it does not know or that promise too much still give code that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import llvmlite.binding as llvm
import pytest

from fuser_cpu_llvm.host import host_features, host_target


class _Features(dict[str, bool]):
    """What LLVM would say it has found."""


def _flags(text: str) -> set[str]:
    return set(text.split(","))


def test_what_the_processor_lacks_is_said_too() -> None:
    _, features = host_target()
    told = _flags(features)
    assert told == {f"{'+' if has else '-'}{name}" for name, has in llvm.get_host_cpu_features().items()}


@pytest.mark.parametrize("nothing", ["no features", "an error"])
def test_without_features_there_is_no_name_either(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def find() -> _Features:
        if nothing == "an error":
            raise RuntimeError("failed to get host cpu features.")
        return _Features()

    monkeypatch.setattr(llvm, "get_host_cpu_features", find)
    assert host_features() == {}
    assert host_target() == ("", "")


def test_features_that_would_end_the_process_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _Features({"64bit": False, "sse2": False, "avx2": False, "fma": True, "": True, "a b": True, "x,+y": False})
    monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: found)
    assert host_target()[1] == "+64bit,-avx2,+fma,+sse2"


PROGRAM = """
import sys
import llvmlite.binding as llvm

{patch}

import numpy as np
from fuser_core import fuse

x, i = np.linspace(0, 5, 1003), np.arange(1003)
reals = fuse(lambda a, b: np.sin(a) * b + np.exp(b) // (a + 3), backend="cpu_llvm")
np.testing.assert_allclose(reals(x, x), np.sin(x) * x + np.exp(x) // (x + 3), rtol=1e-14)
halves = fuse(lambda a: a * 3, backend="cpu_llvm")
np.testing.assert_array_equal(halves(x.astype("f2")), x.astype("f2") * 3)
integers = fuse(lambda a, b: (a // b).sum() + (a * b).max(), backend="cpu_llvm")
assert integers(i, i + 1) == (i // (i + 1)).sum() + (i * (i + 1)).max()
print("wide" if "%zmm" in reals.code(x, x) else "narrow")
"""


def _run(patch: str) -> str:
    environment = {**os.environ, "FUSER_CACHE": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    program = PROGRAM.format(patch=textwrap.dedent(patch))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["generic", "", "nonsense", "nehalem", "znver5", "sapphirerapids", "apple-m4"])
def test_any_name_gives_code_that_runs(name: str) -> None:
    said = _run(f"llvm.get_host_cpu_name = lambda: {name!r}")
    if not host_features().get("avx512f"):
        assert said == "narrow"


def test_without_features_code_runs_too() -> None:
    patch = """
        llvm.get_host_cpu_name = lambda: "sapphirerapids"
        llvm.get_host_cpu_features = llvm.targets.FeatureMap
    """
    assert _run(patch) == "narrow"


def test_unknown_features_are_ignored() -> None:
    patch = """
        found = llvm.get_host_cpu_features()
        llvm.get_host_cpu_features = lambda: llvm.targets.FeatureMap(found, nonsense=True)
    """
    _run(patch)
