"""Distributions with damaged metadata, and names that are claimed more than once: told, and nobody else suffers."""

import numpy as np
import pytest

from fuser_core import fuse, refresh_backends
from fuser_core.discovery import State, registry
from fuser_core.errors import ArgumentError, PluginLoadError
from fuser_core.testing.fakes import AcceptingBackend

X = np.arange(3.0)


@pytest.fixture
def damage(tmp_path, monkeypatch):
    """``damage(text)`` installs a distribution with this text in its entry points."""

    def install(text, *, metadata="Metadata-Version: 2.1\nName: damaged\nVersion: 3.2\n"):
        folder = tmp_path / "damaged"
        info = folder / "damaged-3.2.dist-info"
        info.mkdir(parents=True)
        if metadata is not None:
            (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.syspath_prepend(folder)
        refresh_backends()

    return install


def _served():
    fused = fuse(lambda x: x * 2 + 1)
    np.testing.assert_array_equal(fused(X), X * 2 + 1)
    return fused.last_run.backend


@pytest.mark.parametrize(
    "text", ["[console_scripts]\nno equals sign\n", b"\xff\xfe\x00binary"], ids=["malformed", "binary"]
)
def test_damage_of_others_hides_no_backend(damage, provide, load, text):
    provide()
    damage(text)
    records, messages = load()
    assert records["fake"].state is State.LOADED
    assert set(records) >= {"fake", "fallback_numpy"}
    assert "damaged 3.2" not in records
    assert messages == []
    assert _served() == "fake"


def test_a_backend_that_is_declared_badly_is_told(damage, provide, load):
    provide()
    damage("[fuser_core.backends]\nno equals sign\n")
    records, messages = load()
    assert records["damaged 3.2"].state is State.FAILED
    assert records["damaged 3.2"].reason.startswith("damaged 3.2: its entry points cannot be read: TypeError")
    assert messages == [f"fuser_core backend 'damaged 3.2': {records['damaged 3.2'].reason}"]
    assert _served() == "fake"


def test_a_backend_that_is_declared_badly_raises_under_strict(damage, monkeypatch):
    damage("[fuser_core.backends]\nno equals sign\n")
    monkeypatch.setenv("FUSER_STRICT", "1")
    with pytest.raises(PluginLoadError, match=r"of damaged 3\.2: its entry points cannot be read"):
        registry.records()


@pytest.mark.parametrize("target", ["no_such_module:::x", "", "fake_backend:", "..", "fake_backend:no.such"])
def test_a_target_that_names_nothing_is_told(damage, provide, load, target):
    provide(distribution="good", backend="good")
    damage(f"[fuser_core.backends]\nbad = {target}\n")
    records, messages = load()
    assert records["bad"].state is State.FAILED
    assert "damaged 3.2: " in records["bad"].reason
    assert len(messages) == 1
    assert _served() == "good"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            "fuser bad",
            "its entry point `bad = fuser bad` names no module; write `bad = module` or `= module:name`",
        ),
        ("no_such.at_all", "its entry point `bad = no_such.at_all` names a module that is not there"),
    ],
)
def test_a_failure_by_the_entry_point_is_told_as_such(damage, load, target, told):
    damage(f"[fuser_core.backends]\nbad = {target}\n")
    assert load()[0]["bad"].reason.endswith(told)


@pytest.mark.parametrize("metadata", [None, "", "Name: damaged\n", "no metadata at all"])
def test_a_distribution_without_a_version_or_name_is_served(damage, provide, load, metadata):
    provide(distribution="good", backend="good", module="good_module")
    damage("[fuser_core.backends]\nnameless = good_module:backend\n", metadata=metadata)
    records, _ = load()
    states = [records["good"].state, records["nameless"].state]
    assert State.LOADED in states  # one module provides both, so one of them is refused by name
    assert "good_module" not in records["nameless"].distribution


def test_one_distribution_that_declares_a_name_twice_is_told(damage, load):
    damage("[fuser_core.backends]\ntwice = one_module:backend\ntwice = another_module:backend\n")
    records, _ = load()
    assert records["twice"].state is State.FAILED
    assert records["twice"].reason == (
        "damaged 3.2: it declares several backends of this name, another_module:backend and one_module:backend; give "
        "each a name of its own"
    )


def test_three_distributions_of_one_name_are_told(provide, load):
    for version in ("1.0", "2.0", "3.0"):
        provide(distribution=f"fake-{version[0]}", version=version, module=f"module_{version[0]}")
    records, messages = load()
    assert records["fake"].reason == (
        "fake-1 1.0 and fake-2 2.0 and fake-3 3.0: all provide a backend of this name; uninstall all but one of them"
    )
    assert len(messages) == 1
    assert _served() == "fallback_numpy"


def test_a_contest_can_be_settled_by_the_environment(provide, load, monkeypatch):
    provide(distribution="fake-one", module="module_one", source="raise AssertionError('imported')")
    provide(distribution="fake-two", module="module_two", source="raise AssertionError('imported')")
    monkeypatch.setenv("FUSER_DISABLE", "fake")
    records, messages = load()
    assert records["fake"].state is State.DISABLED
    assert messages == []


def test_a_backend_that_is_installed_after_one_was_added_under_its_name_is_a_contest(provide, load):
    registry.add("fake", AcceptingBackend())
    try:
        provide()
        records, _ = load()
        assert records["fake"].state is State.FAILED
        assert records["fake"].reason == (
            "added in this process and fake-backend 1.0: both provide a backend of this name; uninstall one of them"
        )
        with pytest.raises(ArgumentError, match="there is a backend named 'fake' already"):
            registry.add("fake", AcceptingBackend())
    finally:
        registry.remove("fake")
    assert load()[0]["fake"].state is State.LOADED
