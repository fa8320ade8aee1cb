"""An exception out of a hook: told once, with plugin, distribution and version; the next backend gives the answer."""

# ruff: noqa: PT031  the warning and the result are checked together

import warnings

import numpy as np
import pytest

from fuser_core import FuserError, FuserWarning, fuse, register_fusion, run_fusion
from fuser_core.backend import Accept, Decline, hookimpl
from fuser_core.discovery import registry
from fuser_core.errors import PluginError, PluginHookError, VerificationError
from fuser_core.testing.fakes import (
    AcceptingBackend,
    AnsweringBackend,
    DecliningBackend,
    OnlyBackend,
    RaisingBackend,
    installed,
)
from fuser_core.testing.runner import single

X = np.arange(4.0)
ASKED = ("has_fusion_backend", "supports", "compile")

RAISING = """
from fuser_core.testing.fakes import RaisingBackend
backend = RaisingBackend({hook!r})
"""


def _function(x):
    return np.sqrt(x) * 2 + 1


@pytest.mark.parametrize("hook", ASKED)
def test_the_next_backend_serves(hook, provide):
    provide(version="1.5", source=RAISING.format(hook=hook))
    with installed("next", AcceptingBackend(priority=-1)):
        fused = fuse(_function)
        with pytest.warns(FuserWarning) as caught:
            np.testing.assert_array_equal(fused(X), _function(X))
            np.testing.assert_array_equal(fuse(_function)(X[:2]), _function(X[:2]))
        assert fused.last_run.backend == "next"
        assert f"a defect of the plugin: its hook {hook} raised RuntimeError: a fake defect" in fused.last_run.reason
    assert [str(warning.message) for warning in caught] == [
        (
            f"backend 'fake' of fake-backend 1.5: its hook {hook} raised RuntimeError: a fake defect; the next backend "
            "serves the call; FUSER_STRICT=1 raises it"
        )
    ]


@pytest.mark.parametrize("hook", ASKED)
def test_the_fallback_serves_at_last(hook):
    with installed("fake", RaisingBackend(hook)), pytest.warns(FuserWarning, match=f"its hook {hook} raised"):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy"


@pytest.mark.parametrize("hook", ASKED)
def test_strict_raises(hook, monkeypatch):
    monkeypatch.setenv("FUSER_STRICT", "1")
    with (
        installed("fake", RaisingBackend(hook)),
        pytest.raises(
            PluginHookError, match=f"backend 'fake' of .*: its hook {hook} raised .*; report this to its author"
        ) as caught,
    ):
        fuse(_function)(X)
    assert isinstance(caught.value, PluginError)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_the_defect_is_recorded():
    with installed("fake", RaisingBackend("compile")), pytest.warns(FuserWarning):
        fuse(_function)(X)
        (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
        assert len(plugin.defects) == 1
        assert "its hook compile raised RuntimeError: a fake defect" in plugin.defects[0]


def test_a_named_backend_with_a_defect_raises_and_nobody_serves():
    fused = fuse(backend="fake")(_function)
    told = pytest.raises(FuserError, match="its hook compile raised RuntimeError")
    with installed("fake", RaisingBackend("compile")), pytest.warns(FuserWarning), told:
        fused(X)


@pytest.mark.parametrize("hook", ASKED)
@pytest.mark.parametrize("answer", [None, True, False, "yes", 3], ids=repr)
def test_nonsense_is_a_defect(hook, answer):
    with installed("fake", AnsweringBackend(hook, answer)):
        fused = fuse(_function)
        with pytest.warns(FuserWarning) as caught:
            np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy"
    assert f"its hook {hook} returned {answer!r} instead of " in str(caught[0].message)


def test_a_verdict_is_no_kernel():
    with installed("fake", AnsweringBackend("compile", Accept())):
        fused = fuse(_function)
        with pytest.warns(FuserWarning, match="its hook compile returned Accept"):
            np.testing.assert_array_equal(fused(X), _function(X))


def test_a_decline_without_a_reason_is_a_defect():
    class Silent(AcceptingBackend):
        @hookimpl
        def supports(self, step, device):
            return Decline("  ")

    with installed("fake", Silent()), pytest.warns(FuserWarning, match="a Decline needs a reason: say which operation"):
        np.testing.assert_array_equal(fuse(_function)(X), _function(X))


def test_a_failed_launch_reaches_the_user():
    with installed("fake", RaisingBackend("launch", OSError("the device fell off"))):
        fused = fuse(_function)
        with pytest.raises(OSError, match="the device fell off"):
            fused(X)


def test_an_error_of_a_launch_says_whose_it_is(provide):
    provide(version="1.5", source=RAISING.format(hook="launch"))
    note = (
        "raised by backend 'fake' of fake-backend 1.5, in its hook launch; if it is no fault of yours, report it to "
        "the backend's author, and FUSER_DISABLE=fake goes on without it"
    )
    fused = fuse(_function)
    for _ in range(3):  # the first call, a warm one, a direct one
        with pytest.raises(RuntimeError, match="a fake defect") as caught:
            fused(X)
        assert caught.value.__notes__ == [note]
    with pytest.raises(RuntimeError, match="a fake defect") as caught:
        run_fusion(register_fusion(single("exp")), [X])
    assert caught.value.__notes__ == [note]


def test_a_wrong_answer_is_a_defect_of_its_plugin(provide, monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", "1")
    provide(version="1.5", source="from fuser_core.testing.fakes import WrongBackend\nbackend = WrongBackend()")
    with pytest.raises(VerificationError, match=r"Report this to the author of fake \(fake-backend 1\.5\)") as caught:
        fuse(_function)(X)
    assert not hasattr(caught.value, "__notes__")
    (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
    assert len(plugin.defects) == 1
    assert plugin.defects[0].startswith("fake computed output 0 wrong: 1 of 4 elements")


@pytest.mark.parametrize("hook", ASKED)
def test_a_decline_is_no_defect(hook):
    with installed("fake", DecliningBackend(hook, "not today")), warnings.catch_warnings():
        warnings.simplefilter("ignore", FuserWarning)
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
        assert plugin.defects == []
        assert "fake: not today" in fused.last_run.reason


def test_one_unsupported_step_does_not_drag_the_others_along():
    with installed("fake", OnlyBackend({"multiply", "add"})), pytest.warns(FuserWarning, match="this fake has no sqrt"):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy + fake"
