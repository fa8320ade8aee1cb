"""Plugins that call fused functions while they are asked or imported: a defect, and never a deadlock."""

import warnings

import numpy as np
import pytest

from fuser_core import FuserWarning, can_fuse_on_cpu, fuse
from fuser_core.backend import Accept, Decline, hookimpl
from fuser_core.discovery import registry
from fuser_core.errors import PluginLoadError
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(4.0)
ASKED = ("has_fusion_backend", "supports", "compile")


def _function(x):
    return np.sqrt(x) * 2 + 1


@pytest.mark.parametrize("hook", ASKED)
def test_a_hook_that_calls_a_fused_function_is_a_defect(hook):
    inner = fuse(lambda x: x * 3 - 2)
    fused = fuse(lambda x: x * 3 - 2)  # the same graph: the hook would wait for itself

    class Calling(AcceptingBackend):
        def _call(self, where):
            if where == hook:
                inner(X)

        @hookimpl
        def has_fusion_backend(self, device):
            self._call("has_fusion_backend")
            return Accept()

        @hookimpl
        def supports(self, step, device):
            self._call("supports")
            return Accept()

        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            self._call("compile")
            return super().compile_group(group, options)

    with installed("fake", Calling()):
        told = f"its hook {hook} raised PluginHookError: a hook calls a fused function"
        with pytest.warns(FuserWarning, match=told):
            np.testing.assert_array_equal(fused(X), X * 3 - 2)
        assert fused.last_run.backend == "fallback_numpy"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FuserWarning)  # of the fallback, where `compile` is not asked a second time
            np.testing.assert_array_equal(fuse(lambda x: x * 3 - 2)(X), X * 3 - 2)


def test_a_launch_may_call_fused_functions():
    inner = fuse(backend="fallback_numpy")(lambda x: x * 3 - 2)

    class Calling(AcceptingBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs, threads):
            inner(X)
            super().launch(kernel, inputs, outputs, threads)

    with installed("fake", Calling()):
        fused = fuse(lambda x: x * 3 - 2)
        np.testing.assert_array_equal(fused(X), X * 3 - 2)
        assert fused.last_run.backend == "fake"


def test_a_backend_that_asks_whether_it_can_fuse_has_its_answer():
    class Asking(AcceptingBackend):
        @hookimpl
        def has_fusion_backend(self, device):
            return Accept() if can_fuse_on_cpu() else Decline("cannot fuse")

    with installed("fake", Asking()), pytest.warns(FuserWarning, match="asked again before it has answered"):
        assert can_fuse_on_cpu() is False


def test_a_backend_may_ask_another(plugin_of):
    class Delegating(AcceptingBackend):
        @hookimpl
        def supports(self, step, device):
            return plugin_of("other").supports(step, device)

        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            return plugin_of("other").compile(group, options)

    with installed("fake", Delegating(priority=1)), installed("other", AcceptingBackend()):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fake"


CALLS_AT_IMPORT = """
import numpy as np
from fuser_core import fuse
assert fuse(lambda x: x + 1)(np.ones(3))[0] == 2
from fuser_core.testing.fakes import AcceptingBackend
backend = AcceptingBackend()
"""


def test_a_module_that_calls_a_fused_function_while_it_is_imported_is_told(provide, load):
    provide(source=CALLS_AT_IMPORT)
    records, messages = load()
    told = "cannot be imported: PluginLoadError: a fused function is called, or backends are asked for, by a plugin"
    assert told in records["fake"].reason
    assert len(messages) == 1
    np.testing.assert_array_equal(fuse(_function)(X), _function(X))


def test_a_module_that_calls_a_fused_function_while_it_is_imported_raises_under_strict(provide, monkeypatch):
    provide(source=CALLS_AT_IMPORT)
    monkeypatch.setenv("FUSER_STRICT", "1")
    with pytest.raises(PluginLoadError, match="cannot be imported: PluginLoadError: a fused function is called"):
        registry.records()
