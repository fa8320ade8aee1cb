"""Hooks with their parameters in disorder: given what they name, or refused in words; never called with less."""

# ruff: noqa: PT031  the warning and the result are checked together

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse
from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(4.0)


def _function(x):
    return np.sqrt(x) * 2 + 1


def test_launch_is_given_its_arguments_by_name():
    class Disordered(AcceptingBackend):
        @hookimpl
        def launch(self, outputs, threads, inputs, kernel):
            kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs])

    class Sparing(AcceptingBackend):
        @hookimpl
        def launch(self, kernel, inputs, outputs):
            kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs])

    for backend in (Disordered(), Sparing()):
        with installed("fake", backend):
            fused = fuse(_function)
            np.testing.assert_array_equal(fused(X), _function(X))
            assert fused.last_run.backend == "fake"


@pytest.mark.parametrize(
    ("launch", "told"),
    [
        (lambda self, kernel, inputs, outputs, threads=1: None, "its hook launch has a default for threads"),
        (lambda self, *args: None, r"its hook launch takes \*args, which gets nothing; name the parameters"),
        (lambda self, kernel, **kwargs: None, r"its hook launch takes \*\*kwargs, which gets nothing"),
    ],
)
def test_a_parameter_that_would_never_be_given_anything_is_told(launch, told):
    backend = type("Odd", (AcceptingBackend,), {"launch": hookimpl(launch)})()
    with installed("fake", backend), pytest.warns(FuserWarning, match=told):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy"


def test_a_backend_that_only_wraps_launch_makes_no_kernels():
    class Watching(AcceptingBackend):
        @hookimpl(wrapper=True)
        def launch(self, kernel, inputs, outputs, threads):
            return (yield)

    with installed("fake", Watching()), pytest.warns(FuserWarning, match="its hook launch only wraps those of other"):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy"


def test_hooks_of_a_plugin_that_fails_half_way_are_gone():
    class Half(AcceptingBackend):
        @hookimpl(wrapper=True, specname="launch")
        def a_wrapper(self, kernel, inputs, outputs, threads):
            raise AssertionError("a hook of a plugin that was refused")
            yield

        @hookimpl
        def no_such_hook(self):
            pass

    told = pytest.warns(FuserWarning, match="unknown hook 'no_such_hook'")
    with told, installed("half", Half()), installed("fake", AcceptingBackend()):
        fused = fuse(_function)
        np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fake"
