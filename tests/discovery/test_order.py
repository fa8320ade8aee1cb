"""Who is asked first: named, then the context, the environment, the priority and the name; never the registration."""

import contextlib
import itertools
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse, use_backends
from fuser_core.backend import Role
from fuser_core.discovery import registry
from fuser_core.testing.devices import DeviceBackend
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(3.0)


def _served_by(**options):
    fused = fuse(**options)(lambda x: x * 2 + 1)
    np.testing.assert_array_equal(fused(X), X * 2 + 1)
    return fused.last_run.backend


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_the_priority_then_the_name_decide(order):
    priorities = {"a": 0, "b": 5, "c": 5}
    with contextlib.ExitStack() as stack:
        for name in order:
            stack.enter_context(installed(name, AcceptingBackend(priority=priorities[name])))
        assert _served_by() == "b"


def test_the_nearer_wish_wins(monkeypatch):
    with contextlib.ExitStack() as stack:
        for name, priority in {"argument": 0, "context": 1, "environment": 2, "priority": 3, "zero": 0}.items():
            stack.enter_context(installed(name, AcceptingBackend(priority=priority)))
        assert _served_by() == "priority"
        monkeypatch.setenv("FUSER_BACKENDS", "environment,priority")
        assert _served_by() == "environment"
        with use_backends("context", "environment"):
            assert _served_by() == "context"
            assert _served_by(backend="argument") == "argument"
        assert _served_by() == "environment"


def test_contexts_nest():
    with installed("one", AcceptingBackend()), installed("two", AcceptingBackend()), use_backends("one"):
        with use_backends("two"):
            assert _served_by() == "two"
        assert _served_by() == "one"


def test_a_changed_order_is_seen_by_a_compiled_function():
    fused = fuse(lambda x: x * 2 + 1)
    with installed("one", AcceptingBackend()), installed("two", AcceptingBackend()):
        for name in ("one", "two", "fallback_numpy", "one"):
            with use_backends(name):
                fused(X)
                assert fused.last_run.backend == name


def test_naming_only_the_fallback_switches_compilation_off():
    with installed("fake", AcceptingBackend()), use_backends("fallback_numpy"):
        assert _served_by() == "fallback_numpy"


def test_naming_nobody_leaves_the_fallback():
    with installed("fake", AcceptingBackend()), use_backends():
        assert _served_by() == "fallback_numpy"


def test_the_reason_of_those_not_asked_is_told():
    with installed("one", AcceptingBackend()), installed("two", AcceptingBackend()), use_backends("two"):
        fused = fuse(lambda x: x * 2)
        fused(X)
        assert "one: not among the backends in use: two" in fused.last_run.reason


def test_those_not_asked_that_serve_other_devices_are_not_told_of():
    with installed("elsewhere", DeviceBackend()), installed("two", AcceptingBackend()), use_backends("two"):
        fused = fuse(lambda x: x * 2)
        fused(X)
        assert "elsewhere" not in fused.last_run.reason
        assert "elsewhere" not in fused.explain(X)
    with installed("elsewhere", DeviceBackend()), use_backends("elsewhere"):
        fused(X)
        assert "elsewhere: this fake runs on fake, not on cpu" in fused.last_run.reason


def test_a_fallback_of_highest_priority_still_comes_last():
    with installed("rescue", AcceptingBackend(role=Role.FALLBACK, priority=99)), installed("fake", AcceptingBackend()):
        assert _served_by() == "fake"


def test_no_fallback_means_none():
    with pytest.raises(FusionDeclinedError, match="fallback_numpy: the caller ruled the fallback out"):
        fuse(fallback=False)(lambda x: x * 2)(X)
    with installed("fake", AcceptingBackend()):
        assert _served_by(fallback=False) == "fake"


def test_a_removed_backend_is_gone():
    fused = fuse(lambda x: x - 1)
    with installed("fake", AcceptingBackend()):
        fused(X)
        assert fused.last_run.backend == "fake"
    fused(X)
    assert fused.last_run.backend == "fallback_numpy"
    assert "fake" not in {record.name for record in registry.records()}


def test_the_order_does_not_depend_on_the_hash_seed():
    program = """
        from fuser_core.testing.fakes import AcceptingBackend
        from fuser_core.discovery import registry
        from fuser_core.selection import Policy, select_backends
        from fuser_core.backend import Device
        for name in ("delta", "alpha", "charlie", "bravo"):
            registry.add(name, AcceptingBackend())
        found = select_backends(registry.records(), Policy(), Device("cpu"))
        print([plugin.name for plugin in found.plugins if plugin.distribution.startswith("added")])
    """
    seen = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", textwrap.dedent(program)]
        seen.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    assert seen == {"['alpha', 'bravo', 'charlie', 'delta']\n"}
