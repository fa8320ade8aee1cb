"""``fuser-core backends``: states, reasons, and the order of asking."""

import json
import warnings

import pytest

from fuser_core import discovery, override_can_fuse_on_cpu, refresh_backends
from fuser_core.backend import Accept, Role, hookimpl
from fuser_core.cli import _show
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, RaisingBackend, installed


class _OnEveryDevice(AcceptingBackend):
    @hookimpl
    def has_fusion_backend(self, device):
        return Accept()


@pytest.fixture
def rows(run):
    """``rows()`` returns what ``backends --json`` says, by name."""

    def read():
        status, out, _ = run("backends", "--json")
        assert status == 0
        return {row["name"]: row for row in json.loads(out)}

    return read


def test_a_ready_backend(rows):
    with installed("fake", AcceptingBackend(priority=7)):
        found = rows()
    assert list(found)[:2] == ["fake", "fallback_numpy"]
    assert found["fake"] == {
        "name": "fake",
        "state": "ready",
        "reason": "",
        "role": "compiler",
        "priority": 7,
        "distribution": "added in this process",
        "version": None,
        "devices": ["cpu"],
        "order": {"cpu": 1},
        "declined": {"cuda": "this fake runs on the CPU only, not on cuda:0"},
        "notes": {},
        "trial": None,
        "defects": [],
    }
    assert found["fallback_numpy"]["distribution"] == "fuser-fallback-numpy"
    assert found["fallback_numpy"]["version"] == "0.1.0"
    assert found["fallback_numpy"]["order"] == {"cpu": 2}


class _WithNote(AcceptingBackend):
    @hookimpl
    def has_fusion_backend(self, device):
        return Accept("it likes rain") if device.kind == "cpu" else Accept()


def test_what_a_backend_tells_of_itself_is_shown(rows, run):
    with installed("fake", _WithNote()):
        assert rows()["fake"]["notes"] == {"cpu": "it likes rain"}
        lines = run("backends")[1].splitlines()
    (place,) = [place for place, line in enumerate(lines) if line.startswith("fake ")]
    assert lines[place + 1] == "    it likes rain"


def test_the_order_is_that_of_asking(rows, monkeypatch):
    with (
        installed("low", AcceptingBackend(priority=1)),
        installed("high", _OnEveryDevice(priority=2)),
        installed("other_fallback", AcceptingBackend(role=Role.FALLBACK)),
    ):
        found = rows()
        assert [name for name, row in found.items() if row["order"]] == [
            "high",
            "low",
            "other_fallback",
            "fallback_numpy",
        ]
        assert found["high"]["order"] == {"cpu": 1, "cuda": 1}
        monkeypatch.setenv("FUSER_BACKENDS", "low,high")
        found = rows()
        assert [name for name, row in found.items() if row["order"]][:2] == ["low", "high"]
        monkeypatch.setenv("FUSER_BACKENDS", "low")
        found = rows()
        assert (found["high"]["state"], found["high"]["order"]) == ("unused", {})
        assert found["high"]["reason"] == "not among the backends in use: low"


@pytest.mark.parametrize(
    ("plugin", "state", "reason"),
    [
        (DecliningBackend("has_fusion_backend", "no driver"), "unusable", "cpu: no driver; cuda: no driver"),
        (RaisingBackend("has_fusion_backend"), "unusable", "its hook has_fusion_backend raised RuntimeError: a fake"),
        (object(), "failed", "it does not state FUSER_API; write `FUSER_API = 1` in its module"),
    ],
)
def test_why_a_backend_is_not_used(plugin, state, reason, rows, run):
    with installed("fake", plugin):
        row = rows()["fake"]
        _, out, err = run("backends")
    assert row["state"] == state
    assert reason in row["reason"]
    assert row["order"] == {}
    line = next(number for number, text in enumerate(out.splitlines()) if text.startswith("fake "))
    assert state in out.splitlines()[line]
    assert out.splitlines()[line + 1].startswith("    ")
    assert " ".join(reason.split()) in " ".join(out.split())
    assert err == ""


def test_a_disabled_backend(rows, monkeypatch):
    with installed("fake", AcceptingBackend()):
        monkeypatch.setenv("FUSER_DISABLE", "fake")
        refresh_backends()
        assert (rows()["fake"]["state"], rows()["fake"]["reason"]) == ("off", "named in FUSER_DISABLE")


def test_a_switched_off_device(rows):
    override_can_fuse_on_cpu(False)
    with installed("fake", AcceptingBackend()):
        row = rows()["fake"]
    assert row["state"] == "unused"
    assert row["reason"] == "fusion on cpu is switched off; override_can_fuse_on_cpu(True) switches it on"


def test_the_table(run):
    with installed("fake", _OnEveryDevice(priority=7)):
        status, out, err = run("backends")
    header, *lines = out.splitlines()
    assert (status, err) == (0, "")
    assert header.split() == ["backend", "role", "state", "asked", "version", "distribution"]
    assert lines[0].split("  ")[0] == "fake"
    assert "1st for cpu, 1st for cuda" in lines[0]
    assert "2nd for cpu" in lines[1]
    columns = [header.index(word) for word in header.split()]
    assert all(line[column - 1] == " " for line in lines[:2] for column in columns[1:])


@pytest.mark.parametrize("width", [60, 80, 100, 300])
def test_reasons_are_folded_to_the_terminal(width, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    with installed("fake", DecliningBackend("has_fusion_backend", "word " * 100)):
        _, out, _ = run("backends")
    folded = [line for line in out.splitlines() if line.startswith("    ")]
    assert max(map(len, folded)) <= min(width, 100)
    assert " ".join(" ".join(folded).split()).count("word") == 200


def test_without_any_backend(run, monkeypatch):
    monkeypatch.setattr(discovery.registry, "_records", {})
    assert run("backends") == (
        1,
        "No backend is installed. Reinstall fuser-core, whose fallback is always there.\n",
        "",
    )
    assert run("backends", "--json") == (1, "[]\n", "")


def test_a_backend_that_is_not_there_is_told(run, monkeypatch):
    monkeypatch.setenv("FUSER_BACKENDS", "fallback_nunpy")
    status, out, err = run("backends")
    assert (status, out) == (1, "")
    assert err.startswith("fuser-core: error: no backend named 'fallback_nunpy' is installed; did you mean")


def test_warnings_are_shown_without_our_code(capsys):
    with warnings.catch_warnings():
        warnings.showwarning = _show
        warnings.simplefilter("always")
        warnings.warn("something", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "fuser-core: warning: something\n"
