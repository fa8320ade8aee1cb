"""Defects are told once, whoever finds them and however many there are; interruptions are no defects."""

import sys
import threading
import warnings

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse, register_fusion, run_fusion
from fuser_core.backend import Decline, Device, hookimpl
from fuser_core.testing.fakes import AcceptingBackend, RaisingBackend, installed
from fuser_core.testing.runner import single

X = np.arange(4.0)
ASKED = ("has_fusion_backend", "supports", "compile")
CPU = Device("cpu")


def _function(x):
    return np.sqrt(x) * 2 + 1


def test_eight_threads_tell_a_defect_once(plugin_of):
    barrier = threading.Barrier(8)
    with installed("fake", RaisingBackend("has_fusion_backend")), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plugin = plugin_of("fake")

        def ask():
            barrier.wait(20)
            for _ in range(50):
                assert isinstance(plugin.has_fusion_backend(CPU), Decline)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert len(caught) == 1
    assert len(plugin.defects) == 1


def test_defects_that_are_never_the_same_are_not_kept_without_end(plugin_of):
    class Counting(AcceptingBackend):
        calls = 0

        @hookimpl
        def has_fusion_backend(self, device):
            self.calls += 1
            raise RuntimeError(f"failure number {self.calls}")

    with installed("fake", Counting()), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plugin = plugin_of("fake")
        for _ in range(500):
            plugin.has_fusion_backend(CPU)
    assert len(caught) == len(plugin.defects) == 100


def test_a_defect_that_is_an_error_by_filter_raises_once():
    fused = fuse(_function)
    with installed("fake", RaisingBackend("compile")), warnings.catch_warnings():
        warnings.simplefilter("error", FuserWarning)
        with pytest.raises(FuserWarning, match="its hook compile raised"):
            fused(X)
        with pytest.raises(FuserWarning, match="a part runs through fallback_numpy"):
            fused(X)
        np.testing.assert_array_equal(fused(X), _function(X))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("hook", [*ASKED, "launch"])
def test_an_interruption_goes_through_and_leaves_everything_usable(hook, error, plugin_of):
    fused = fuse(_function)
    stack, key = [X], register_fusion(single("exp"))
    with installed("fake", RaisingBackend(hook, error())):
        with pytest.raises(error):
            fused(X)
        with pytest.raises(error):
            run_fusion(key, stack)
        assert stack[0] is X
        assert plugin_of("fake").defects == []
    np.testing.assert_array_equal(fused(X), _function(X))


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit"])
def test_an_interrupted_import_is_tried_again(error, provide):
    source = (
        f"import sys\nsys.imports_of_fake = getattr(sys, 'imports_of_fake', 0) + 1\n"
        f"if sys.imports_of_fake == 1:\n    raise {error}\n"
        "from fuser_core.testing.fakes import AcceptingBackend\nbackend = AcceptingBackend()\n"
    )
    provide(source=source)
    fused = fuse(_function)
    try:
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            fused(X)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fake"
    finally:
        del sys.imports_of_fake
