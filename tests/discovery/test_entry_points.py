"""Entry points: what is found, when, and in which state."""

# ruff: noqa: PT031  the warning and the result are checked together

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse, refresh_backends, use_backends
from fuser_core.discovery import State, registry
from fuser_core.errors import PluginLoadError, UnknownBackendError
from fuser_core.testing.fakes import make_distribution

X = np.arange(3.0)


def test_an_installed_backend_is_found(provide, load):
    provide()
    records, messages = load()
    record = records["fake"]
    assert record.state is State.LOADED
    assert record.distribution == "fake-backend 1.0"
    assert record.reason == ""
    assert record.plugin.name == "fake"
    assert messages == []


def test_records_are_sorted_by_name(provide, load):
    provide(distribution="z-dist", backend="zebra", module="zebra_module")
    provide(distribution="a-dist", backend="aardvark", module="aardvark_module")
    records, _ = load()
    assert list(records) == sorted(records)
    assert {"aardvark", "zebra", "fallback_numpy"} <= set(records)


def test_a_module_can_be_the_plugin(provide, load):
    source = (
        "from fuser_core.backend import Accept, Role, hookimpl\n"
        "FUSER_API = 1\nROLE = Role.COMPILER\n"
        "@hookimpl\ndef has_fusion_backend(device):\n    return Accept()\n"
        "@hookimpl(specname='compile')\ndef compile_group(group):\n    return object()\n"
        "@hookimpl\ndef launch(kernel, inputs, outputs):\n    pass\n"
    )
    provide(attribute="", source=source)
    records, messages = load()
    assert records["fake"].state is State.LOADED
    assert messages == []


def test_backends_are_loaded_once(provide, load):
    provide()
    first = load()[0]["fake"]
    assert load()[0]["fake"] is first


def test_a_disabled_backend_is_not_imported(provide, load, monkeypatch):
    provide(source="raise AssertionError('imported')")
    monkeypatch.setenv("FUSER_DISABLE", "other, fake")
    records, messages = load()
    assert records["fake"].state is State.DISABLED
    assert records["fake"].reason == "named in FUSER_DISABLE"
    assert records["fake"].plugin is None
    assert messages == []


def test_the_environment_is_read_at_first_use(provide, load, monkeypatch):
    provide()
    monkeypatch.setenv("FUSER_DISABLE", "fake")
    assert load()[0]["fake"].state is State.DISABLED
    monkeypatch.setenv("FUSER_DISABLE", "")
    refresh_backends()
    assert load()[0]["fake"].state is State.LOADED


def test_a_refresh_finds_what_was_installed_since(provide, load):
    assert "fake" not in load()[0]
    provide()
    assert "fake" in load()[0]


def test_a_refreshed_registry_serves_the_next_call(provide):
    fused = fuse(lambda x: x * 2 + 1)
    fused(X)
    assert fused.last_run.backend == "fallback_numpy"
    provide()
    fused(X)
    assert fused.last_run.backend == "fake"


def test_one_name_from_two_distributions_is_refused(provide, load):
    provide(distribution="fake-one", version="1.0", module="module_one")
    provide(distribution="fake-two", version="2.0", module="module_two")
    records, messages = load()
    assert records["fake"].state is State.FAILED
    both = "fake-one 1.0 and fake-two 2.0: both provide a backend of this name; uninstall one of them"
    assert records["fake"].reason == both
    assert messages == [f"fuser_core backend 'fake': {both}"]


def test_one_name_from_two_distributions_raises_under_strict(provide, monkeypatch):
    provide(distribution="fake-one", module="module_one")
    provide(distribution="fake-two", module="module_two")
    monkeypatch.setenv("FUSER_STRICT", "1")
    with pytest.raises(PluginLoadError, match=r"fake-one 1.0 and fake-two 1.0: both provide"):
        registry.records()


def test_the_same_distribution_seen_twice_is_no_contest(provide, load, tmp_path, monkeypatch):
    provide()
    monkeypatch.syspath_prepend(make_distribution(tmp_path / "again"))
    refresh_backends()
    assert load()[0]["fake"].state is State.LOADED


def test_an_unknown_name_is_told_with_a_guess():
    with pytest.raises(UnknownBackendError) as caught:
        fuse(backend="fallback_nmupy")(lambda x: x + 1)(X)
    text = str(caught.value)
    assert text.startswith("no backend named 'fallback_nmupy' is installed; did you mean 'fallback_numpy'? installed: ")
    assert "fallback_numpy" in text.split("installed: ")[1]


def test_an_unknown_name_without_a_guess():
    with pytest.raises(UnknownBackendError, match="no backend named 'quux' is installed; installed: "):
        fuse(backend="quux")(lambda x: x + 1)(X)


@pytest.mark.parametrize("where", ["environment", "context"])
def test_an_unknown_name_in_the_order_is_told(where, monkeypatch):
    fused = fuse(lambda x: x + 1)
    if where == "environment":
        monkeypatch.setenv("FUSER_BACKENDS", "quux")
        with pytest.raises(LookupError, match="no backend named 'quux'"):
            fused(X)
    else:
        with use_backends("quux"), pytest.raises(LookupError, match="no backend named 'quux'"):
            fused(X)


def test_a_failed_load_is_warned_of_once(provide):
    provide(source="raise RuntimeError('no such driver')")
    with pytest.warns(FuserWarning) as caught:
        registry.records()
        registry.records()
        fuse(lambda x: x + 1)(X)
    assert len(caught) == 1
