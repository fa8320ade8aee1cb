"""Wrappers: a plugin that wraps ``launch``, a profiler say, is honoured, and costs nothing where there is none."""

import numpy as np

from fuser_core import fuse
from fuser_core.backend import Decline, hookimpl
from fuser_core.discovery import registry
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(3.0)


class Profiler(AcceptingBackend):
    """Declines everything, and counts what others launch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    @hookimpl
    def has_fusion_backend(self, device):
        return Decline("a profiler compiles nothing")

    @hookimpl(wrapper=True)
    def launch(self, kernel, inputs, outputs, threads):
        self.seen.append((len(inputs), len(outputs), threads))
        return (yield)


def test_a_wrapper_sees_every_launch():
    profiler, backend = Profiler(), AcceptingBackend()
    with installed("profiler", profiler), installed("fake", backend):
        fused = fuse(threads=3)(lambda x, y: x * y)
        for _ in range(2):
            np.testing.assert_array_equal(fused(X, X + 1), X * (X + 1))
        assert fused.last_run.backend == "fake"
    assert profiler.seen == [(2, 1, 3)] * 2
    assert backend.launches == 2


def test_only_the_backend_that_compiled_launches():
    one, two = AcceptingBackend(priority=1), AcceptingBackend()
    with installed("profiler", Profiler()), installed("one", one), installed("two", two):
        fuse(lambda x: x + 2)(X)
    assert (one.launches, two.launches) == (1, 0)


def test_launch_is_bound_where_nobody_wraps():
    backend = AcceptingBackend()
    with installed("fake", backend):
        (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
        assert plugin.launch == backend.launch
