"""Artifacts, the code that kernels show: made when somebody reads them, and harmless when they cannot be had."""

from types import SimpleNamespace

import numpy as np
import pytest

from fuser_core import FuserWarning, debug_get_fused_kernel_code
from fuser_core.errors import PluginHookError
from fuser_core.testing.fakes import AnsweringBackend, installed
from fuser_core.testing.runner import Runner, single

X = np.arange(4.0)


def _kernel_with(artifacts):
    class Kernel:
        made = 0

        @property
        def artifacts(self):
            Kernel.made += 1
            return artifacts() if callable(artifacts) else artifacts

    return Kernel()


def test_artifacts_are_not_made_before_somebody_reads_them():
    kernel = _kernel_with({"ir": "text"})
    with installed("fake", AnsweringBackend("compile", kernel)):
        (group,) = Runner("fake").program(single("exp"), [X]).groups
        assert group.compiled.kernel is kernel
        assert kernel.made == 0
        assert group.compiled.artifacts == {"ir": "text"}


def test_artifacts_may_be_an_attribute_however_it_is_found():
    class Proxy:
        def __getattr__(self, name):
            return {"ir": "text"}

    for kernel in (SimpleNamespace(artifacts={}), Proxy()):
        with installed("fake", AnsweringBackend("compile", kernel)):
            (group,) = Runner("fake").program(single("exp"), [X]).groups
            assert group.compiled.kernel is kernel


@pytest.mark.parametrize(
    ("artifacts", "told"),
    [
        (lambda: 1 / 0, "the artifacts of its kernel raised ZeroDivisionError"),
        ("text", "the artifacts of its kernel raised ValueError"),
        (None, "the artifacts of its kernel raised TypeError"),
        ({"ir": b"bytes"}, "the artifacts of its kernel are {'ir': b'bytes'} instead of a mapping from names to texts"),
    ],
    ids=["raise", "text", "None", "bytes"],
)
def test_artifacts_that_cannot_be_had_are_told_in_their_place(artifacts, told, plugin_of):
    with installed("fake", AnsweringBackend("compile", _kernel_with(artifacts))):
        plugin = plugin_of("fake")
        with pytest.warns(FuserWarning, match="backend 'fake' of added in this process: the artifacts of"):
            assert told in plugin.artifacts(_kernel_with(artifacts))["defect"]
        assert len(plugin.defects) == 1


def test_artifacts_that_cannot_be_had_raise_under_strict(monkeypatch, plugin_of):
    monkeypatch.setenv("FUSER_STRICT", "1")
    kernel = _kernel_with(lambda: 1 / 0)
    told = pytest.raises(PluginHookError, match="the artifacts of its kernel raised ZeroDivisionError")
    with installed("fake", AnsweringBackend("compile", kernel)), told:
        plugin_of("fake").artifacts(kernel)


def test_the_debug_door_shows_the_defect():
    kernel = _kernel_with(lambda: 1 / 0)
    with installed("fake", AnsweringBackend("compile", kernel)), pytest.warns(FuserWarning, match="ZeroDivisionError"):
        assert "the artifacts of its kernel raised" in debug_get_fused_kernel_code(single("exp"), [X])
