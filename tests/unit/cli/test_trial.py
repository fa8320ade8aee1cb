"""``fuser-core backends --check``: each backend is tried, and what is wrong with it is told."""

import json

import pytest

from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import (
    AcceptingBackend,
    DecliningBackend,
    OnlyBackend,
    RaisingBackend,
    WrongBackend,
    installed,
)


def _row(run, plugin, *options):
    with installed("fake", plugin):
        status, out, _ = run("backends", "--check", "--json", *options)
        text = run("backends", "--check")[1]
    return status, next(row for row in json.loads(out) if row["name"] == "fake"), " ".join(text.split())


def test_a_right_backend(run):
    status, row, text = _row(run, AcceptingBackend())
    assert (status, row["state"], row["defects"]) == (0, "ready", [])
    assert row["trial"].startswith("x * y + x with its maximum of 1,003 elements are right, in ")
    assert "x * y + x with its maximum of 1,003 elements" in text


@pytest.mark.parametrize(
    ("plugin", "trial", "defect"),
    [
        (RaisingBackend("compile"), "its hook compile raised RuntimeError: a fake defect", "its hook compile raised"),
        (
            RaisingBackend("supports"),
            "its hook supports raised RuntimeError: a fake defect",
            "its hook supports raised",
        ),
        (RaisingBackend("launch"), "x * y + x with its maximum failed: RuntimeError: a fake defect", ""),
        (WrongBackend(), "it computes x * y + x with its maximum wrong; FUSER_VERIFY=1 shows where", ""),
    ],
    ids=["compile", "supports", "launch", "wrong"],
)
def test_what_is_wrong_is_told(plugin, trial, defect, run):
    status, row, text = _row(run, plugin)
    assert (status, row["state"]) == (1, "wrong")
    assert trial in row["trial"]
    assert " ".join(trial.split()) in text
    assert [defect in each for each in row["defects"]] == [True] * bool(defect)


def test_with_verification_it_says_where(run, monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", "1")
    status, row, text = _row(run, WrongBackend())
    assert (status, row["state"]) == (1, "wrong")
    assert "1 of 1003 elements" in row["trial"]
    assert "computed output 0 wrong: 1 of 1003 elements" in row["defects"][0]
    assert "Report this to the author of fake (added in this process)" in text


@pytest.mark.parametrize(
    ("plugin", "trial"),
    [
        (DecliningBackend("supports", "not today"), "nothing was tried: it declines x * y + x: not today"),
        (OnlyBackend({"exp"}), "right, of 1,003 elements: exp of float64, exp of float32, exp of complex128; it decl"),
        (OnlyBackend({"sum"}), "right, of 1,003 elements: sum of float64, sum of float32, sum of int64"),
        (OnlyBackend({"multiply", "add"}), "x * y + x of 1,003 elements is right, in "),
    ],
    ids=["all", "most", "elementwise", "reductions"],
)
def test_to_decline_is_no_fault(plugin, trial, run):
    status, row, _ = _row(run, plugin)
    assert (status, row["state"], row["defects"]) == (0, "ready", [])
    assert row["trial"].startswith(trial)
    assert "it declines x * y + x" in row["trial"]


@pytest.mark.parametrize(
    ("held", "trial"),
    [({"multiply", "add"}, "it computes x * y + x wrong"), ({"exp"}, "it computes exp of float64 wrong")],
    ids=["program", "operation"],
)
def test_what_a_backend_of_few_operations_computes_wrong_is_told(held, trial, run):
    class Wrong(OnlyBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            super().launch(kernel, inputs, outputs, threads)
            outputs[0].array[-1] = 7

    status, row, _ = _row(run, Wrong(held))
    assert (status, row["state"]) == (1, "wrong")
    assert row["trial"].startswith(trial)


def test_what_is_not_asked_is_not_tried(run):
    class Absent(AcceptingBackend):
        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            raise AssertionError("a backend that is not in use was tried")

    absent = Absent()
    absent.DEVICES = ("fake",)
    status, row, _ = _row(run, absent)
    assert (status, row["trial"]) == (0, None)


def test_without_the_option_nothing_is_compiled(run):
    plugin = AcceptingBackend()
    with installed("fake", plugin):
        run("backends")
    assert plugin.compiled == []
