"""Calls that machine code serves notice every change of what their function reads, and of the settings."""

from __future__ import annotations

import types
from typing import Any

import pytest

from fuser_core import fuse, use_backends
from llvm_calls import a, needs_entry, ready, same

pytestmark = needs_entry


scale = 2.0


def test_what_the_function_reads_is_watched() -> None:
    global scale  # noqa: PLW0603 - what the test is about
    module = types.ModuleType("module")
    module.factor = 3.0
    inner = 1.0

    def function(x: Any, y: Any = 5.0, *, z: float = 7.0) -> Any:
        return x * scale + module.factor + inner + y + z + len(x.shape)

    fused = ready(function, a)

    def check() -> None:
        same(fused(a), function(a))
        fused(a)
        fused(a)
        assert fused.last_run.direct
        same(fused(a), function(a))

    try:
        scale = 4.0
        check()
        module.factor = 11.0
        check()
        inner = 13.0
        check()
        function.__defaults__ = (17.0,)
        check()
        function.__kwdefaults__["z"] = 19.0
        check()
        function.__kwdefaults__ = {"z": 23.0}
        check()
        globals()["len"] = lambda shape: 29.0
        same(fused(a), function(a))
        del globals()["len"]
        check()
    finally:
        scale = 2.0
        globals().pop("len", None)


def test_new_code_is_seen() -> None:
    def function(x: Any) -> Any:
        return x * scale

    fused = ready(function, a)
    function.__code__ = (lambda x: x - scale).__code__
    same(fused(a), a - scale)


def test_settings_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    fused = fuse(lambda x: x * 2)
    for _ in range(3):
        fused(a)
    assert fused.last_run.direct
    with use_backends("fallback_numpy"):
        fused(a)
        assert fused.last_run.backend == "fallback_numpy"
    fused(a)
    assert fused.last_run.direct
    monkeypatch.setenv("FUSER_BACKENDS", "fallback_numpy")
    fused(a)
    assert fused.last_run.backend == "fallback_numpy"
    monkeypatch.delenv("FUSER_BACKENDS")
    fused(a)
    assert fused.last_run.direct


def test_flags_are_watched() -> None:
    from fuser_core.interface import override_can_fuse_on_cpu

    fused = fuse(lambda x: x * 3)
    for _ in range(3):
        fused(a)
    assert fused.last_run.direct
    override_can_fuse_on_cpu(False)
    fused(a)
    assert fused.last_run.backend == "fallback_numpy"
    override_can_fuse_on_cpu(True)
    fused(a)
    fused(a)
    assert fused.last_run.backend == "cpu_llvm"
