"""Kernels that the core stores for a backend: another process makes them again without compiling, or compiles anew."""

import pickle

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse
from fuser_core.backend import CompileOptions, Decline, Device, hookimpl
from fuser_core.discovery import registry
from fuser_core.disk_cache import disk_cache
from fuser_core.kernels import _slots
from fuser_core.kernels import compile_group as compile_once
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel, installed

X = np.arange(4.0)


class Storing(AcceptingBackend):
    compiler = "abacus 1"

    def __init__(self, **options):
        super().__init__(**options)
        self.restored = 0

    @hookimpl
    def cache_token(self, device):
        return self.compiler

    @hookimpl
    def save(self, kernel):
        return pickle.dumps(kernel.group.outputs)

    @hookimpl
    def restore(self, code, group, options):
        assert pickle.loads(code) == group.outputs  # noqa: S301 - the cache is ours
        self.restored += 1
        return FakeKernel(group)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path / "cache"))
    disk_cache.cache_clear()
    yield
    monkeypatch.undo()
    disk_cache.cache_clear()


@pytest.fixture
def group():
    """The group of ``x * 2 + 1``."""
    plugin = AcceptingBackend(priority=10**6)
    with installed("maker", plugin):
        fuse(lambda x: x * 2 + 1)(X)
    return plugin.compiled[0]


def _compile(plugin, group, options=CompileOptions()):  # noqa: B008 - immutable
    """Compile as a fresh process would."""
    with installed("storing", plugin):
        (loaded,) = [record.plugin for record in registry.records() if record.name == "storing"]
        compiled, _ = compile_once(loaded, group, options)
        _slots.clear()
    return compiled


def test_the_second_process_compiles_nothing(group):
    first, second = Storing(), Storing()
    assert not _compile(first, group).from_disk
    assert _compile(second, group).from_disk
    assert (len(first.compiled), first.restored) == (1, 0)
    assert (len(second.compiled), second.restored) == (0, 1)


def test_last_run_says_where_kernels_came_from(group):
    for origin in ("compiled", "disk"):
        fused = fuse(lambda x: x * 2 + 1, backend="storing")
        with installed("storing", Storing()):
            np.testing.assert_array_equal(fused(X), X * 2 + 1)
            assert fused.last_run.cache == origin


def test_another_token_is_another_kernel(group):
    _compile(Storing(), group)
    newer = Storing()
    newer.compiler = "abacus 2"
    assert not _compile(newer, group).from_disk


def test_other_options_are_another_kernel(group):
    _compile(Storing(), group)
    assert not _compile(Storing(), group, CompileOptions(fast_math=True)).from_disk


def test_a_damaged_entry_is_compiled_anew(group, tmp_path):
    _compile(Storing(), group)
    (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
    entry.write_bytes(entry.read_bytes()[:-1])
    plugin = Storing()
    assert not _compile(plugin, group).from_disk
    assert plugin.restored == 0


def test_what_it_declines_to_restore_is_compiled(group):
    class Choosy(Storing):
        @hookimpl
        def restore(self, code, group, options):
            return Decline("it was made for another abacus")

    _compile(Storing(), group)
    plugin = Choosy()
    assert not _compile(plugin, group).from_disk
    assert len(plugin.compiled) == 1


@pytest.mark.parametrize("hook", ["cache_token", "save"])
def test_what_it_declines_to_store_is_not(group, hook, tmp_path):
    plugin = type("Shy", (Storing,), {hook: hookimpl(_declining(hook))})()
    assert not _compile(plugin, group).from_disk
    assert not list(tmp_path.glob("cache/*"))


def _declining(hook):
    if hook == "save":
        return lambda self, kernel: Decline("not this one")
    return lambda self, device: Decline("not here")


@pytest.mark.parametrize(
    ("hook", "function", "told"),
    [
        ("cache_token", lambda self, device: 3, "its hook cache_token returned 3 instead of a text or a Decline"),
        ("save", lambda self, kernel: "text", "its hook save returned 'text' instead of bytes or a Decline"),
        ("save", lambda self, kernel: 1 // 0, "its hook save raised ZeroDivisionError"),
        ("restore", lambda self, code, group, options: None, "its hook restore returned None instead of a kernel"),
    ],
)
def test_nonsense_is_a_defect_and_the_kernel_is_compiled(group, hook, function, told):
    if hook == "restore":
        _compile(Storing(), group)
    plugin = type("Odd", (Storing,), {hook: hookimpl(function)})()
    with pytest.warns(FuserWarning, match=told):
        compiled = _compile(plugin, group)
    assert not compiled.from_disk
    assert len(plugin.compiled) == 1


def test_a_plugin_without_these_hooks_is_not_asked(group, tmp_path):
    _compile(AcceptingBackend(), group)
    assert not list(tmp_path.glob("cache/*"))


def test_the_token_is_asked_for_the_device_of_the_group(group):
    class Curious(Storing):
        @hookimpl
        def cache_token(self, device):
            assert device == Device("cpu")
            return "abacus"

    assert not _compile(Curious(), group).from_disk
    assert _compile(Curious(), group).from_disk
